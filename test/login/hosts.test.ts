/** Several sites under one sign-in: the login host passes it on, by transfers. */
import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import type { GatehouseConfig } from '../../src/config.ts'
import { insertConnection } from '../../src/connection/store.ts'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { saveTransfer } from '../../src/login/transfer-store.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createBrowser } from '../support/browser.ts'
import { background } from '../support/background.ts'
import { emptyStores } from '../support/session.ts'
import { liveOf } from '../support/site.ts'
import { A, at, B, C, LOGIN, page, Person, reasons, rows, siteAt, three } from './person.ts'
import { createStage, readRequest, refusals, start, stepsOf, type Stage } from './stage.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken; DELETE FROM transfers; DELETE FROM audit')
})

/** The site and the person of each request that reached an origin. */
const reached = ({ origin }: Stage) =>
  origin.map(({ url, headers }) => [new URL(url).origin, headers.get('X-Forwarded-Email')])
const hostsWithSession = async () =>
  (await rows('sessions')).map((row) => String(row['site'])).toSorted((a, b) => a.localeCompare(b))

describe('one sign-in for several sites', () => {
  it('asks the identity provider once, and gives each site its own session and token', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    for (const url of [`${A}/one?x=1`, `${B}/two`, `${C}/`]) {
      expect(await page(await zoe.open(url))).toEqual([200, 'the page behind'])
      expect(zoe.seen.at(-1)).toBe(url)
    }
    expect(zoe.timesAtIdp).toBe(1)
    expect(reached(stage)).toEqual([A, B, C].map((url) => [url, 'zoe@example.test']))
    const tokens = stage.origin.map(({ headers }) =>
      decodeJwt(headers.get('X-Gatehouse-Jwt-Assertion') ?? ''),
    )
    expect(tokens.map(({ iss, aud }) => [iss, aud])).toEqual([A, B, C].map((url) => [url, url]))
    const cookies = [LOGIN, A, B, C].map(
      (url) => zoe.at(url).cookies.get('__Host-gatehouse')?.value ?? '',
    )
    expect(new Set(cookies).size).toBe(4)
    const [signIn, ...others] = await rows('sign_ins')
    expect(others).toEqual([])
    expect(await hostsWithSession()).toEqual([A, B, C, LOGIN].map((url) => new URL(url).host))
    expect(new Set((await rows('sessions')).map((row) => row['sign_in']))).toEqual(
      new Set([signIn?.['id']]),
    )
    expect(await rows('transfers')).toEqual([])
  })

  it('is in one round of redirects where the person is signed in', async () => {
    const zoe = new Person(await createStage(three()))
    await zoe.open(`${A}/`)
    zoe.seen.length = 0
    await zoe.open(`${B}/deep`)
    expect(
      zoe.seen.map((url) => new URL(url)).map(({ host, pathname }) => host + pathname),
    ).toEqual([
      'b.example.com/deep',
      'b.example.com/.gatehouse/login',
      'b.example.com/.gatehouse/login',
      'login.example.com/.gatehouse/login',
      'b.example.com/.gatehouse/arrive',
      'b.example.com/deep',
    ])
  })

  it('can be at a site, which then has no other session', async () => {
    const stage = await createStage({ loginHost: A, sites: [siteAt(A), siteAt(B)] })
    const zoe = new Person(stage)
    zoe.answer = async (url) => {
      zoe.seen.push(url)
      const asked = await readRequest(url)
      const answer = await stage.respond(asked, {})
      return zoe.follow(await stage.post(zoe.at(A), answer, asked.relayState), A)
    }
    await zoe.open(`${B}/x`)
    await zoe.open(`${A}/`)
    expect(zoe.timesAtIdp).toBe(1)
    expect(await hostsWithSession()).toEqual(['a.example.com', 'b.example.com'])
    // A page of that site whose query resembles an address that leads on is a page of that site.
    const query = new URLSearchParams({ site: 'b.example.com', login: `gh-${crypto.randomUUID()}` })
    const to = `/${'x'.repeat('.gatehouse/login'.length)}?${query.toString()}`
    zoe.seen.length = 0
    await zoe.open(`${A}/.gatehouse/login?${new URLSearchParams({ to }).toString()}`)
    expect(zoe.seen.at(-1)).toBe(A + to)
    expect(zoe.seen.filter((url) => url.startsWith(B))).toEqual([])
  })

  it('begins with a form where a service worker may answer navigations', async () => {
    const zoe = new Person(await createStage(three()))
    const response = await zoe.post(`${B}/.gatehouse/login`, { to: '/after' })
    expect(await page(response)).toEqual([200, 'the page behind'])
    expect(zoe.seen.at(-1)).toBe(`${B}/after`)
    expect(zoe.seen.filter((url) => url.includes('code='))).toEqual([])
  })

  it('keeps the tie of a window to its site: it ends on the site’s own page', async () => {
    const zoe = new Person(await createStage(three()))
    await zoe.open(`${A}/`)
    const response = await zoe.open(`${B}/.gatehouse/login?to=/.gatehouse/signed-in`)
    expect(await response.text()).toContain('BroadcastChannel')
    expect(zoe.at(B).cookies.has('__Host-gatehouse')).toBe(true)
  })

  it('serves tabs that open together, at one site and at several', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const urls = Array.from({ length: 6 }, (_, i) => `${[B, C][i % 2]}/tab${i}`)
    const transfers: string[] = []
    for (const url of urls) transfers.push(await zoe.transferTo(url))
    for (const url of transfers.toReversed()) await zoe.open(url)
    expect(zoe.seen.filter((url) => url.includes('/tab')).toSorted()).toEqual(urls.toSorted())
    expect(reasons(stage)).toEqual([])
  })

  it('costs an anonymous visitor no write', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    zoe.staysAtIdp = true
    await zoe.open(`${A}/`)
    expect(zoe.timesAtIdp).toBe(1)
    const tables = ['sign_ins', 'sessions', 'transfers', 'taken', 'audit']
    for (const table of tables) expect(await rows(table), table).toEqual([])
    expect((await env.SESSIONS.list()).keys).toEqual([])
  })
})

