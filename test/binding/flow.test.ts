/** Device Bound Session Credentials: the whole Worker, and a device that signs by itself. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Browser } from '../support/browser.ts'
import { challengeIn, createDevice, type Device } from '../support/device.ts'
import { breakable } from '../support/binding.ts'
import { addUser, emptyStores, setConnectionEnabled } from '../support/session.ts'
import { configOf, createStage, SITE, start, type Stage } from '../login/stage.ts'

const REGISTER = `${SITE}/.gatehouse/device/register`
const REFRESH = `${SITE}/.gatehouse/device/refresh`
const OFFER = 'Secure-Session-Registration'
const CHALLENGE = 'Secure-Session-Challenge'
const BOUND = '__Host-gatehouse-device'

const at = (seconds: number) => vi.setSystemTime(start.getTime() + seconds * 1000)

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken; DELETE FROM audit; DELETE FROM signing_keys')
})
afterEach(() => void vi.useRealTimers())

const stageWith = (fields: Parameters<typeof configOf>[0] = {}) =>
  createStage(configOf({ deviceBinding: 'offer', ...fields }))

/** What the browser sends by itself, with the cookies that it has. */
async function post(
  stage: Stage,
  browser: Browser,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
  const request = new Request(url, { method: 'POST', headers: { Cookie: cookie, ...headers } })
  const response = await stage.send(request)
  for (const header of response.headers.getSetCookie()) {
    const [pair = ''] = header.split('; ')
    const [name = '', value = ''] = pair.split('=')
    browser.cookies.set(name, { value, sameSite: 'Lax' })
  }
  return response
}

interface Bound {
  readonly stage: Stage
  readonly browser: Browser
  readonly device: Device
  readonly offer: string
  readonly registered: Response
  readonly id: string
}

async function signInBound(fields: Parameters<typeof configOf>[0] = {}): Promise<Bound> {
  const stage = await stageWith(fields)
  const browser = stage.browser()
  const device = await createDevice()
  const arrived = await stage.signIn(browser)
  const offer = challengeIn(arrived.headers.get(OFFER))
  const jwt = await device.sign({ jti: offer }, { jwk: device.jwk })
  const registered = await post(stage, browser, REGISTER, { 'Secure-Session-Response': jwt })
  const { session_identifier: id } = await registered.clone().json<{ session_identifier: string }>()
  return { stage, browser, device, offer, registered, id }
}

/** A refresh as Chromium does it: with the challenge that it has, or with the one it then gets. */
async function refresh(
  { stage, browser, device, id }: Bound,
  challenge?: string,
): Promise<Response> {
  const ask = async (jti: string | null) =>
    post(stage, browser, REFRESH, {
      'Sec-Secure-Session-Id': `"${id}"`,
      ...(jti === null ? {} : { 'Secure-Session-Response': await device.sign({ jti }) }),
    })
  if (challenge !== undefined) return ask(challenge)
  const first = await ask(null)
  expect(first.status).toBe(403)
  return ask(challengeIn(first.headers.get(CHALLENGE)))
}

const eventsOf = (stage: Stage, kind: string) => stage.audit().filter(({ audit }) => audit === kind)
const reasons = (stage: Stage) => eventsOf(stage, 'device-refused').map(({ reason }) => reason)
const errorOf = async (response: Response) =>
  [response.status, (await response.json<{ error: string }>()).error] as const

