/**
 * When one session may replace another. A login that an attacker’s page began must not replace a
 * session without asking the person.
 */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { saveConnection } from '../../tools/stage/connection.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { breakable, interrupted } from '../support/binding.ts'
import { locationOf, type Browser } from '../support/browser.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp, signedResponse, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
import { createStage, readRequest, refusals, SITE, start, type Asked, type Stage } from './stage.ts'

const at = (seconds: number) => vi.setSystemTime(start.getTime() + seconds * 1000)
const THEIRS = `${SITE}/.gatehouse/login?go=1&connection=theirs&to=%2Fboard`
const ACS = `${SITE}/.gatehouse/saml/theirs/acs`
const SWITCH = `${SITE}/.gatehouse/switch`

let theirs: TestIdp
beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
  theirs = await createTestIdp({ entityId: 'https://theirs.example.test' })
})

/** A site that also accepts people of an IdP which the attacker runs. */
async function createSites(bindings?: Record<string, unknown>) {
  const stage = await createStage()
  const connection = connectionOf(theirs, { id: 'theirs', displayName: 'Theirs' })
  await saveConnection(env.DB, connection, toInstant(start.getTime()))
  return { stage, browser: stage.browser(bindings) }
}

/** Posts an answer of the attacker’s IdP, which signs anybody in as anybody. */
const answerAs = async (browser: Browser, { id, relayState }: Asked, nameId = 'mallory@x.test') =>
  browser.submitFromElsewhere(ACS, {
    SAMLResponse: await signedResponse(theirs, {
      spEntityId: `${SITE}/.gatehouse/saml/theirs/metadata`,
      acsUrl: ACS,
      inResponseTo: id,
      now: new Date(),
      assertionId: `_${crypto.randomUUID()}`,
      nameId,
    }),
    RelayState: relayState,
  })

/** Signs in at the site's own IdP. */
async function signIn(stage: Stage, browser: Browser): Promise<void> {
  const asked = await beginAt(browser, `${SITE}/.gatehouse/login?go=1&connection=okta&to=%2F`)
  await stage.post(browser, await stage.respond(asked), asked.relayState)
}

const beginAt = async (browser: Browser, url = THEIRS): Promise<Asked> =>
  readRequest(locationOf(await browser.go(url)))

const personAt = async (stage: Stage, browser: Browser): Promise<string | null> => {
  const seen = stage.origin.length
  await browser.go(`${SITE}/`)
  return stage.origin[seen]?.headers.get('X-Forwarded-Email') ?? null
}
const open = async () =>
  (await env.DB.prepare('SELECT connection FROM sessions WHERE revoked_at IS NULL').all()).results
const handleIn = (page: string) => /name="login" value="([^"]*)"/.exec(page)?.[1] ?? ''