describe('a transfer', () => {
  const refused = async (stage: Stage, response: Response, reason: string) => {
    const text = await response.text()
    expect(text).toContain('Start again')
    expect(response.status).toBe(400)
    // The operator is told of the connection. The page has nothing of a sign-in that may be another's.
    expect(refusals(stage)).toMatchObject([{ reason, connection: 'okta' }])
    expect(stepsOf(text).map(({ fields }) => fields['connection'])).toEqual([undefined])
  }

  it('counts once: a second use of the address by the same browser only goes on to the page', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const transfer = await zoe.transferTo(`${B}/page`)
    await zoe.open(transfer)
    const sessions = await rows('sessions')
    expect(await page(await zoe.open(transfer))).toEqual([200, 'the page behind'])
    expect(zoe.seen.at(-1)).toBe(`${B}/page`)
    expect(await rows('sessions')).toEqual(sessions)
    // The browser has forgotten the login, but not its session.
    const forgetful = zoe.at(B).cookies
    for (const name of [...forgetful.keys()].filter((each) => each.includes('-login-'))) {
      forgetful.delete(name)
    }
    expect(await (await zoe.open(transfer)).text()).toContain('You are signed in')
  })

  it('is refused in another browser, and is then used up', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    const thief = new Person(stage)
    await zoe.open(`${A}/`)
    const transfer = await zoe.transferTo(`${B}/`)
    await thief.transferTo(`${B}/`).catch(() => undefined)
    await refused(stage, await thief.at(B).go(transfer), 'transfer-other-browser')
    expect(thief.at(B).cookies.has('__Host-gatehouse')).toBe(false)
    expect(await rows('transfers')).toEqual([])
    await zoe.open(transfer)
    expect(reasons(stage)).toEqual(['transfer-other-browser', 'transfer-unknown'])
  })

  it('is refused at another host', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const transfer = await zoe.transferTo(`${B}/`)
    const code = new URL(transfer).searchParams.get('code') ?? ''
    const own = new URL(await zoe.transferTo(`${C}/`))
    own.searchParams.set('code', code)
    await refused(stage, await zoe.at(C).go(own.href), 'transfer-other-host')
  })

  it('is refused for another login of the same browser', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const one = new URL(await zoe.transferTo(`${B}/one`))
    const two = new URL(await zoe.transferTo(`${B}/two`))
    one.searchParams.set('login', two.searchParams.get('login') ?? '')
    await refused(stage, await zoe.at(B).go(one.href), 'transfer-other-browser')
  })

  it('is refused from its sixtieth second, and taken until then', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const inTime = await zoe.transferTo(`${B}/`)
    const late = await zoe.transferTo(`${C}/`)
    at(59)
    expect(await page(await zoe.open(inTime))).toEqual([200, 'the page behind'])
    at(60)
    await refused(stage, await zoe.at(C).go(late), 'transfer-expired')
  })

  it('is refused when nobody passed it on', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const forged = new URL(await zoe.transferTo(`${B}/`))
    for (const code of ['', 'x', 'A'.repeat(43)]) {
      forged.searchParams.set('code', code)
      const response = await zoe.at(B).go(forged.href)
      expect(response.status).toBe(400)
    }
    expect(new Set(reasons(stage))).toEqual(new Set(['transfer-unknown']))
  })

  it('lets in one of two that take it at the same moment', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const transfer = await zoe.transferTo(`${B}/`)
    const [one, two] = await Promise.all([zoe.at(B).go(transfer), zoe.at(B).go(transfer)])
    expect(new Set([one.status, two.status])).toEqual(new Set([303, 400]))
  })

  it('lets nobody in who was disabled, or whose sign-in ended, on the way', async () => {
    const endings = {
      'user-disabled': async () => {
        const [user] = await rows('users')
        await setUserActive(env.DB, String(user?.['id']), false, toInstant(Date.now()))
      },
      'ended-meanwhile': async (zoe: Person) =>
        void (await zoe.at(A).submit(`${A}/.gatehouse/logout`, {})),
    }
    for (const [reason, end] of Object.entries(endings)) {
      await emptyStores()
      const stage = await createStage(three())
      const zoe = new Person(stage)
      await zoe.open(`${A}/`)
      const [user] = await rows('users')
      const transfer = await zoe.transferTo(`${B}/`)
      const before = stage.origin.length
      await end(zoe)
      expect((await zoe.at(B).go(transfer)).status).toBe(403)
      expect(zoe.at(B).cookies.has('__Host-gatehouse')).toBe(false)
      expect(stage.audit().at(-1)).toMatchObject({
        audit: 'login-refused',
        site: new URL(B).host,
        connection: 'okta',
        reason,
        user: user?.['id'],
      })
      await zoe.at(B).go(`${B}/`)
      expect(stage.origin.length, reason).toBe(before)
    }
  })

  it('is not stored for a sign-in that has ended since it was read', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const [signIn] = await rows('sign_ins')
    await env.DB.exec('UPDATE sign_ins SET ended_at = 1')
    const { session } = liveOf({ signIn: String(signIn?.['id']) })
    const transfer = {
      signIn: String(signIn?.['id']),
      host: 'b.example.com',
      login: 'gh-1',
      session,
      expiresAt: toInstant(start.getTime() + 60_000),
    }
    expect(await saveTransfer(env.DB, 'code', transfer)).toBe(false)
    expect(await rows('transfers')).toEqual([])
  })

  it('is stored as a hash, and no longer than cron lets it', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const code = new URL(await zoe.transferTo(`${B}/`)).searchParams.get('code') ?? ''
    expect(code).toHaveLength(43)
    expect(JSON.stringify(await rows('transfers'))).not.toContain(code)
    at(61)
    await stage.cron()
    expect(await rows('transfers')).toEqual([])
  })
})