describe('after sign-in', () => {
  it('the browser is asked to bind the session, where the site wants it, and not elsewhere', async () => {
    const stage = await stageWith()
    const arrived = await stage.signIn(stage.browser())
    expect(arrived.headers.get(OFFER)).toMatch(
      /^\(ES256\);path="\/\.gatehouse\/device\/register";challenge="[\w-]+"$/,
    )
    const off = await createStage(configOf())
    expect((await off.signIn(off.browser())).headers.has(OFFER)).toBe(false)
  })

  it('a browser binds it, and gets a cookie of minutes and what is to be protected', async () => {
    const { registered, stage, id } = await signInBound()
    expect(registered.status).toBe(200)
    expect(registered.headers.get('Set-Cookie')).toMatch(
      /^__Host-gatehouse-device=[\w-]+; Path=\/; Max-Age=480; HttpOnly; Secure; SameSite=None$/,
    )
    expect(registered.headers.get('Cache-Control')).toContain('no-store')
    expect(await registered.json()).toEqual({
      session_identifier: id,
      refresh_url: '/.gatehouse/device/refresh',
      scope: {
        origin: SITE,
        include_site: false,
        scope_specification: [{ type: 'exclude', domain: '*', path: '/public' }],
      },
      allowed_refresh_initiators: ['*'],
      credentials: [
        { type: 'cookie', name: BOUND, attributes: 'Path=/; Secure; HttpOnly; SameSite=None' },
      ],
    })
    expect(eventsOf(stage, 'device-bound')).toMatchObject([{ session: id }])
  })

  it('a browser that cannot bind it goes on as ever, where binding is only offered', async () => {
    const stage = await stageWith()
    const browser = stage.browser()
    await stage.signIn(browser)
    at(3600)
    expect((await browser.go(SITE)).status).toBe(200)
  })

  it('a path that is public in part, or has protected paths below it, is not left out', async () => {
    const { registered } = await signInBound({
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/a', access: 'public' },
        { path: '/a/b', access: 'signed-in' },
        { path: '/c', access: { public: 'GET', otherwise: 'signed-in' } },
        { path: '/d', access: 'public' },
        { path: '/d/e', access: 'public' },
        { path: '/f/*', access: 'public' },
      ],
    })
    const { scope } = await registered.json<{ scope: { scope_specification: unknown } }>()
    expect(scope.scope_specification).toEqual(
      ['/d', '/d/e'].map((path) => ({ type: 'exclude', domain: '*', path })),
    )
  })
})

