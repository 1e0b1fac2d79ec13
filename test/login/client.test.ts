/** `/.gatehouse/client.js` and `/.gatehouse/me`, which pages of the site ask for. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { background } from '../support/background.ts'
import { breakable } from '../support/binding.ts'
import type { Browser } from '../support/browser.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, SITE } from './stage.ts'

const friend = 'https://friend.example.com'
const config = configOf({ corsOrigins: [friend] })

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

describe('a failure of ours', () => {
  it('is read by pages of corsOrigins, so that they can tell it from a browser that is offline', async () => {
    const db = breakable(env.DB)
    const gatehouse = createGatehouse(config)
    const ask = (origin: string) =>
      gatehouse.fetch(
        new Request(`${SITE}/api`, {
          headers: {
            Origin: origin,
            'Sec-Fetch-Mode': 'cors',
            Cookie: `__Host-gatehouse=${'x'.repeat(43)}`,
          },
        }),
        { ...env, DB: db.binding, ORIGIN: { fetch: () => Promise.resolve(new Response('')) } },
        background,
      )
    db.isBroken = true
    const answer = await ask(friend)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ error: 'temporarily-unavailable' })
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(friend)
    expect(answer.headers.get('Vary')).toBe('Origin')
    expect((await ask('https://evil.example.com')).headers.has('Access-Control-Allow-Origin')).toBe(
      false,
    )
  })
})

describe('the client', () => {
  const ask = async (headers: Record<string, string> = {}, method = 'GET') =>
    (await createStage(config)).send(
      new Request(`${SITE}/.gatehouse/client.js`, { headers, method }),
    )

  it('is a script that needs no session, and that the browser may keep', async () => {
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(answer.headers.get('Cache-Control')).toBe('public, max-age=3600')
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await answer.text()).toMatch(/export\{\w+ as fetch,\w+ as signIn\};$/)
  })

  // RFC 9110 §13.1.2
  it('is not sent again to a browser that has it', async () => {
    const tag = (await ask()).headers.get('ETag') ?? ''
    expect(tag).toMatch(/^"[\w-]{16}"$/)
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const answer = await ask({ 'If-None-Match': known })
      expect([answer.status, await answer.text()]).toEqual([304, ''])
      expect(answer.headers.get('ETag')).toBe(tag)
    }
    expect((await ask({ 'If-None-Match': '"other"' })).status).toBe(200)
  })

  it('can be loaded by pages of corsOrigins, and of no other origin', async () => {
    const allowed = async (origin: string) =>
      (await ask({ Origin: origin })).headers.get('Access-Control-Allow-Origin')
    expect(await allowed(friend)).toBe(friend)
    expect(await allowed('https://evil.example.com')).toBeNull()
    expect(await allowed('null')).toBeNull()
    expect((await ask()).headers.get('Vary')).toBe('Origin')
  })
})

describe('who is signed in', () => {
  const meOf = async (browser: Browser) =>
    (await browser.go(`${SITE}/.gatehouse/me`)).json<Record<string, unknown>>()

  it('is nobody before sign-in, and the person after it', async () => {
    const stage = await createStage(config)
    const browser = stage.browser()
    expect(await meOf(browser)).toEqual({ signedIn: false, id: null })
    await stage.signIn(browser)
    expect(await meOf(browser)).toEqual({
      signedIn: true,
      id: expect.stringMatching(/^[\w-]{36}$/),
      userName: 'zoe@example.test',
      email: 'zoe@example.test',
      name: null,
      groups: [],
      signedInSince: '2026-11-24T12:00:00.000Z',
      expires: '2026-11-24T20:00:00.000Z',
      sites: [{ name: 'app.example.com', description: null, url: `${SITE}/` }],
      home: `${SITE}/.gatehouse/`,
    })
  })

  it('is still named when the session has ended, without more than the id', async () => {
    const stage = await createStage(config)
    const browser = stage.browser()
    await stage.signIn(browser)
    const { id } = await meOf(browser)
    await env.DB.exec('UPDATE sessions SET revoked_at = 1')
    expect(await meOf(browser)).toEqual({ signedIn: false, id })
  })

  it('is nobody where the site does not accept the connection', async () => {
    const stage = await createStage(config)
    const browser = stage.browser()
    await stage.signIn(browser)
    const Cookie = `__Host-gatehouse=${browser.cookies.get('__Host-gatehouse')?.value}`
    const other = await createStage(configOf({ connections: ['partner'] }))
    const answer = await other.send(new Request(`${SITE}/.gatehouse/me`, { headers: { Cookie } }))
    expect(await answer.json()).toEqual({ signedIn: false, id: null })
  })

  it('can be asked without end and is no activity', async () => {
    const stage = await createStage(
      configOf({ session: { absoluteSeconds: 8 * 3600, idleSeconds: 60 } }),
    )
    const browser = stage.browser()
    await stage.signIn(browser)
    await env.DB.exec('UPDATE sessions SET last_seen_at = last_seen_at - 50000')
    const seen = () =>
      env.DB.prepare('SELECT last_seen_at FROM sessions').first<number>('last_seen_at')
    const before = await seen()
    expect(await meOf(browser)).toMatchObject({ signedIn: true })
    expect(await seen()).toBe(before)
  })

  it('is read by pages of the site and of corsOrigins, and is kept by nobody', async () => {
    const stage = await createStage(config)
    const headersFor = async (origin: string) =>
      (await stage.send(new Request(`${SITE}/.gatehouse/me`, { headers: { Origin: origin } })))
        .headers
    const headers = await headersFor(friend)
    expect(headers.get('Access-Control-Allow-Origin')).toBe(friend)
    expect(headers.get('Access-Control-Allow-Credentials')).toBe('true')
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('Vary')).toBe('Cookie, Origin')
    const evil = await headersFor('https://evil.example.com')
    expect([...evil.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    // Not even its length, as an image or a script: same-site hosts send the cookie along.
    expect(evil.get('Cross-Origin-Resource-Policy')).toBe('same-origin')
  })
})