describe('nobody is signed in as somebody else', () => {
  it('by a transfer of the attacker that the victim is led to', async () => {
    const stage = await createStage(three())
    const mallory = new Person(stage, 'mallory@example.test')
    const zoe = new Person(stage)
    await mallory.open(`${A}/`)
    const transfer = await mallory.transferTo(`${B}/`)
    await zoe.at(B).go(transfer)
    expect(zoe.at(B).cookies.has('__Host-gatehouse')).toBe(false)
    expect(reasons(stage)).toEqual(['transfer-other-browser'])
    // Also not while the victim has a login of their own under way.
    const other = await mallory.transferTo(`${C}/`)
    zoe.staysAtIdp = true
    await zoe.open(`${C}/`)
    await zoe.at(C).go(other)
    expect(zoe.at(C).cookies.has('__Host-gatehouse')).toBe(false)
    expect(reasons(stage)).toEqual(['transfer-other-browser', 'transfer-other-browser'])
  })

  it('without a question, where the login host has another person by now', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    await zoe.open(`${B}/`)
    zoe.at(LOGIN).cookies.clear()
    zoe.nameId = 'mallory@example.test'
    await zoe.open(`${C}/`)
    const asked = await zoe.open(`${B}/.gatehouse/login?to=/board`)
    const text = await asked.text()
    expect(text).toContain('You are signed in as <strong>zoe@example.test</strong>')
    const [keep, change] = stepsOf(text)
    // The same address again, by the Back button, asks the same.
    const arrival = zoe.seen.findLast((url) => url.includes('/.gatehouse/arrive?')) ?? ''
    expect(await (await zoe.at(B).go(arrival)).text()).toContain('Switch accounts?')
    const seen = stage.origin.length
    await zoe.post(B + (keep?.action ?? ''), keep?.fields ?? {})
    expect(stage.origin[seen]?.headers.get('X-Forwarded-Email')).toBe('zoe@example.test')
    // The sign-in of the other person goes on where it was.
    expect((await rows('sign_ins')).map((row) => row['ended_at'])).toEqual([null, null])
    await zoe.open(`${C}/`)
    expect(reached(stage).at(-1)).toEqual([C, 'mallory@example.test'])
    expect(change?.label).toBe('Switch to mallory@example.test')
  })

  it('without their word: a form of the site itself is one', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    await zoe.open(`${B}/`)
    zoe.at(LOGIN).cookies.clear()
    zoe.nameId = 'mallory@example.test'
    await zoe.open(`${C}/`)
    const response = await zoe.post(`${B}/.gatehouse/login`, { to: '/board' })
    expect(await page(response)).toEqual([200, 'the page behind'])
    expect(reached(stage).at(-1)).toEqual([B, 'mallory@example.test'])
    // The session of before ends in D1 as well as in the browser.
    const here = (await rows('sessions')).filter((row) => row['site'] === 'b.example.com')
    expect(here.map((row) => row['revoked_at'] !== null)).toEqual([true, false])
  })
})