describe('registration', () => {
  it.each<[string, (device: Device, jti: string) => Promise<string>, string]>([
    ['without a key', (device, jti) => device.sign({ jti }), 'malformed'],
    [
      'of another type',
      (device, jti) => device.sign({ jti }, { jwk: device.jwk, typ: 'JWT' }),
      'malformed',
    ],
    [
      'by no algorithm',
      (device, jti) => device.sign({ jti }, { jwk: device.jwk, alg: 'none' }),
      'signature',
    ],
    [
      'by another algorithm',
      (device, jti) => device.sign({ jti }, { jwk: device.jwk, alg: 'HS256' }),
      'signature',
    ],
    [
      'with a key that did not sign it',
      async (device, jti) => device.sign({ jti }, { jwk: (await createDevice()).jwk }),
      'signature',
    ],
    [
      'with a symmetric key',
      (device, jti) => device.sign({ jti }, { jwk: { kty: 'oct', k: 'AAAA' } }),
      'malformed',
    ],
    ['without a challenge', (device) => device.sign({}, { jwk: device.jwk }), 'malformed'],
    [
      'with a challenge that we did not make',
      (device) => device.sign({ jti: 'A'.repeat(80) }, { jwk: device.jwk }),
      'foreign-challenge',
    ],
    ['that is no JWT', async () => 'a.b', 'malformed'],
    ['that has no end', async () => `${'a'.repeat(5000)}.b.c`, 'malformed'],
    [
      'of more characters than a proof has',
      (device, jti) => device.sign({ jti, more: 'x'.repeat(4096) }, { jwk: device.jwk }),
      'malformed',
    ],
    [
      'of four parts',
      async (device, jti) => `${await device.sign({ jti }, { jwk: device.jwk })}.x`,
      'malformed',
    ],
  ])('%s is refused by its reason, and binds nothing', async (_, make, reason) => {
    const stage = await stageWith()
    const browser = stage.browser()
    const offer = challengeIn((await stage.signIn(browser)).headers.get(OFFER))
    const jwt = await make(await createDevice(), offer)
    const refused = await post(stage, browser, REGISTER, { 'Secure-Session-Response': jwt })
    expect(refused.headers.getSetCookie()).toEqual([])
    expect(await errorOf(refused)).toEqual([403, reason])
    expect(await env.DB.prepare('SELECT device_key FROM sessions').first('device_key')).toBeNull()
  })

  it('counts once: a second key does not take the place of the first', async () => {
    const { stage, browser, offer } = await signInBound()
    const thief = await createDevice()
    const jwt = await thief.sign({ jti: offer }, { jwk: thief.jwk })
    const refused = await post(stage, browser, REGISTER, { 'Secure-Session-Response': jwt })
    expect(await errorOf(refused)).toEqual([403, 'bound-already'])
  })

  it('counts for a minute', async () => {
    const stage = await stageWith()
    const browser = stage.browser()
    const offer = challengeIn((await stage.signIn(browser)).headers.get(OFFER))
    at(60)
    const device = await createDevice()
    const jwt = await device.sign({ jti: offer }, { jwk: device.jwk })
    const refused = await post(stage, browser, REGISTER, { 'Secure-Session-Response': jwt })
    expect(await errorOf(refused)).toEqual([403, 'old-challenge'])
  })

  it('of a session that has ended is refused, and binds nothing', async () => {
    const stage = await stageWith()
    const browser = stage.browser()
    const offer = challengeIn((await stage.signIn(browser)).headers.get(OFFER))
    await browser.submit(`${SITE}/.gatehouse/logout`, {})
    const device = await createDevice()
    const jwt = await device.sign({ jti: offer }, { jwk: device.jwk })
    const refused = await post(stage, browser, REGISTER, { 'Secure-Session-Response': jwt })
    expect(await errorOf(refused)).toEqual([403, 'bound-already'])
    expect(eventsOf(stage, 'device-bound')).toEqual([])
  })

  it('counts at once in the isolate, which may have read the session a moment ago', async () => {
    const stage = await stageWith()
    const browser = stage.browser()
    const offer = challengeIn((await stage.signIn(browser)).headers.get(OFFER))
    const thief = stage.browser()
    for (const [name, cookie] of browser.cookies) thief.cookies.set(name, cookie)
    at(57)
    expect((await thief.go(SITE)).status).toBe(200)
    at(58)
    const device = await createDevice()
    const jwt = await device.sign({ jti: offer }, { jwk: device.jwk })
    await post(stage, browser, REGISTER, { 'Secure-Session-Response': jwt })
    at(60)
    expect((await thief.go(SITE)).status).toBe(302)
  })

  it('counts for the session that was offered it, whatever cookies come: Chromium sends none of SameSite=Lax', async () => {
    const stage = await stageWith()
    const [one, two] = [stage.browser(), stage.browser()]
    const offer = challengeIn((await stage.signIn(one)).headers.get(OFFER))
    await stage.signIn(two)
    const device = await createDevice()
    const jwt = await device.sign({ jti: offer }, { jwk: device.jwk })
    const registered = await post(stage, two, REGISTER, { 'Secure-Session-Response': jwt })
    expect(registered.status).toBe(200)
    const sessions = stage.audit().filter(({ audit }) => audit === 'login')
    const bound = await env.DB.prepare('SELECT id FROM sessions WHERE bound_at IS NOT NULL').all()
    expect(bound.results).toEqual([{ id: sessions[0]?.['session'] }])
    // The cookie of another session is worth nothing to it.
    at(61)
    expect((await two.go(SITE)).status).toBe(200)
    one.cookies.set(BOUND, two.cookies.get(BOUND) ?? { value: '', sameSite: 'None' })
    expect((await one.go(SITE)).status).toBe(200)
  })

  it('at a host that binds nothing is not there', async () => {
    const stage = await createStage(configOf())
    expect((await post(stage, stage.browser(), REGISTER)).status).toBe(404)
  })

  it('keeps no private part of a key', async () => {
    const stage = await stageWith()
    const browser = stage.browser()
    const offer = challengeIn((await stage.signIn(browser)).headers.get(OFFER))
    const device = await createDevice()
    const jwk = { ...device.jwk, d: 'c2VjcmV0', kid: 'x' }
    const jwt = await device.sign({ jti: offer }, { jwk })
    expect((await post(stage, browser, REGISTER, { 'Secure-Session-Response': jwt })).status).toBe(
      200,
    )
    const stored = await env.DB.prepare('SELECT device_key FROM sessions').first<string>(
      'device_key',
    )
    expect(JSON.parse(stored ?? '')).toEqual(device.jwk)
  })
})