describe('a login that another site began, with another person’s answer', () => {
  it('leaves the session in its place, and asks', async () => {
    const { stage, browser } = await createSites()
    await signIn(stage, browser)
    const before = browser.cookies.get('__Host-gatehouse')
    const asked = await answerAs(browser, await beginAt(browser))
    expect(asked.status).toBe(200)
    const page = await asked.text()
    expect(page).toContain('You are signed in as <strong>zoe@example.test</strong>')
    expect(page).toContain('<strong>mallory@x.test</strong>')
    expect(browser.cookies.get('__Host-gatehouse')).toEqual(before)
    expect(await personAt(stage, browser)).toBe('zoe@example.test')
  })

  it.each(['a link', 'a form of another site', 'an answer that nobody asked for'])(
    'asks, whatever began it: %s',
    async (way) => {
      const { stage, browser } = await createSites()
      await signIn(stage, browser)
      // The sign-in was so long ago that its login cookie is gone, but the session is not.
      for (const name of browser.cookies.keys()) {
        if (name !== '__Host-gatehouse') browser.cookies.delete(name)
      }
      let to = THEIRS
      if (way === 'a form of another site') {
        const onward = await browser.submitFromElsewhere(`${SITE}/.gatehouse/login`, {
          connection: 'theirs',
          to: '/board',
        })
        expect(onward.headers.getSetCookie()).toEqual([])
        const link = /id="onward" href="([^"]*)"/.exec(await onward.text())?.[1] ?? ''
        to = SITE + link.replaceAll('&amp;', '&')
      }
      if (way === 'an answer that nobody asked for') {
        const form = { SAMLResponse: 'x', RelayState: '/board' }
        to = SITE + locationOf(await browser.submitFromElsewhere(ACS, form))
      }
      const asked = await answerAs(browser, await beginAt(browser, to))
      expect(await asked.text()).toContain('Switch accounts?')
      expect(await personAt(stage, browser)).toBe('zoe@example.test')
    },
  )

  it('asks too when the victim signs in between the attacker’s beginning and end', async () => {
    const { stage, browser } = await createSites()
    const begun = await beginAt(browser)
    at(10)
    await signIn(stage, browser)
    at(3000)
    const asked = await answerAs(browser, begun)
    expect(await asked.text()).toContain('Switch accounts?')
    expect(await personAt(stage, browser)).toBe('zoe@example.test')
  })

  it('asks too when the attacker has begun so many that the oldest are forgotten', async () => {
    const { stage, browser } = await createSites()
    const begun = await beginAt(browser)
    at(10)
    await signIn(stage, browser)
    at(11)
    let last = begun
    for (let i = 0; i < 40; i++) last = await beginAt(browser)
    browser.cookies.delete('__Host-gatehouse')
    const asked = await answerAs(browser, last)
    expect(await asked.text()).toContain('Switch accounts?')
  })

  it('asks the same when the answer is posted again, and counts it once', async () => {
    const { stage, browser } = await createSites()
    await signIn(stage, browser)
    const begun = await beginAt(browser)
    await answerAs(browser, begun)
    const again = await answerAs(browser, begun)
    const page = await again.text()
    expect(page).toContain('zoe@example.test')
    expect(page).toContain('mallory@x.test')
    expect(await open()).toHaveLength(2)
  })

  it('does not ask about the same person, nor where nobody is signed in', async () => {
    const { stage, browser } = await createSites()
    const first = await answerAs(browser, await beginAt(browser))
    expect([first.status, locationOf(first)]).toEqual([303, `${SITE}/board`])
    const again = await answerAs(browser, await beginAt(browser))
    expect(again.status).toBe(303)
    expect(await personAt(stage, browser)).toBe('mallory@x.test')
    await browser.submit(`${SITE}/.gatehouse/logout`, {})
    await signIn(stage, browser)
    expect(await personAt(stage, browser)).toBe('zoe@example.test')
  })

  it('does not ask a person who chose the other account by a form of this site', async () => {
    const { stage, browser } = await createSites()
    await signIn(stage, browser)
    const form = { connection: 'theirs', to: '/board', fresh: '1' }
    const page = await (await browser.submit(`${SITE}/.gatehouse/login`, form)).text()
    const href = /id="onward" href="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const back = await answerAs(browser, await readRequest(href))
    expect(back.status).toBe(303)
    expect(await personAt(stage, browser)).toBe('mallory@x.test')
    expect(await open()).toEqual([{ connection: 'theirs' }])
  })
})

