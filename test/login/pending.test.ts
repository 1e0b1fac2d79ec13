import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64Url, utf8 } from '../../src/lib/bytes.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { createDailySealer, type DailySealer } from '../../src/lib/seal.ts'
import {
  isGoingRound,
  keepLogin,
  LOGIN_COOKIE,
  PENDING_PURPOSE,
  readPending,
  takePending,
  toHandle,
  withOutcome,
  type PendingLogin,
} from '../../src/login/pending.ts'
import { parseReturnTo } from '../../src/login/return-to.ts'
import { parseSessionToken, parseTokenHash } from '../../src/session/token.ts'
import { noon, siteOf } from '../support/site.ts'

const site = siteOf()
const secrets = { current: utf8('s'.repeat(32)), previous: null }
const sealer = createDailySealer(secrets, PENDING_PURPOSE)
const at = (now = noon) => ({ host: site, now })
const hashOf = (letter: string) => {
  const hash = parseTokenHash(letter.repeat(43))
  if (!hash) throw new Error('not a hash')
  return hash
}
const tokenOf = (letter: string) => {
  const token = parseSessionToken(letter.repeat(43))
  if (!token) throw new Error('not a token')
  return token
}

const loginOf = (fields: Partial<PendingLogin> = {}): PendingLogin => ({
  handle: toHandle(crypto.randomUUID()),
  requestId: `_${crypto.randomUUID()}`,
  connection: 'okta',
  returnTo: parseReturnTo('/a?b=c#d', site.url),
  startedAt: noon,
  replaces: [hashOf('h')],
  isForeign: false,
  anew: null,
  outcome: null,
  ...fields,
})
const done = (session: string, now = noon) =>
  ({ kind: 'done', at: now, session: hashOf(session) }) as const

