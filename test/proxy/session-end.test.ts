/** `Gatehouse-Session-Expires`: when the session ends, on answers of protected routes. */
import { beforeEach, describe, expect, it } from 'vitest'
import { plusSeconds } from '../../src/lib/instant.ts'
import { createGate } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'
import { noon } from '../support/site.ts'

const EXPIRES = 'Gatehouse-Session-Expires'
const site = {
  routes: [
    { path: '/', policy: { kind: 'signed-in' } },
    { path: '/public', policy: { kind: 'public' } },
  ],
  corsOrigins: ['https://friend.example'],
  announceSessionEnd: true,
} as const
const url = (path: string) => `https://app.example.com${path}`

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

describe('an answer on a protected route', () => {
  it.each([
    [null, 0, 'Tue, 24 Nov 2026 20:00:00 GMT'],
    [3600, 0, 'Tue, 24 Nov 2026 13:00:00 GMT'],
    // Each request moves the idle limit on, but not the absolute end.
    [3600, 1800, 'Tue, 24 Nov 2026 13:30:00 GMT'],
    [8 * 3600, 1800, 'Tue, 24 Nov 2026 20:00:00 GMT'],
  ])(
    'names the earlier of the idle limit (%s s) and the absolute end, %s s after sign-in',
    async (idleSeconds, later, expected) => {
      const { ask } = createGate({ site })
      const { request } = await signIn({ idleSeconds })
      const answer = await ask(request, plusSeconds(noon, later))
      expect(answer.headers.get(EXPIRES)).toBe(expected)
      // RFC 9110 §5.6.7
      expect(new Date(Date.parse(expected)).toUTCString()).toBe(expected)
    },
  )

  it('is kept by no shared cache, whatever the origin says', async () => {
    const origin = () =>
      new Response('', { headers: { 'Cache-Control': 'public, s-maxage=60, max-age=5' } })
    const { request } = await signIn()
    const { headers } = await createGate({ site, origin }).ask(request)
    expect(headers.get('Cache-Control')).toBe('private, max-age=5')
  })

  it('says nothing where the site does not ask for it', async () => {
    const { request } = await signIn()
    const { headers } = await createGate({ site: { ...site, announceSessionEnd: false } }).ask(
      request,
    )
    expect(headers.has(EXPIRES)).toBe(false)
  })

  it('lets pages of the site and of corsOrigins read it, and no others', async () => {
    const origin = () =>
      new Response('', {
        headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'X-Own' },
      })
    const { token } = await signIn()
    const exposedTo = async (from: string) => {
      const request = requestWith(token, url('/api'), { headers: { Origin: from } })
      const { headers } = await createGate({ site, origin }).ask(request)
      return headers.get('Access-Control-Expose-Headers')
    }
    expect(await exposedTo('https://friend.example')).toBe(`X-Own, ${EXPIRES}`)
    expect(await exposedTo('https://app.example.com')).toBe(`X-Own, ${EXPIRES}`)
    expect(await exposedTo('https://evil.example')).toBe('X-Own')
  })
})

describe('the origin', () => {
  it.each([
    ['on a protected route', '/', true, 'Tue, 24 Nov 2026 20:00:00 GMT'],
    ['on a protected route of a site that does not ask for it', '/', false, null],
    ['on a public route', '/public', true, null],
  ])('cannot set the header %s', async (_, path, announceSessionEnd, expected) => {
    const origin = () =>
      new Response('', { headers: { [EXPIRES]: 'Fri, 01 Jan 2100 00:00:00 GMT' } })
    const { token } = await signIn()
    const { ask } = createGate({ site: { ...site, announceSessionEnd }, origin })
    const { headers } = await ask(requestWith(token, url(path)))
    expect(headers.get(EXPIRES)).toBe(expected)
  })
})