describe('a bound session', () => {
  it('counts with its cookie, for its minutes, in any isolate', async () => {
    const { browser, stage } = await signInBound()
    const elsewhere = stage.browser({})
    for (const [name, cookie] of browser.cookies) elsewhere.cookies.set(name, cookie)
    for (const each of [browser, elsewhere]) {
      for (const seconds of [61, 300, 479]) {
        at(seconds)
        expect((await each.go(SITE)).status).toBe(200)
      }
    }
  })

  it('goes on by a proof, again and again', async () => {
    const bound = await signInBound()
    for (let seconds = 400; seconds < 4000; seconds += 400) {
      at(seconds)
      expect((await refresh(bound)).status).toBe(200)
      expect((await bound.browser.go(SITE)).status).toBe(200)
    }
  })

  it('needs one request for a proof where the browser has the challenge of the last answer', async () => {
    const bound = await signInBound()
    let next = challengeIn(bound.registered.headers.get(CHALLENGE))
    for (const seconds of [400, 800, 1200]) {
      at(seconds)
      const refreshed = await refresh(bound, next)
      expect(refreshed.status).toBe(200)
      next = challengeIn(refreshed.headers.get(CHALLENGE))
    }
  })

  it('is refused after the minutes, by a thief with both cookies, and ended', async () => {
    const bound = await signInBound()
    const thief = bound.stage.browser()
    for (const [name, cookie] of bound.browser.cookies) thief.cookies.set(name, cookie)
    at(400)
    expect((await refresh(bound)).status).toBe(200)
    expect((await thief.go(SITE)).status).toBe(200)
    at(496)
    expect((await thief.go(SITE)).status).toBe(302)
    expect(eventsOf(bound.stage, 'theft-stopped')).toMatchObject([{ session: bound.id }])
    at(512)
    expect((await bound.browser.go(SITE)).status).toBe(302)
  })

  it.each<[string, (cookies: Browser['cookies'], other: string) => void]>([
    ['no cookie of the device', (cookies) => void cookies.delete(BOUND)],
    [
      'the cookie of another session',
      (cookies, value) => void cookies.set(BOUND, { value, sameSite: 'Lax' }),
    ],
    [
      'a cookie that we did not make',
      (cookies) => void cookies.set(BOUND, { value: 'A'.repeat(60), sameSite: 'Lax' }),
    ],
  ])('that comes with %s is ended as stolen', async (_, change) => {
    const bound = await signInBound()
    const { stage, browser } = bound
    const other = await signInBound()
    at(61)
    change(browser.cookies, other.browser.cookies.get(BOUND)?.value ?? '')
    expect((await browser.go(SITE)).status).toBe(302)
    expect(eventsOf(stage, 'theft-stopped').at(-1)).toMatchObject({ session: bound.id })
    const left = await env.DB.prepare('SELECT revoked_at FROM sessions WHERE id = ?')
      .bind(bound.id)
      .first('revoked_at')
    expect(left).not.toBeNull()
  })

  it.each([
    ['says that the browser skipped the proof', { 'Secure-Session-Skipped': 'server_error' }],
    ['opens a WebSocket', { Upgrade: 'websocket', Connection: 'Upgrade' }],
  ])('without its cookie is refused and not ended where the request %s', async (_, headers) => {
    const { stage, browser } = await signInBound()
    at(61)
    const token = browser.cookies.get('__Host-gatehouse')?.value ?? ''
    const Cookie = `__Host-gatehouse=${token}`
    const refused = await stage.send(new Request(SITE, { headers: { Cookie, ...headers } }))
    expect(refused.status).toBe(401)
    expect(eventsOf(stage, 'theft-stopped')).toEqual([])
    expect((await browser.go(SITE)).status).toBe(200)
  })

  it('is no session on our own pages without its cookie', async () => {
    const { stage, browser } = await signInBound()
    at(61)
    browser.cookies.delete(BOUND)
    const me = await browser.go(`${SITE}/.gatehouse/me`)
    expect(await me.json()).toMatchObject({ signedIn: false })
    expect((await browser.go(`${SITE}/.gatehouse/`)).status).toBe(302)
    expect(eventsOf(stage, 'theft-stopped')).toEqual([])
  })

  it('does not count with a cookie from the future: a clock was set back', async () => {
    const { browser } = await signInBound()
    at(-3600)
    expect((await browser.go(SITE)).status).toBe(302)
  })

  it('asks for nothing more than another session while it is warm', async () => {
    const { stage, browser } = await signInBound()
    at(61)
    const kv = breakable(env.SESSIONS)
    const db = breakable(env.DB)
    const warm = stage.browser({ SESSIONS: kv.binding, DB: db.binding })
    for (const [name, cookie] of browser.cookies) warm.cookies.set(name, cookie)
    expect((await warm.go(SITE)).status).toBe(200)
    kv.isBroken = true
    db.isBroken = true
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
    expect((await warm.go(SITE)).status).toBe(200)
    expect(decrypt).not.toHaveBeenCalled()
    decrypt.mockRestore()
  })
})