describe('sign-out', () => {
  const inEverywhere = async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    for (const url of [A, B, C]) await zoe.open(`${url}/`)
    return { stage, zoe }
  }
  const canEnter = async (zoe: Person, url: string) =>
    (await zoe.at(url).go(`${url}/`)).status === 200

  it('everywhere ends each session within revocationSeconds', async () => {
    const { zoe } = await inEverywhere()
    await zoe.at(B).submit(`${B}/.gatehouse/logout`, { scope: 'all' })
    expect(await canEnter(zoe, B)).toBe(false)
    at(15)
    for (const url of [A, C]) expect(await canEnter(zoe, url), url).toBe(false)
    zoe.staysAtIdp = true
    await zoe.open(`${A}/`)
    expect(zoe.timesAtIdp).toBe(2)
    expect(await rows('sign_ins')).toMatchObject([{ ended_why: 'signed-out' }])
  })

  it('is everywhere unless the person says otherwise', async () => {
    const { zoe } = await inEverywhere()
    await zoe.at(B).submit(`${B}/.gatehouse/logout`, {})
    expect(await rows('sign_ins')).toMatchObject([{ ended_why: 'signed-out' }])
  })

  it('of one site leaves the others, and the next visit asks first', async () => {
    const { zoe, stage } = await inEverywhere()
    const out = await zoe.at(B).submit(`${B}/.gatehouse/logout`, { scope: 'site' })
    expect(await out.text()).toContain('You are still signed in at your company')
    at(15)
    expect(await canEnter(zoe, A)).toBe(true)
    expect(await canEnter(zoe, B)).toBe(false)
    // Another person's sign-in has nothing to do with it.
    const other = new Person(stage, 'mallory@example.test')
    expect(await page(await other.open(`${B}/`))).toEqual([200, 'the page behind'])
    const asked = await (await zoe.open(`${B}/deep`)).text()
    expect(asked).toContain('You signed out of b.example.com')
    expect(zoe.timesAtIdp).toBe(1)
    const [goOn, another] = stepsOf(asked)
    expect([goOn?.label, another?.label]).toEqual([
      'Continue as zoe@example.test',
      'Use another account',
    ])
    // Only the page itself can say so.
    const foreign = await zoe
      .at(LOGIN)
      .submitFromElsewhere(LOGIN + goOn?.action, goOn?.fields ?? {})
    expect(await foreign.text()).toContain('Signing you in')
    // With the form of a page of another host of the domain, browsers send the cookies (SameSite).
    const Cookie = [...zoe.at(LOGIN).cookies].map(([name, { value }]) => `${name}=${value}`)
    const beside = new Request(LOGIN + goOn?.action, {
      method: 'POST',
      headers: {
        Cookie: Cookie.join('; '),
        Origin: 'https://beside.example.com',
        'Sec-Fetch-Site': 'same-site',
      },
      body: new URLSearchParams(goOn?.fields ?? {}),
    })
    expect(await (await stage.send(beside)).text()).toContain('You signed out of b.example.com')
    expect(await rows('transfers')).toEqual([])
    // The form-action of the page is 'self', so the answer to its form may not redirect to B (CSP).
    const goingOn = await zoe.at(LOGIN).submit(LOGIN + goOn?.action, goOn?.fields ?? {})
    expect(goingOn.status).toBe(200)
    const response = await zoe.follow(goingOn, LOGIN)
    expect(await page(response)).toEqual([200, 'the page behind'])
    expect(zoe.seen.at(-1)).toBe(`${B}/deep`)
    expect(zoe.timesAtIdp).toBe(1)
    // And not again.
    zoe.at(B).cookies.delete('__Host-gatehouse')
    expect(await page(await zoe.open(`${B}/`))).toEqual([200, 'the page behind'])
    expect(reasons(stage)).toEqual([])
  })

  it('offers both at a site, and one at the login host', async () => {
    const { zoe } = await inEverywhere()
    const labels = async (url: string) =>
      stepsOf(await (await zoe.at(url).go(`${url}/.gatehouse/logout`)).text()).map((s) => s.label)
    expect(await labels(B)).toEqual(['Sign out of all sites', 'Sign out of b.example.com only'])
    expect(await labels(LOGIN)).toEqual(['Sign out'])
  })
})