describe('the person’s answer', () => {
  async function ask() {
    const { stage, browser } = await createSites()
    await signIn(stage, browser)
    const page = await (await answerAs(browser, await beginAt(browser))).text()
    return { stage, browser, login: handleIn(page) }
  }

  it('to keep the account ends the other session, in D1', async () => {
    const { stage, browser, login } = await ask()
    const back = await browser.submit(SWITCH, { login, choice: 'keep' })
    expect([back.status, locationOf(back)]).toEqual([303, `${SITE}/board`])
    expect(await personAt(stage, browser)).toBe('zoe@example.test')
    expect(await open()).toEqual([{ connection: 'okta' }])
    // The sign-in was for this offer only, so it ends as well.
    const { results } = await env.DB.prepare(
      'SELECT connection, ended_at IS NULL AS goesOn FROM sign_ins ORDER BY connection',
    ).all()
    expect(results).toEqual([
      { connection: 'okta', goesOn: 1 },
      { connection: 'theirs', goesOn: 0 },
    ])
    expect(stage.audit().map(({ audit }) => audit)).toEqual(['login', 'login', 'logout'])
    expect(
      (await browser.submit(SWITCH, { login, choice: 'change' })).headers.getSetCookie(),
    ).toEqual([])
  })

  it('to change gives the other session, and ends this one in D1', async () => {
    const { stage, browser, login } = await ask()
    const before = stage.browser()
    for (const [name, cookie] of browser.cookies) before.cookies.set(name, cookie)
    expect(await personAt(stage, before)).toBe('zoe@example.test')
    const back = await browser.submit(SWITCH, { login, choice: 'change' })
    expect([back.status, locationOf(back)]).toEqual([303, `${SITE}/board`])
    expect(await personAt(stage, browser)).toBe('mallory@x.test')
    // At once in this isolate, which has just read it.
    expect(await personAt(stage, before)).toBeNull()
    expect(await open()).toEqual([{ connection: 'theirs' }])
  })

  it('counts only from a page of this site, in the browser that was asked', async () => {
    const { stage, browser, login } = await ask()
    const foreign = await browser.submitFromElsewhere(SWITCH, { login, choice: 'change' })
    expect([locationOf(foreign), foreign.headers.getSetCookie()]).toEqual([`${SITE}/`, []])
    const other = stage.browser()
    const stolen = await other.submit(SWITCH, { login, choice: 'change' })
    expect(stolen.headers.getSetCookie()).toEqual([])
    for (const choice of ['', 'other']) {
      const { browser: one, login: mine } = await ask()
      await one.submit(SWITCH, { login: mine, choice })
      expect(one.cookies.has('__Host-gatehouse')).toBe(true)
    }
    expect(await personAt(stage, browser)).toBe('zoe@example.test')
  })

  const ofMallory = (set: string) =>
    env.DB.exec(`UPDATE users SET ${set} WHERE subject = 'mallory@x.test'`)
  it.each([
    [
      'was ended by an operator',
      'ended-meanwhile',
      () => env.DB.exec("UPDATE sign_ins SET ended_at = 1 WHERE name_id = 'mallory@x.test'"),
    ],
    [
      'ended with all of its person',
      'ended-meanwhile',
      () => ofMallory('sessions_valid_from = sessions_valid_from + 1e9'),
    ],
    [
      'was revoked',
      'ended-meanwhile',
      () => env.DB.exec("UPDATE sessions SET revoked_at = 1 WHERE connection = 'theirs'"),
    ],
    ['is of a person who was disabled', 'user-disabled', () => ofMallory('active = 0')],
    [
      'is of a person who was erased',
      'ended-meanwhile',
      () => env.DB.exec("DELETE FROM users WHERE subject = 'mallory@x.test'"),
    ],
    [
      'is of a connection that was disabled',
      'ended-meanwhile',
      () => env.DB.exec("UPDATE connections SET enabled = 0 WHERE id = 'theirs'"),
    ],
  ] as const)('to change leaves all as it is where the other session %s: %s', async (...given) => {
    const [what, reason, end] = given
    const { stage, browser, login } = await ask()
    const before = browser.cookies.get('__Host-gatehouse')
    await end()
    const back = await browser.submit(SWITCH, { login, choice: 'change' })
    expect(back.status).toBe(403)
    expect(browser.cookies.get('__Host-gatehouse')).toEqual(before)
    expect(await personAt(stage, browser)).toBe('zoe@example.test')
    const isErased = what === 'is of a person who was erased'
    expect(refusals(stage)).toMatchObject([
      {
        reason,
        connection: isErased ? null : 'theirs',
        user: isErased ? null : expect.any(String),
        facts: { person: 'mallory@x.test' },
      },
    ])
    // The question is over.
    const again = await browser.submit(SWITCH, { login, choice: 'change' })
    expect([again.status, locationOf(again)]).toEqual([303, `${SITE}/`])
    at(16)
    expect(await personAt(stage, browser)).toBe('zoe@example.test')
  })

  it('to change ends nothing where the other session ends at the same moment', async () => {
    const { stage, browser } = await createSites({
      DB: interrupted(env.DB, async () => {
        if (isAsked) await ofMallory('sessions_valid_from = sessions_valid_from + 1e9')
      }),
    })
    let isAsked = false
    await signIn(stage, browser)
    const page = await (await answerAs(browser, await beginAt(browser))).text()
    isAsked = true
    const back = await browser.submit(SWITCH, { login: handleIn(page), choice: 'change' })
    expect(back.status).toBe(403)
    at(16)
    expect(await personAt(stage, browser)).toBe('zoe@example.test')
  })

  it('can no longer be to change once the person has signed out', async () => {
    const { stage, browser, login } = await ask()
    const kept = new Map(browser.cookies)
    await browser.submit(`${SITE}/.gatehouse/logout`, {})
    expect(await open()).toEqual([])
    expect([...browser.cookies.keys()]).toEqual(['__Host-gatehouse-connection'])
    await browser.submit(SWITCH, { login, choice: 'change' })
    expect(await personAt(stage, browser)).toBeNull()
    // The old cookies do not help either.
    for (const [name, value] of kept) browser.cookies.set(name, value)
    await browser.submit(SWITCH, { login, choice: 'change' })
    expect(await personAt(stage, browser)).toBeNull()
  })

  it('to change is 503, and changes nothing, while D1 cannot end this session', async () => {
    const db = breakable(env.DB)
    const { stage, browser } = await createSites({ DB: db.binding })
    await signIn(stage, browser)
    const page = await (await answerAs(browser, await beginAt(browser))).text()
    const before = browser.cookies.get('__Host-gatehouse')
    db.isBroken = true
    const back = await browser.submit(SWITCH, { login: handleIn(page), choice: 'change' })
    expect(back.status).toBe(503)
    expect(browser.cookies.get('__Host-gatehouse')).toEqual(before)
  })
})