describe('a refresh', () => {
  it('with a challenge that was used is refused, and may sign another: the answer may have been lost', async () => {
    const bound = await signInBound()
    const challenge = challengeIn(bound.registered.headers.get(CHALLENGE))
    at(400)
    expect((await refresh(bound, challenge)).status).toBe(200)
    const again = await refresh(bound, challenge)
    expect(again.headers.getSetCookie()).toEqual([])
    const next = challengeIn(again.headers.get(CHALLENGE))
    expect(await errorOf(again)).toEqual([403, 'used-challenge'])
    expect(reasons(bound.stage)).toEqual(['used-challenge'])
    expect((await refresh(bound, next)).status).toBe(200)
  })

  it('with one challenge, eight times at once, gives one cookie', async () => {
    const bound = await signInBound()
    const challenge = challengeIn(bound.registered.headers.get(CHALLENGE))
    at(400)
    const all = await Promise.all(Array.from({ length: 8 }, () => refresh(bound, challenge)))
    expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array(7).fill(403),
    ])
  })

  it.each([
    ['a quarter of an hour', 900],
    ['three days, whose key is gone', 3 * 86_400],
  ])('with a challenge of %s ago gets a new one', async (_, seconds) => {
    const day = 86_400
    const bound = await signInBound({ session: { absoluteSeconds: 7 * day, idleSeconds: null } })
    const challenge = challengeIn(bound.registered.headers.get(CHALLENGE))
    at(seconds)
    const old = await refresh(bound, challenge)
    expect(old.status).toBe(403)
    expect((await refresh(bound, challengeIn(old.headers.get(CHALLENGE)))).status).toBe(200)
  })

  it('by another key, for another session or with the challenge of a registration is refused', async () => {
    const bound = await signInBound()
    at(400)
    const device = await createDevice()
    expect((await refresh({ ...bound, device })).status).toBe(403)
    const unknown = await post(bound.stage, bound.browser, REFRESH, {
      'Sec-Secure-Session-Id': 'another',
    })
    expect([unknown.status, unknown.headers.get(CHALLENGE)]).toEqual([401, null])
    const id = crypto.randomUUID()
    expect((await refresh({ ...bound, id })).status).toBe(401)
    expect(await errorOf(await refresh(bound, bound.offer))).toEqual([403, 'foreign-challenge'])
    expect(reasons(bound.stage)).toEqual(['signature'])
  })

  it('that brings no proof but another text is refused', async () => {
    const { stage, browser, id } = await signInBound()
    const headers = { 'Sec-Secure-Session-Id': `"${id}"`, 'Secure-Session-Response': 'a.b' }
    expect(await errorOf(await post(stage, browser, REFRESH, headers))).toEqual([403, 'malformed'])
  })

  it('at a host that binds nothing any more gets no challenge', async () => {
    const { id } = await signInBound()
    const stage = await createStage(configOf())
    const headers = { 'Sec-Secure-Session-Id': `"${id}"` }
    const refused = await post(stage, stage.browser(), REFRESH, headers)
    expect([refused.status, refused.headers.get(CHALLENGE)]).toEqual([401, null])
  })

  it.each([
    ['is not bound', 'bound_at = NULL, device_key = NULL'],
    ['is of another host', "site = 'other.example.com'"],
  ])('of a session that %s gives no cookie', async (_, change) => {
    const bound = await signInBound()
    await env.DB.exec(`UPDATE sessions SET ${change}`)
    const refused = await refresh(bound)
    expect(await errorOf(refused)).toEqual([401, 'no-session'])
    expect(refused.headers.getSetCookie()).toEqual([])
  })

  it('is judged by its own session, person and connection alone', async () => {
    await createStage(configOf(), { id: 'entra', idpEntityId: 'https://other.example.test' })
    const bob = await addUser({ connection: 'entra', subject: 'bob', userName: 'bob' })
    await env.DB.prepare('UPDATE users SET active = 0 WHERE id = ?').bind(bob.id).run()
    await setConnectionEnabled('entra', false)
    const [one, two] = [await signInBound(), await signInBound()]
    for (const bound of [two, one]) expect((await refresh(bound)).status).toBe(200)
    await one.browser.submit(`${SITE}/.gatehouse/logout`, {})
    expect((await refresh(one)).status).toBe(401)
    at(1)
    expect((await refresh(two)).status).toBe(200)
  })

  it.each<[string, (bound: Bound) => Promise<unknown>]>([
    ['signed out', ({ browser }) => browser.submit(`${SITE}/.gatehouse/logout`, {})],
    ['of a disabled person', () => env.DB.exec('UPDATE users SET active = 0')],
    ['of a disabled connection', () => env.DB.exec('UPDATE connections SET enabled = 0')],
    ['ended by an operator', () => env.DB.exec('UPDATE sign_ins SET ended_at = 1')],
    [
      'from before all of the person’s were ended',
      () => env.DB.exec(`UPDATE users SET sessions_valid_from = ${start.getTime() + 1}`),
    ],
    ['over', async () => at(8 * 3600)],
  ])('of a session that is %s tells the browser so, and gives no cookie', async (_, end) => {
    const bound = await signInBound()
    await end(bound)
    const ended = await refresh(bound)
    expect([ended.status, ended.headers.getSetCookie()]).toEqual([401, []])
  })

  it('is 503 while D1 is down, and succeeds afterwards', async () => {
    const bound = await signInBound()
    at(400)
    await env.DB.exec('ALTER TABLE sessions RENAME TO away')
    const challenge = challengeIn(bound.registered.headers.get(CHALLENGE))
    expect((await refresh(bound, challenge)).status).toBe(503)
    await env.DB.exec('ALTER TABLE away RENAME TO sessions')
    expect((await refresh(bound, challenge)).status).toBe(200)
  })
})