describe('the terms of a site', () => {
  it('count from the sign-in: a session ends at each site by that site’s own length', async () => {
    const stage = await createStage(
      three({ [B]: { session: { absoluteSeconds: 3600, idleSeconds: null } } }),
    )
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    at(3000)
    await zoe.open(`${B}/`)
    at(3599)
    expect((await zoe.at(B).go(`${B}/`)).status).toBe(200)
    at(3600)
    expect((await zoe.at(B).go(`${B}/`)).status).toBe(302)
    // The sign-in is too old for B, so it is not passed on: the identity provider is asked.
    await zoe.open(`${B}/`)
    expect(zoe.timesAtIdp).toBe(2)
  })

  it('end with the sign-in that they belong to, wherever the person is', async () => {
    const stage = await createStage(three())
    const [mallory, zoe] = [new Person(stage, 'mallory@example.test'), new Person(stage)]
    await mallory.open(`${A}/`)
    // Ten minutes of eight hours.
    await env.DB.exec('UPDATE sign_ins SET expires_at = opened_at + (expires_at - opened_at) / 48')
    for (const each of [mallory, zoe]) {
      await each.open(`${A}/`)
      await each.open(`${B}/`)
    }
    at(599)
    expect((await mallory.at(B).go(`${B}/`)).status).toBe(200)
    at(600)
    expect((await mallory.at(B).go(`${B}/`)).status).toBe(302)
    expect((await zoe.at(B).go(`${B}/`)).status).toBe(200)
  })

  it('know a person who is idle by what they do at any host, and asking to sign in is no activity', async () => {
    const idle = { session: { absoluteSeconds: 8 * 3600, idleSeconds: 600 } }
    const stage = await createStage({
      ...three({ [A]: idle, [B]: idle }),
      revocationSeconds: 1,
    })
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    await zoe.open(`${B}/`)
    for (const minute of [5, 10, 15, 20]) {
      at(minute * 60)
      expect((await zoe.at(A).go(`${A}/`)).status, `${minute}`).toBe(200)
    }
    expect((await zoe.at(B).go(`${B}/`)).status).toBe(200)
    at(20 * 60 + 600 + 61)
    zoe.staysAtIdp = true
    for (const times of [2, 3]) {
      await zoe.open(`${B}/`)
      expect(zoe.timesAtIdp).toBe(times)
    }
  })

  it.each([8 * 3600, null])(
    'know it at a site with a short idle limit, whatever is done where the limit is %s',
    async (idleSeconds) => {
      const stage = await createStage({
        ...three({
          [A]: { session: { absoluteSeconds: 8 * 3600, idleSeconds: 300 } },
          [B]: { session: { absoluteSeconds: 8 * 3600, idleSeconds } },
        }),
        revocationSeconds: 1,
      })
      const zoe = new Person(stage)
      await zoe.open(`${A}/`)
      await zoe.open(`${B}/`)
      for (let seconds = 20; seconds <= 560; seconds += 20) {
        at(seconds)
        expect((await zoe.at(B).go(`${B}/`)).status).toBe(200)
      }
      at(560 + 299)
      expect((await zoe.at(A).go(`${A}/`)).status).toBe(200)
      at(560 + 299 + 331)
      expect((await zoe.at(A).go(`${A}/`)).status).toBe(302)
    },
  )

  it('decide which connections count, and which are offered', async () => {
    const stage = await createStage(
      three({ [A]: { connections: ['okta'] }, [B]: { connections: ['entra'] } }),
    )
    const entra = connectionOf(stage.idp, { id: 'entra', displayName: 'Entra ID' })
    await insertConnection(env.DB, entra, toInstant(start.getTime()))
    const zoe = new Person(stage)
    zoe.staysAtIdp = true
    await zoe.open(`${A}/`)
    await zoe.open(`${B}/`)
    const requests = zoe.seen.filter((url) => url.startsWith('https://idp.'))
    const asked = await Promise.all(requests.map(readRequest))
    expect(asked.map(({ xml }) => /saml\/(\w+)\/acs/.exec(xml)?.[1])).toEqual(['okta', 'entra'])
    zoe.staysAtIdp = false
    await zoe.open(`${A}/`)
    zoe.staysAtIdp = true
    zoe.seen.length = 0
    await zoe.open(`${B}/`)
    expect(zoe.timesAtIdp).toBe(1)
  })
})

