import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { endSessionsOf } from '../support/ending.ts'
import { breakable, missing, watched } from '../support/binding.ts'
import { locationOf } from '../support/browser.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, readRequest, refusals, SITE, start } from './stage.ts'

const at = (seconds: number) => vi.setSystemTime(start.getTime() + seconds * 1000)
const now = () => toInstant(Date.now())

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

describe('the session', () => {
  it('is always a new one, and takes the place of the one before', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser)
    const before = browser.cookies.get('__Host-gatehouse')
    const asked = locationOf(await browser.go(`${SITE}/.gatehouse/login?go=1&to=%2F`))
    const request = await readRequest(asked)
    await stage.post(browser, await stage.respond(request), request.relayState)
    const after = browser.cookies.get('__Host-gatehouse')
    expect(after?.value).not.toBe(before?.value)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
    const thief = stage.browser()
    thief.cookies.set('__Host-gatehouse', { value: before?.value ?? '', sameSite: 'Lax' })
    expect((await thief.go(`${SITE}/`)).status).toBe(302)
  })

  it('that was planted before sign-in is worth nothing after it (fixation)', async () => {
    const stage = await createStage()
    const planted = 'A'.repeat(43)
    const browser = stage.browser()
    browser.cookies.set('__Host-gatehouse', { value: planted, sameSite: 'Lax' })
    await stage.signIn(browser)
    expect(browser.cookies.get('__Host-gatehouse')?.value).not.toBe(planted)
    const attacker = stage.browser()
    attacker.cookies.set('__Host-gatehouse', { value: planted, sameSite: 'Lax' })
    expect((await attacker.go(`${SITE}/`)).status).toBe(302)
  })

  it('asks neither KV nor D1 while it is warm', async () => {
    const stage = await createStage()
    const kv = watched(env.SESSIONS)
    const db = watched(env.DB)
    const browser = stage.browser({ SESSIONS: kv.binding, DB: db.binding })
    await stage.signIn(browser)
    await browser.go(`${SITE}/`)
    kv.calls.length = 0
    db.calls.length = 0
    for (let i = 0; i < 10; i++) expect((await browser.go(`${SITE}/${i}`)).status).toBe(200)
    expect([kv.calls, db.calls]).toEqual([[], []])
  })

  it.each([
    ['the user is disabled', (user: string) => setUserActive(env.DB, user, false, now())],
    ['the user’s sessions are ended', (user: string) => endSessionsOf(env.DB, user, now())],
  ])('is refused within revocationSeconds when %s, and not by luck', async (_, act) => {
    const stage = await createStage()
    const [here, elsewhere] = [stage.browser(), stage.browser({})]
    await stage.signIn(here)
    here.cookies.forEach((cookie, name) => elsewhere.cookies.set(name, cookie))
    at(10)
    expect((await here.go(`${SITE}/`)).status).toBe(200)
    expect((await elsewhere.go(`${SITE}/`)).status).toBe(200)
    const [user] = await findUsers(env.DB, 'zoe@example.test')
    await act(user?.id ?? '')
    at(25)
    expect((await here.go(`${SITE}/`)).status).toBe(302)
    expect((await elsewhere.go(`${SITE}/`)).status).toBe(302)
  })

  it('of a disabled user does not come back by another login; of an enabled one it does', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser)
    const [user] = await findUsers(env.DB, 'zoe@example.test')
    await setUserActive(env.DB, user?.id ?? '', false, now())
    at(20)
    const refused = await stage.signIn(browser)
    expect(refused.status).toBe(403)
    expect(await refused.text()).toContain('Your account is disabled')
    expect(refusals(stage)).toMatchObject([{ reason: 'user-disabled' }])
    await setUserActive(env.DB, user?.id ?? '', true, now())
    expect((await stage.signIn(browser)).status).toBe(303)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
  })
})

