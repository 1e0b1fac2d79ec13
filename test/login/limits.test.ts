/** One client that asks too often, and the others, through the whole Worker. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { locationOf } from '../support/browser.ts'
import { watched } from '../support/binding.ts'
import { firstOver } from '../support/limit.ts'
import { emptyStores } from '../support/session.ts'
import { fetchSettled } from '../support/worker.ts'
import { createGatehouse } from '../../src/app.ts'
import { configOf, createStage, SITE, stepsOf } from './stage.ts'

const ACS = `${SITE}/.gatehouse/saml/okta/acs`
const LOGIN = `${SITE}/.gatehouse/login?go=1&to=%2Fboard`
const html = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }

beforeEach(emptyStores)

/** An isolate, its D1 watched. */
function createIsolate() {
  const db = watched(env.DB)
  const worker = createGatehouse(configOf())
  const bindings = {
    ...env,
    DB: db.binding,
    LIMITS: env.FEW,
    ORIGIN: { fetch: () => new Response('the page behind') },
  }
  const ask = (url: string, client: string, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(url, { redirect: 'manual', headers: html, ...init })
    request.headers.set('CF-Connecting-IP', client)
    return fetchSettled(worker, request, bindings)
  }
  return { db, ask }
}

describe('a client that begins too many sign-ins', () => {
  it('gets a page that says what to do, costs D1 nothing, and holds up nobody else', async () => {
    await createStage()
    const { db, ask } = createIsolate()
    expect((await ask(LOGIN, '203.0.113.1')).status).toBe(302)
    const over = await firstOver(() => ask(LOGIN, '203.0.113.1'))
    expect(over.headers.get('Retry-After')).toBe('60')
    expect(over.headers.get('Cache-Control')).toBe('no-store')
    const page = await over.text()
    expect(page).toContain('Wait a minute, and try again.')
    expect(stepsOf(page)).toMatchObject([
      { label: 'Try again', action: '/.gatehouse/login', fields: { to: '/board' } },
    ])
    const before = db.calls.length
    await ask(LOGIN, '203.0.113.1')
    expect(db.calls.length).toBe(before)
    expect((await ask(LOGIN, '203.0.113.2')).status).toBe(302)
  })

  it('is told as JSON if it is a program', async () => {
    await createStage()
    const { ask } = createIsolate()
    const headers = { Accept: 'application/json' }
    const over = await firstOver(() => ask(LOGIN, '203.0.113.3', { headers }))
    expect(await over.json()).toMatchObject({ error: 'too-many-requests' })
    expect(over.headers.get('Retry-After')).toBe('60')
  })

  it('still reaches public pages, and its answers of identity providers have counts of their own', async () => {
    await createStage()
    const { ask } = createIsolate()
    await firstOver(() => ask(LOGIN, '203.0.113.4'))
    expect((await ask(`${SITE}/public`, '203.0.113.4')).status).toBe(200)
    const post = { method: 'POST', body: new URLSearchParams({ SAMLResponse: 'x' }) }
    expect((await ask(ACS, '203.0.113.4', post)).status).toBe(303)
  })
})

describe('a client that posts too many answers', () => {
  it('gets the page before its body is read, and another client signs in', async () => {
    const stage = await createStage()
    const { ask } = createIsolate()
    const post = () => ({ method: 'POST', body: new URLSearchParams({ SAMLResponse: 'x' }) })
    const over = await firstOver(() => ask(ACS, '203.0.113.5', post()))
    expect(stepsOf(await over.text())).toMatchObject([
      { label: 'Try again', action: '/.gatehouse/login', fields: { to: '/.gatehouse/back' } },
    ])
    const signedIn = await stage.signIn(stage.browser({ LIMITS: env.FEW }), '/board')
    expect(locationOf(signedIn)).toBe(`${SITE}/board`)
  })

  it('cannot hold up what an identity provider sends itself, from addresses that others share', async () => {
    await createStage()
    const { ask } = createIsolate()
    const paths = ['saml/okta/slo/soap', 'revocation/okta', 'signals/none'] as const
    for (const path of paths) {
      const statuses = new Set<number>()
      for (let i = 0; i < 41; i++) {
        const init = { method: 'POST', body: 'x', headers: { Accept: '*/*' } }
        statuses.add((await ask(`${SITE}/.gatehouse/${path}`, '203.0.113.6', init)).status)
      }
      expect([path, statuses.has(429)]).toEqual([path, false])
    }
  })
})