describe('the login host', () => {
  it('is the only one that identity providers and directories reach', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    const metadata = '/.gatehouse/saml/okta/metadata'
    expect((await zoe.at(LOGIN).go(LOGIN + metadata)).status).toBe(200)
    expect((await zoe.at(A).go(A + metadata)).status).toBe(404)
    const scim = '/.gatehouse/scim/okta/v2/Users'
    expect((await zoe.at(LOGIN).go(LOGIN + scim)).status).toBe(401)
    expect((await zoe.at(A).go(A + scim)).status).toBe(404)
    const acs = '/.gatehouse/saml/okta/acs'
    expect((await zoe.at(LOGIN).go(LOGIN + acs)).status).toBe(405)
    expect((await zoe.at(A).go(A + acs)).status).toBe(404)
    const test = '/.gatehouse/test-sign-in'
    expect((await zoe.at(LOGIN).go(LOGIN + test)).status).toBe(200)
    expect((await zoe.at(A).go(A + test)).status).toBe(404)
    expect((await zoe.at(LOGIN).submit(LOGIN + test, { code: 'x' })).status).toBe(400)
    expect((await zoe.at(A).submit(A + test, { code: 'x' })).status).toBe(404)
    const keys = await zoe.at(A).go(`${A}/.gatehouse/jwks.json`)
    expect(await keys.json()).toEqual(
      await (await zoe.at(LOGIN).go(`${LOGIN}/.gatehouse/jwks.json`)).json(),
    )
    const response = await zoe
      .at(A)
      .submitFromElsewhere(`${A}/.gatehouse/saml/okta/acs`, { SAMLResponse: 'PHg+' })
    expect([response.status, reasons(stage)]).toEqual([403, ['not-login-host']])
  })

  it('leads to no host that it does not know', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    zoe.seen.length = 0
    const handle = `gh-${crypto.randomUUID()}`
    for (const site of ['evil.example', 'login.example.com', '', 'a.example.com@evil.example']) {
      const query = new URLSearchParams({ go: '1', site, login: handle, by: 'redirect' })
      await zoe.open(`${LOGIN}/.gatehouse/login?${query.toString()}`)
    }
    const hosts = new Set(zoe.seen.map((url) => new URL(url).host))
    expect([...hosts]).toEqual(['login.example.com', 'idp.example.test'])
    expect(await rows('transfers')).toEqual([])
  })

  it('leads on with the login of a browser, and with nothing else in its place', async () => {
    const zoe = new Person(await createStage(three()))
    await zoe.open(`${A}/`)
    const led = async (login: string) => {
      const query = new URLSearchParams({ go: '1', site: 'a.example.com', login, by: 'redirect' })
      const response = await zoe.at(LOGIN).go(`${LOGIN}/.gatehouse/login?${query.toString()}`)
      return new URL(response.headers.get('Location') ?? '').host
    }
    const handle = `gh-${crypto.randomUUID()}`
    expect(await led(handle)).toBe('a.example.com')
    const { length } = await rows('transfers')
    for (const login of ['', 'x', `${handle}&code=x`, `${handle}\n`, `x${handle}`, handle.slice(3)])
      expect(await led(login), login).toBe('idp.example.test')
    expect(await rows('transfers')).toHaveLength(length)
  })

  it('asks anew where a site wants a fresh sign-in, and then passes that one on', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    await zoe.open(`${B}/.gatehouse/login?fresh=1&to=/again`)
    const request = zoe.seen.findLast((url) => url.startsWith('https://idp.')) ?? ''
    expect((await readRequest(request)).xml).toContain('ForceAuthn="true"')
    expect(zoe.seen.at(-1)).toBe(`${B}/again`)
    expect(reached(stage).at(-1)).toEqual([B, 'zoe@example.test'])
    expect((await rows('sign_ins')).map((row) => row['ended_why'])).toContain('replaced')
  })
})