describe('sign-out', () => {
  it('ends the session here, in KV and in D1', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser)
    await browser.go(`${SITE}/`)
    const token = browser.cookies.get('__Host-gatehouse')
    const page = await browser.submit(`${SITE}/.gatehouse/logout`, {})
    expect(await page.text()).toContain('You are signed out')
    expect(browser.cookies.has('__Host-gatehouse')).toBe(false)
    expect((await env.SESSIONS.list()).keys).toEqual([])
    expect(await env.DB.prepare('SELECT revoked_at FROM sessions').first('revoked_at')).toBe(now())
    if (token) browser.cookies.set('__Host-gatehouse', token)
    expect((await browser.go(`${SITE}/`)).status).toBe(302)
    expect(stage.audit().map(({ audit }) => audit)).toEqual(['login', 'logout'])
  })

  it.each([
    ['cache', '"cache"'],
    ['storage', '"cache", "storage"'],
  ] as const)('has the browser drop what it keeps of the site: %s', async (signOutClears, told) => {
    const stage = await createStage(configOf({ signOutClears }))
    const browser = stage.browser()
    await stage.signIn(browser)
    const page = await browser.submit(`${SITE}/.gatehouse/logout`, {})
    expect(page.headers.get('Clear-Site-Data')).toBe(told)
  })

  it('ends each of more than four sessions, and audits each', async () => {
    const stage = await createStage()
    const browsers = Array.from({ length: 6 }, () => stage.browser())
    const tokens: string[] = []
    for (const each of browsers) {
      await stage.signIn(each)
      tokens.push(each.cookies.get('__Host-gatehouse')?.value ?? '')
    }
    const [first] = browsers
    // A browser that does not enforce `__Host-` may send several cookies of this name.
    first?.cookies.set('__Host-gatehouse', {
      value: tokens.join('; __Host-gatehouse='),
      sameSite: 'Lax',
    })
    const page = await first?.submit(`${SITE}/.gatehouse/logout`, {})
    expect(page?.status).toBe(200)
    const { results } = await env.DB.prepare('SELECT revoked_at FROM sessions').all()
    expect(results).toEqual(tokens.map(() => ({ revoked_at: now() })))
    expect(stage.audit().filter(({ audit }) => audit === 'logout')).toHaveLength(6)
  })

  it('is done in D1 though KV shows no session at that moment', async () => {
    const stage = await createStage()
    const kv = missing(env.SESSIONS)
    const browser = stage.browser({ SESSIONS: kv.binding })
    await stage.signIn(browser)
    kv.isMissing = true
    const page = await browser.submit(`${SITE}/.gatehouse/logout`, {})
    expect(page.status).toBe(200)
    expect(await env.DB.prepare('SELECT revoked_at FROM sessions').first('revoked_at')).toBe(now())
    expect(stage.audit().map(({ audit }) => audit)).toEqual(['login', 'logout'])
  })

  it('is done though KV does not forget, which is in the log', async () => {
    const stage = await createStage()
    const kv = breakable(env.SESSIONS, 'delete')
    const browser = stage.browser({ SESSIONS: kv.binding })
    await stage.signIn(browser)
    const token = browser.cookies.get('__Host-gatehouse')
    kv.isBroken = true
    const page = await browser.submit(`${SITE}/.gatehouse/logout`, {})
    expect(page.status).toBe(200)
    if (token) browser.cookies.set('__Host-gatehouse', token)
    expect((await browser.go(`${SITE}/`)).status).toBe(302)
    expect(stage.audit()).toContainEqual(
      expect.objectContaining({ audit: 'store-unavailable', during: 'removing a session' }),
    )
  })

  it('says that it is not done, and keeps the cookie, when D1 does not answer', async () => {
    const stage = await createStage()
    const db = breakable(env.DB)
    const browser = stage.browser({ DB: db.binding })
    await stage.signIn(browser)
    db.isBroken = true
    const page = await browser.submit(`${SITE}/.gatehouse/logout`, {})
    expect([page.status, page.headers.get('Retry-After')]).toEqual([503, '5'])
    expect(page.headers.has('Clear-Site-Data')).toBe(false)
    expect(browser.cookies.has('__Host-gatehouse')).toBe(true)
  })

  it('is not for other sites to do', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser)
    await browser.submitFromElsewhere(`${SITE}/.gatehouse/logout`, {})
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
    await browser.go(`${SITE}/.gatehouse/logout`)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
  })

  it.each([
    [{ 'Sec-Fetch-Site': 'same-origin' }, 1],
    [{ Origin: SITE }, 1],
    [{ 'Sec-Fetch-Site': 'same-site', Origin: 'https://blog.example.com' }, 0],
    [{ 'Sec-Fetch-Site': 'cross-site', Origin: SITE }, 0],
    [{ 'Sec-Fetch-Site': 'none' }, 0],
    [{ Origin: 'https://evil.example' }, 0],
    [{ Origin: `${SITE}.evil.example` }, 0],
    [{ Origin: 'null' }, 0],
    [{}, 0],
  ])('with the cookie and %j ends %d sessions', async (headers, ended) => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser)
    const Cookie = `__Host-gatehouse=${browser.cookies.get('__Host-gatehouse')?.value}`
    const form = { method: 'POST', headers: { ...headers, Cookie }, body: new URLSearchParams() }
    const answer = await stage.send(new Request(`${SITE}/.gatehouse/logout`, form))
    expect([answer.status, answer.headers.has('Clear-Site-Data')]).toEqual([200, ended === 1])
    const revoked = 'SELECT count(*) AS n FROM sessions WHERE revoked_at IS NOT NULL'
    expect(await env.DB.prepare(revoked).first('n')).toBe(ended)
  })
})

