/** How far the header Service-Worker-Allowed of an origin reaches (Service Workers §Update, step 7). */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Policy } from '../../src/policy/policy.ts'
import type { Route } from '../../src/site/site.ts'
import { createGate } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'

const signedIn: Policy = { kind: 'signed-in' }
const open: Policy = { kind: 'public' }
const routes: readonly Route[] = [
  { path: '/', policy: signedIn },
  { path: '/team', policy: signedIn },
  { path: '/team/tools', policy: signedIn },
  { path: '/assets', policy: open },
  { path: '/assets/team', policy: signedIn },
  { path: '/sw.js', policy: open },
  { path: '/js/open.js', policy: open },
]

async function allowedAt(path: string, asked: string): Promise<string | null> {
  const gate = createGate({
    site: { routes },
    origin: () => new Response('', { headers: { 'Service-Worker-Allowed': asked } }),
  })
  const { token } = await signIn()
  const answer = await gate.ask(requestWith(token, `https://app.example.com${path}`))
  expect(answer.status).toBe(200)
  return answer.headers.get('Service-Worker-Allowed')
}

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

describe('a service worker', () => {
  it.each([
    ['/js/sw.js', '/', '/'],
    ['/js/sw.js', '/board/', '/board/'],
    ['/js/sw.js', './x/', './x/'],
    ['/team/js/sw.js', '/', '/'],
    ['/team/tools/js/sw.js', '/team/', '/team/'],
    ['/assets/js/sw.js', '/assets/', '/assets/'],
    ['/assets/js/sw.js', '../', '../'],
    ['/assets/js/sw.js', 'https://app.example.com/assets/x/', 'https://app.example.com/assets/x/'],
    // By itself it has the folder of its script, whoever may read the script.
    ['/sw.js', '/', '/'],
  ])('may have what the policy of its script grants: %s, %s', async (path, asked, allowed) => {
    expect(await allowedAt(path, asked)).toBe(allowed)
  })

  it.each([
    ['/assets/js/sw.js', '/', '/assets/'],
    // A scope is a prefix of an address: this one has /assets-of-others too.
    ['/assets/js/sw.js', '/assets', '/assets/'],
    ['/assets/js/sw.js', '/assets/../', '/assets/'],
    ['/assets/js/sw.js', '/assets/%2e%2e/', '/assets/'],
    ['/assets/js/sw.js', '/team/', '/assets/'],
    ['/assets/js/sw.js', '', '/assets/js/sw.js'],
    ['/assets/team/js/sw.js', '/', '/assets/team/'],
  ])('may not have more: %s, %s', async (path, asked, allowed) => {
    const found = await allowedAt(path, asked)
    expect(new URL(found ?? '', `https://app.example.com${path}`).pathname).toBe(allowed)
  })

  it.each(['/', '/js', '/js/../team/'])(
    'is left with its own folder where only the script itself has its policy: %s',
    async (asked) => {
      expect(await allowedAt('/js/open.js', asked)).toBeNull()
    },
  )

  it.each(['https://evil.example/', '//evil.example/', 'https://['])(
    'is left with its own folder where the header names no path of the site: %s',
    async (asked) => {
      expect(await allowedAt('/assets/js/sw.js', asked)).toBeNull()
    },
  )
})