describe('a site that wants a younger sign-in', () => {
  const routes = [
    { path: '/', access: 'signed-in' as const },
    { path: '/admin', access: { signedInWithin: '1h' } },
  ]

  it('has the person sign in again at the login host, once, and the other sites go on', async () => {
    const stage = await createStage(three({ [B]: { routes } }))
    const person = new Person(stage)
    await person.open(`${A}/`)
    expect((await person.open(`${B}/admin`)).status).toBe(200)
    expect(person.timesAtIdp).toBe(1)
    at(3600)
    const back = await person.open(`${B}/admin?x=1`)
    expect([back.status, person.seen.at(-1)]).toEqual([200, `${B}/admin?x=1`])
    expect(person.timesAtIdp).toBe(2)
    const asked = await readRequest(
      person.seen.findLast((url) => url.includes('idp.example')) ?? '',
    )
    expect(asked.xml).toContain('ForceAuthn="true"')
    expect((await person.open(`${B}/admin`)).status).toBe(200)
    expect((await person.open(`${A}/`)).status).toBe(200)
    expect(person.timesAtIdp).toBe(2)
  })

  it('asks the identity provider although the login host has a sign-in that it could pass on', async () => {
    const stage = await createStage(three({ [B]: { routes } }))
    const person = new Person(stage)
    await person.open(`${A}/`)
    at(3600)
    expect((await person.open(`${B}/`)).status).toBe(200)
    expect(person.timesAtIdp).toBe(1)
    expect((await person.open(`${B}/admin`)).status).toBe(200)
    expect(person.timesAtIdp).toBe(2)
  })
})

