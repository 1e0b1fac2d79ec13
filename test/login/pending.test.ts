import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64Url, utf8 } from '../../src/lib/bytes.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { createSealer } from '../../src/lib/seal.ts'
import {
  keepPending,
  markDone,
  PENDING_COOKIE,
  PENDING_PURPOSE,
  readPending,
  takePending,
  toHandle,
  type PendingLogin,
} from '../../src/login/pending.ts'
import { parseReturnTo } from '../../src/login/return-to.ts'
import { parseTokenHash } from '../../src/session/token.ts'
import { noon } from '../support/site.ts'

const SITE = 'https://app.example.com'
const secrets = { current: utf8('s'.repeat(32)), previous: null }
const sealer = await createSealer(secrets, PENDING_PURPOSE)

const loginOf = (fields: Partial<PendingLogin> = {}): PendingLogin => ({
  handle: toHandle(crypto.randomUUID()),
  requestId: `_${crypto.randomUUID()}`,
  connection: 'okta',
  returnTo: parseReturnTo('/a?b=c#d', SITE),
  startedAt: noon,
  replaces: parseTokenHash('h'.repeat(43)),
  isDone: false,
  ...fields,
})

const headersOf = (setCookie: string) => new Headers({ Cookie: setCookie.split(';')[0] ?? '' })
const read = (headers: Headers, now = noon) => readPending(headers, sealer, SITE, now)

describe('pending logins', () => {
  it('come back as they were kept', async () => {
    const logins = [loginOf(), loginOf({ replaces: null, isDone: true, connection: 'entra' })]
    expect(await read(headersOf(await keepPending(logins, sealer)))).toEqual(logins)
  })

  it('are kept in one cookie of at most 3.5 KB, the newest first, for any addresses', async () => {
    const path = fc
      .string({ unit: 'binary', maxLength: 1400 })
      .map((text) => parseReturnTo(`/${text}`, SITE))
    await fc.assert(
      fc.asyncProperty(fc.array(path, { minLength: 1, maxLength: 12 }), async (paths) => {
        const logins = paths.map((returnTo) => loginOf({ returnTo }))
        const cookie = await keepPending(logins, sealer)
        expect(cookie.split(';')[0]?.length).toBeLessThanOrEqual(3500 + PENDING_COOKIE.length + 1)
        const kept = await read(headersOf(cookie))
        expect(kept.length).toBeGreaterThan(0)
        expect(kept).toEqual(logins.slice(0, kept.length))
      }),
      { numRuns: 40 },
    )
  }, 30_000)

  it('are kept though the address be of what JSON writes as two characters', async () => {
    for (const length of [700, 1490]) {
      const login = loginOf({ returnTo: parseReturnTo(`/?${'\\'.repeat(length)}`, SITE) })
      expect(await read(headersOf(await keepPending([login], sealer)))).toEqual([login])
    }
  })

  it.each([
    [
      'of a foreign secret',
      async () =>
        keepPending(
          [loginOf()],
          await createSealer({ current: utf8('x'.repeat(32)), previous: null }, PENDING_PURPOSE),
        ),
    ],
    [
      'sealed for another purpose',
      async () => keepPending([loginOf()], await createSealer(secrets, 'something else')),
    ],
    [
      'in the clear',
      async () =>
        `${PENDING_COOKIE}=${encodeBase64Url(utf8(JSON.stringify([['gh-1', '_1', 'okta', '/', noon, null, false]])))}`,
    ],
    ['of another shape', async () => `${PENDING_COOKIE}=${await sealer.seal(utf8('[["gh-1"]]'))}`],
    ['not JSON', async () => `${PENDING_COOKIE}=${await sealer.seal(utf8('nonsense'))}`],
    ['not UTF-8', async () => `${PENDING_COOKIE}=${await sealer.seal(Uint8Array.of(0xff))}`],
  ])('are none when the cookie is %s', async (_, make) => {
    expect(await read(headersOf(await make()))).toEqual([])
  })

  it('are those of the cookie that opens, of up to four of the name', async () => {
    const cookie = headersOf(await keepPending([loginOf()], sealer)).get('Cookie') ?? ''
    const planted = `${PENDING_COOKIE}=x`
    for (const before of [[], [planted], [planted, planted, planted]]) {
      const Cookie = [...before, cookie, planted].join('; ')
      expect(await read(new Headers({ Cookie }))).toHaveLength(1)
    }
    const Cookie = [planted, planted, planted, planted, cookie].join('; ')
    expect(await read(new Headers({ Cookie }))).toEqual([])
  })

  it('last an hour, and not from the future', async () => {
    const headers = headersOf(await keepPending([loginOf()], sealer))
    expect(await read(headers, plusSeconds(noon, 3599))).toHaveLength(1)
    expect(await read(headers, plusSeconds(noon, 3600))).toEqual([])
    expect(await read(headers, plusSeconds(noon, -1))).toEqual([])
  })

  it('still open after the secret was rotated', async () => {
    const headers = headersOf(await keepPending([loginOf()], sealer))
    const rotated = { current: utf8('n'.repeat(32)), previous: secrets.current }
    const after = await createSealer(rotated, PENDING_PURPOSE)
    expect(await readPending(headers, after, SITE, noon)).toHaveLength(1)
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

  it('once answered, remember only where they went', () => {
    const [mine, other] = [loginOf(), loginOf()]
    expect(markDone([mine, other], mine)).toEqual([
      { ...mine, replaces: null, isDone: true },
      other,
    ])
  })

  it('have a handle that fits RelayState', () => {
    expect(utf8(loginOf().handle).length).toBeLessThanOrEqual(80)
  })
})