/** A browser's store of the login cookies. */
function createJar() {
  const jar = new Map<string, string>()
  const headers = () =>
    new Headers({ Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') })
  return {
    jar,
    headers,
    take: (cookies: readonly string[]) => {
      for (const cookie of cookies) {
        const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(cookie) ?? []
        if (cookie.includes('Max-Age=0;')) jar.delete(name)
        else jar.set(name, value)
      }
    },
    length: () => (headers().get('Cookie') ?? '').length,
    read: (now = noon, by: DailySealer = sealer) => readPending(headers(), by, at(now)),
  }
}
const keep = (login: PendingLogin, others: readonly PendingLogin[] = [], by = sealer) =>
  keepLogin(login, others, by, at(login.outcome?.at ?? login.startedAt))

describe('logins that a browser has begun', () => {
  it('come back as they were kept, each by a cookie of its own, the newest first', async () => {
    const { jar, take, read } = createJar()
    const logins = [
      loginOf({ startedAt: plusSeconds(noon, -3) }),
      loginOf({ startedAt: plusSeconds(noon, -2), replaces: [], isForeign: true }),
      loginOf({ startedAt: plusSeconds(noon, -9), outcome: done('d', plusSeconds(noon, -1)) }),
      loginOf({
        replaces: ['a', 'b', 'c', 'd'].map(hashOf),
        outcome: {
          kind: 'asked',
          at: noon,
          token: tokenOf('t'),
          expiresAt: plusSeconds(noon, 9),
          name: 'Zoë',
        },
      }),
    ]
    for (const login of logins) take(await keep(login))
    expect(jar.size).toBe(4)
    expect(await read()).toEqual(logins.toReversed())
  })

  it('have cookies of this host alone that come along with the IdP’s POST', async () => {
    const login = loginOf()
    const [cookie] = await keep(login)
    expect(cookie).toMatch(
      /^__Host-gatehouse-login-[0-9a-f-]{36}=[\w-]+; Path=\/; Max-Age=3600; HttpOnly; Secure; SameSite=None$/,
    )
    expect(cookie).toContain(`${LOGIN_COOKIE}${login.handle.slice(3)}=`)
  })

  it('do not lose each other when twenty are begun, answered and kept at the same time', async () => {
    const { take, read, headers } = createJar()
    const begun = Array.from({ length: 20 }, () => loginOf({ replaces: [] }))
    // Each answer sees only the cookies of its own request.
    const before = await readPending(headers(), sealer, at())
    const starts = await Promise.all(begun.map((login) => keep(login, before)))
    starts.forEach(take)
    const known = await read()
    expect(known.map(({ handle }) => handle).toSorted()).toEqual(
      begun.map(({ handle }) => handle).toSorted(),
    )
    const ends = await Promise.all(begun.map((login) => keep(withOutcome(login, done('s')), known)))
    ends.forEach(take)
    expect((await read()).filter(({ outcome }) => outcome !== null)).toHaveLength(20)
  })

  it('are 24 at most, in 12,000 bytes at most: the oldest go, for any addresses', async () => {
    const path = fc
      .string({ unit: 'binary', maxLength: 1400 })
      .map((text) => parseReturnTo(`/${text}`, site.url))
    await fc.assert(
      fc.asyncProperty(fc.array(path, { minLength: 1, maxLength: 40 }), async (paths) => {
        const { jar, take, read, length } = createJar()
        const logins = paths.map((returnTo, i) =>
          loginOf({ returnTo, startedAt: plusSeconds(noon, i) }),
        )
        for (const login of logins) {
          const cookies = await keep(login, await read(login.startedAt))
          expect(Math.max(...cookies.map((cookie) => cookie.length))).toBeLessThan(4096)
          take(cookies)
          expect(length()).toBeLessThanOrEqual(12_000)
        }
        const kept = await read(plusSeconds(noon, 60))
        expect(jar.size).toBe(kept.length)
        expect(kept.length).toBeLessThanOrEqual(24)
        expect(kept.length).toBeGreaterThan(Math.min(3, logins.length - 1))
        expect(kept).toEqual(logins.toReversed().slice(0, kept.length))
      }),
      { numRuns: 15 },
    )
  }, 60_000)

  it.each([
    [694, 10],
    [706, 9],
  ])('are as many as 12,000 bytes hold: of %d letters %d', async (letters, most) => {
    const { jar, take, read, length } = createJar()
    const returnTo = parseReturnTo(`/${'x'.repeat(letters)}`, site.url)
    for (let i = 0; i < 12; i++) {
      const now = plusSeconds(noon, i)
      take(await keep(loginOf({ returnTo, startedAt: now }), await read(now)))
    }
    const each = (length() + '; '.length) / jar.size
    // A hundred bytes more or less would hold one more or less.
    expect([jar.size, Math.floor(11_900 / each), Math.floor(12_100 / each)]).toEqual([most, 9, 10])
  })

  it('never drop the one that gave the browser its session, however many follow', async () => {
    const { take, read } = createJar()
    const old = loginOf({ outcome: done('o') })
    const giver = loginOf({ outcome: done('g', plusSeconds(noon, 1)) })
    take(await keep(old))
    take(await keep(giver, [old]))
    for (let i = 0; i < 60; i++) {
      const now = plusSeconds(noon, 2 + i)
      take(await keep(loginOf({ startedAt: now }), await read(now)))
    }
    const left = await read(plusSeconds(noon, 70))
    expect(left).toHaveLength(24)
    expect(left.filter(({ outcome }) => outcome !== null)).toEqual([giver])
  })

  it('last an hour from their last step, and not from the future by more than a minute', async () => {
    const open = createJar()
    open.take(await keep(loginOf()))
    expect(await open.read(plusSeconds(noon, 3599))).toHaveLength(1)
    expect(await open.read(plusSeconds(noon, 3600))).toEqual([])
    // Another isolate's clock, which is behind.
    expect(await open.read(plusSeconds(noon, -60))).toHaveLength(1)
    expect(await open.read(plusSeconds(noon, -61))).toEqual([])
    const answered = createJar()
    answered.take(await keep(loginOf({ outcome: done('s', plusSeconds(noon, 3000)) })))
    expect(await answered.read(plusSeconds(noon, 6599))).toHaveLength(1)
    expect(await answered.read(plusSeconds(noon, 6600))).toEqual([])
  })

  it('open after midnight, and after the secret was rotated', async () => {
    const lastMoment = toInstant(Date.UTC(2026, 10, 25) - 1)
    const { take, read } = createJar()
    take(await keep(loginOf({ startedAt: lastMoment })))
    expect(await read(plusSeconds(lastMoment, 1))).toHaveLength(1)
    const rotated = { current: utf8('n'.repeat(32)), previous: secrets.current }
    const after = createDailySealer(rotated, PENDING_PURPOSE)
    expect(await read(plusSeconds(lastMoment, 1), after)).toHaveLength(1)
  })

  it('open just before midnight where they were begun just after, by a clock ahead', async () => {
    const midnight = toInstant(Date.UTC(2026, 10, 25))
    const { take, read } = createJar()
    take(await keep(loginOf({ startedAt: midnight })))
    expect(await read(plusSeconds(midnight, -1))).toHaveLength(1)
    expect(await read(plusSeconds(midnight, -61))).toEqual([])
  })

  it('are found by handle and connection, both', () => {
    const [mine, other] = [loginOf(), loginOf({ connection: 'entra' })]
    expect(takePending(mine.handle, [other, mine], 'okta')).toEqual({ ok: true, value: mine })
    expect(takePending(other.handle, [other, mine], 'okta')).toEqual({
      ok: false,
      error: 'other-connection',
    })
    expect(takePending(toHandle(crypto.randomUUID()), [mine], 'okta')).toEqual({
      ok: false,
      error: 'unknown-login',
    })
    expect(takePending(null, [mine], 'okta')).toEqual({ ok: false, error: 'unknown-login' })
  })

  it('go round when three of a connection were begun within a minute, and none was answered', () => {
    const begun = [0, 10, 20].map((seconds) => loginOf({ startedAt: plusSeconds(noon, seconds) }))
    const now = plusSeconds(noon, 30)
    expect(isGoingRound(begun, 'okta', now)).toBe(true)
    expect(isGoingRound(begun, 'entra', now)).toBe(false)
    expect(isGoingRound(begun, 'okta', plusSeconds(noon, 61))).toBe(false)
    expect(isGoingRound([...begun.slice(1), loginOf({ outcome: done('s') })], 'okta', now)).toBe(
      false,
    )
  })

  it('have a handle that fits RelayState', () => {
    expect(utf8(loginOf().handle).length).toBeLessThanOrEqual(80)
  })
})

describe('a cookie of a login', () => {
  const uuid = '00000000-0000-4000-8000-000000000000'
  const name = LOGIN_COOKIE + uuid
  const seal = (text: string | Uint8Array<ArrayBuffer>, context = `${site.url} gh-${uuid}`) =>
    sealer.seal(typeof text === 'string' ? utf8(text) : text, context, noon)
  const whole = JSON.stringify(['_1', 'okta', '/', noon, [], false, null])
  const read = (cookie: string) => readPending(new Headers({ Cookie: cookie }), sealer, at())

  it('opens, where it is as we make it', async () => {
    expect(await read(`${name}=${await seal(whole)}`)).toHaveLength(1)
  })

  it.each([
    [
      'of a foreign secret',
      async () => {
        const current = utf8('x'.repeat(32))
        const foreign = createDailySealer({ current, previous: null }, PENDING_PURPOSE)
        return foreign.seal(utf8(whole), `${site.url} gh-${uuid}`, noon)
      },
    ],
    [
      'sealed for another purpose',
      () => createDailySealer(secrets, 'other').seal(utf8(whole), `${site.url} gh-${uuid}`, noon),
    ],
    ['of another site', () => seal(whole, `https://other.example.com gh-${uuid}`)],
    ['of another login', () => seal(whole, `${site.url} gh-${crypto.randomUUID()}`)],
    ['in the clear', async () => encodeBase64Url(utf8(whole))],
    ['of another shape', () => seal('["gh-1"]')],
    ['with a session that is none', () => seal(whole.replace('[]', '["x"]'))],
    ['of an outcome that is none', () => seal(whole.replace('null', '{"kind":"done"}'))],
    ['not JSON', () => seal('nonsense')],
    ['not UTF-8', () => seal(Uint8Array.of(0xff))],
    ['empty', async () => ''],
  ])('is none when it is %s', async (_, make) => {
    expect(await read(`${name}=${await make()}`)).toEqual([])
  })

  it('is none under another name', async () => {
    const value = await seal(whole)
    for (const other of [
      LOGIN_COOKIE,
      `${LOGIN_COOKIE}x`,
      `${LOGIN_COOKIE}${crypto.randomUUID()}`,
    ]) {
      expect(await read(`${other}=${value}`), other).toEqual([])
    }
  })

  it('counts beside others of its name that do not open', async () => {
    const value = await seal(whole)
    for (const cookie of [`${name}=x; ${name}=${value}`, `${name}=${value}; ${name}=x`]) {
      expect(await read(cookie)).toHaveLength(1)
    }
  })
})