describe('a site that requires it', () => {
  const required = { deviceBinding: 'require' } as const

  it('lets the first minute through, and then nobody who is not bound, with a page that says which browsers can', async () => {
    const stage = await stageWith(required)
    const browser = stage.browser()
    await stage.signIn(browser)
    at(59)
    expect((await browser.go(SITE)).status).toBe(200)
    at(60)
    const refused = await browser.go(SITE)
    expect(refused.status).toBe(403)
    expect(await refused.text()).toContain('Chrome and Edge on Windows')
    expect((await browser.go(`${SITE}/public`)).status).toBe(200)
    expect(eventsOf(stage, 'access-denied').at(-1)).toMatchObject({
      reason: 'the session is not bound to a device',
    })
  })

  it('lets a bound session in', async () => {
    const { browser } = await signInBound(required)
    at(61)
    expect((await browser.go(SITE)).status).toBe(200)
  })
})

describe('a rule for a path', () => {
  it('is met by a bound session, at once, and by no other', async () => {
    const { browser, stage } = await signInBound({
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/admin', access: { deviceBound: true } },
      ],
    })
    expect((await browser.go(`${SITE}/admin`)).status).toBe(200)
    const other = stage.browser()
    await stage.signIn(other)
    expect((await other.go(`${SITE}/admin`)).status).toBe(403)
    expect((await other.go(SITE)).status).toBe(200)
  })

  it.each([
    ['in the first minute', 'offer', 59],
    ['at a host that binds nothing any more', 'off', 300],
  ] as const)('is not met without the cookie of the device %s', async (_, later, seconds) => {
    const routes: Parameters<typeof configOf>[0] = {
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/admin', access: { deviceBound: true } },
      ],
    }
    const { browser } = await signInBound(routes)
    const thief = (await stageWith({ ...routes, deviceBinding: later })).browser()
    const token = browser.cookies.get('__Host-gatehouse')
    thief.cookies.set('__Host-gatehouse', token ?? { value: '', sameSite: 'Lax' })
    at(seconds)
    expect((await thief.go(SITE)).status).toBe(200)
    expect((await thief.go(`${SITE}/admin`)).status).toBe(403)
  })

  it('is met as soon as the browser has bound it, in an isolate that saw it before', async () => {
    const stage = await stageWith({
      routes: [{ path: '/', access: { deviceBound: true } }],
    })
    const browser = stage.browser()
    const offer = challengeIn((await stage.signIn(browser)).headers.get(OFFER))
    const seen = stage.browser({})
    for (const [name, cookie] of browser.cookies) seen.cookies.set(name, cookie)
    expect((await seen.go(SITE)).status).toBe(403)
    const device = await createDevice()
    const jwt = await device.sign({ jti: offer }, { jwk: device.jwk })
    await post(stage, browser, REGISTER, { 'Secure-Session-Response': jwt })
    for (const [name, cookie] of browser.cookies) seen.cookies.set(name, cookie)
    expect((await seen.go(SITE)).status).toBe(200)
  })
})