describe('a Worker that leaves sign-in to the login host of another', () => {
  const there = {
    loginHost: { url: LOGIN },
    sites: [siteAt(A)],
    sitesElsewhere: [{ url: B, session: { absoluteSeconds: 3600, idleSeconds: null } }],
  } satisfies GatehouseConfig
  const here = {
    loginHost: { url: LOGIN, elsewhere: true },
    sites: [siteAt(B, { session: { absoluteSeconds: 3600, idleSeconds: null } })],
  } satisfies GatehouseConfig

  /** Two Workers with one D1, each with a secret of its own. The second one guards B. */
  async function createTwo(config: GatehouseConfig = there) {
    const stage = await createStage(config)
    const zoe = new Person(stage)
    const worker = createGatehouse(here)
    const ORIGIN = { fetch: () => Promise.resolve(new Response('the site of the other Worker')) }
    const secret = btoa('b'.repeat(32))
    const ask = (request: Request) =>
      worker.fetch(request, { ...env, ORIGIN, GATEHOUSE_SECRET: secret }, background)
    zoe.jars.set(new URL(B).host, createBrowser(ask))
    return { stage, zoe, ask }
  }

  it('takes over the sign-in, and ends with it', async () => {
    const { zoe, stage } = await createTwo()
    expect(await page(await zoe.open(`${A}/`))).toEqual([200, 'the page behind'])
    expect(await page(await zoe.open(`${B}/x`))).toEqual([200, 'the site of the other Worker'])
    expect(zoe.timesAtIdp).toBe(1)
    expect(reasons(stage)).toEqual([])
    await zoe.at(A).submit(`${A}/.gatehouse/logout`, {})
    at(15)
    expect((await zoe.at(B).go(`${B}/`)).status).toBe(302)
  })

  it('begins a sign-in there', async () => {
    const { zoe } = await createTwo()
    expect(await page(await zoe.open(`${B}/x`))).toEqual([200, 'the site of the other Worker'])
    expect(zoe.seen.at(-1)).toBe(`${B}/x`)
  })

  it('holds a sign-in to its own length, whatever the login host thinks of it', async () => {
    const longer = { url: B, session: { absoluteSeconds: 8 * 3600, idleSeconds: null } }
    const { zoe } = await createTwo({ ...there, sitesElsewhere: [longer] })
    await zoe.open(`${A}/`)
    at(3600)
    const [status, text] = await page(await zoe.open(`${B}/x`))
    expect([status, text.includes('Your sign-in has expired')]).toEqual([403, true])
    expect(zoe.at(B).cookies.has('__Host-gatehouse')).toBe(false)
  })

  it('does not answer on the login host itself', async () => {
    const { ask } = await createTwo()
    expect((await ask(new Request(`${LOGIN}/.gatehouse/login`))).status).toBe(421)
  })

  it('gets nobody from a login host that does not know it', async () => {
    const { sitesElsewhere: _, ...without } = there
    const { zoe } = await createTwo(without)
    await zoe.open(`${A}/`)
    zoe.staysAtIdp = true
    await zoe.open(`${B}/`)
    expect(await rows('transfers')).toEqual([])
    expect(zoe.at(B).cookies.has('__Host-gatehouse')).toBe(false)
  })
})
