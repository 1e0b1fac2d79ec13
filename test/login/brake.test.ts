/** Sign-ins that succeed but bring no session that counts. They must not repeat for ever. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { missing } from '../support/binding.ts'
import { locationOf, type Browser } from '../support/browser.ts'
import { emptyStores } from '../support/session.ts'
import { B, Person, three } from './person.ts'
import { configOf, createStage, readRequest, refusals, SITE, start, type Stage } from './stage.ts'

const at = (seconds: number) => vi.setSystemTime(start.getTime() + seconds * 1000)
const LOGIN = `${SITE}/.gatehouse/login?go=1&to=%2Fboard`

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

/** Signs in the given number of times, in a browser that keeps no session. */
async function signInVainly(stage: Stage, browser: Browser, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await stage.signIn(browser, '/board')
    browser.cookies.delete('__Host-gatehouse')
  }
}

/** Begins a sign-in even if there is a session. */
async function signInByLink(stage: Stage, browser: Browser): Promise<void> {
  const asked = await readRequest(locationOf(await browser.go(LOGIN)))
  await stage.post(browser, await stage.respond(asked), asked.relayState)
}

describe('a browser that keeps no session', () => {
  it('gets a page after three sign-ins within a minute, and the IdP is not asked again', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await signInVainly(stage, browser, 3)
    const page = await browser.go(LOGIN)
    expect([page.status, page.headers.get('Retry-After')]).toEqual([429, '60'])
    expect(page.headers.has('Location')).toBe(false)
    const text = await page.text()
    expect(text).toContain('We couldn&#39;t keep you signed in')
    expect(text).toContain('delete the cookies of this site')
    expect(text).toContain('<input type="hidden" name="to" value="/board" />')
    expect(refusals(stage)).toMatchObject([
      { reason: 'session-not-kept', connection: 'okta', facts: { found: 'none' } },
    ])
    const sessions = await env.DB.prepare('SELECT count(*) AS n FROM sessions').first('n')
    expect(sessions).toBe(3)
  })

  it('is not stopped after two, nor when the first of three is over a minute old', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await signInVainly(stage, browser, 2)
    expect((await browser.go(LOGIN)).status).toBe(302)
    at(30)
    await signInVainly(stage, browser, 1)
    at(61)
    expect((await browser.go(LOGIN)).status).toBe(302)
  })

  it('may try again a minute later, or at once when the person asks for another account', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await signInVainly(stage, browser, 3)
    const form = { to: '/board', fresh: '1' }
    const anew = await browser.submit(`${SITE}/.gatehouse/login`, form)
    expect(anew.status).toBe(200)
    expect(await anew.text()).toContain('SAMLRequest')
    at(61)
    expect((await browser.go(LOGIN)).status).toBe(302)
  })

  it('stops whoever asks, by the link or by the form', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await signInVainly(stage, browser, 3)
    const form = await browser.submit(`${SITE}/.gatehouse/login`, { to: '/board' })
    expect(form.status).toBe(429)
  })
})

describe('a browser whose sessions are over at once', () => {
  it.each([
    [
      'revoked',
      () => env.DB.exec('UPDATE sessions SET revoked_at = opened_at'),
      /over at once: it was revoked/,
    ],
    ['unknown', () => env.DB.exec('DELETE FROM sessions'), /KV or D1 does not have it/],
  ] as const)('gets the page, and the operator the reason: %s', async (found, end, explained) => {
    const stage = await createStage()
    const browser = stage.browser()
    for (let i = 0; i < 3; i++) {
      await stage.signIn(browser)
      await end()
    }
    expect((await browser.go(LOGIN)).status).toBe(429)
    expect(refusals(stage)).toMatchObject([
      {
        reason: 'session-not-kept',
        facts: { found, explained: expect.stringMatching(explained) },
      },
    ])
  })

  it('gets the page at a site that leaves sign-in to the login host; the audit has the connection', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    // An isolate remembers a session for 15 seconds.
    for (const seconds of [0, 16, 32]) {
      at(seconds)
      await zoe.open(`${B}/`)
      await env.DB.exec('UPDATE sessions SET revoked_at = opened_at')
    }
    at(48)
    expect((await zoe.open(`${B}/`)).status).toBe(429)
    expect(refusals(stage)).toMatchObject([
      { reason: 'session-not-kept', connection: 'okta', facts: { found: 'revoked' } },
    ])
  })

  it('gets the page where the site does not take the connection of its sessions', async () => {
    const before = await createStage()
    const browser = before.browser()
    for (let i = 0; i < 3; i++) await signInByLink(before, browser)
    const now = await createStage(configOf({ connections: ['other'] }), { id: 'other' })
    const same = now.browser()
    browser.cookies.forEach((cookie, name) => same.cookies.set(name, cookie))
    expect((await same.go(LOGIN)).status).toBe(429)
    expect(refusals(now)).toMatchObject([{ reason: 'session-not-kept', facts: { found: 'live' } }])
  })
})

describe('a browser that did get its session', () => {
  it('goes on to where it wanted, and opens no fourth session', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    for (let i = 0; i < 3; i++) await signInByLink(stage, browser)
    const fourth = await browser.go(LOGIN)
    expect([fourth.status, locationOf(fourth)]).toEqual([303, `${SITE}/board`])
    expect(refusals(stage)).toEqual([])
  })

  it('may sign in and out as often as the person likes', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    for (let i = 0; i < 6; i++) {
      expect((await stage.signIn(browser, '/board')).status).toBe(303)
      await browser.submit(`${SITE}/.gatehouse/logout`, {})
    }
    expect(refusals(stage)).toEqual([])
  })
})

describe('a session that KV does not show yet', () => {
  it('is not looked for by signing in again: 503, until it shows', async () => {
    const stage = await createStage()
    const kv = missing(env.SESSIONS)
    const browser = stage.browser({ SESSIONS: kv.binding })
    await stage.signIn(browser, '/board')
    kv.isMissing = true
    const late = await browser.go(`${SITE}/board`)
    expect([late.status, late.headers.get('Retry-After')]).toEqual([503, '5'])
    kv.isMissing = false
    expect((await browser.go(`${SITE}/board`)).status).toBe(200)
    expect(stage.audit().filter(({ audit }) => audit === 'login')).toHaveLength(1)
  })
})