describe('storage that fails', () => {
  const faults = [
    ['D1', () => ({ DB: breakable(env.DB) })],
    ['KV', () => ({ SESSIONS: breakable(env.SESSIONS) })],
  ] as const

  it.each(faults)('%s, at sign-in: 503 and no session', async (store, make) => {
    const stage = await createStage()
    const fault: Record<string, { binding: unknown; isBroken: boolean }> = make()
    const bindings = Object.fromEntries(
      Object.entries(fault).map(([name, { binding }]) => [name, binding]),
    )
    const browser = stage.browser(bindings)
    const asked = await stage.begin(browser, '/')
    for (const each of Object.values(fault)) each.isBroken = true
    const answer = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('Retry-After')).toBe('5')
    expect(browser.cookies.has('__Host-gatehouse')).toBe(false)
    expect(stage.audit()).toContainEqual(
      expect.objectContaining({ audit: 'store-unavailable', store }),
    )
  })

  it('at the end of a session that is replaced: the new one counts, and it is in the log', async () => {
    const stage = await createStage()
    const kv = breakable(env.SESSIONS, 'delete')
    const browser = stage.browser({ SESSIONS: kv.binding })
    await stage.signIn(browser)
    kv.isBroken = true
    const asked = locationOf(await browser.go(`${SITE}/.gatehouse/login?go=1&to=%2F`))
    const request = await readRequest(asked)
    const answer = await stage.post(browser, await stage.respond(request), request.relayState)
    expect(answer.status).toBe(303)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
    expect(stage.audit()).toContainEqual(
      expect.objectContaining({ audit: 'store-unavailable', during: 'removing a session' }),
    )
  })

  it.each(faults)(
    '%s, for who has a session: 503, never the page and never a login',
    async (_, make) => {
      const stage = await createStage()
      const fault: Record<string, { binding: unknown; isBroken: boolean }> = make()
      const bindings = Object.fromEntries(
        Object.entries(fault).map(([name, { binding }]) => [name, binding]),
      )
      const browser = stage.browser(bindings)
      const signedIn = stage.browser()
      await stage.signIn(signedIn)
      signedIn.cookies.forEach((cookie, name) => browser.cookies.set(name, cookie))
      for (const each of Object.values(fault)) each.isBroken = true
      const answer = await browser.go(`${SITE}/`)
      expect(answer.status).toBe(503)
      expect(stage.origin).toEqual([])
      expect((await browser.go(`${SITE}/public`)).status).toBe(200)
    },
  )
})
