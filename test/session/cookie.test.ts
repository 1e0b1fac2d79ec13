import { describe, expect, it } from 'vitest'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { clearedSessionCookie, readSessionTokens, sessionCookie } from '../../src/session/cookie.ts'
import {
  hashToken,
  parseSessionToken,
  parseTokenHash,
  toSessionToken,
} from '../../src/session/token.ts'
import { noon } from '../support/site.ts'

const token = toSessionToken(new Uint8Array(32).fill(0xfb))

describe('the session cookie', () => {
  it('is of this host alone, for all paths, over TLS, unseen by scripts, lax', () => {
    expect(sessionCookie(token, plusSeconds(noon, 28_800), noon)).toBe(
      `__Host-gatehouse=${token}; Path=/; Max-Age=28800; HttpOnly; Secure; SameSite=Lax`,
    )
  })

  it('has no Domain, without which __Host- is refused by browsers', () => {
    expect(sessionCookie(token, plusSeconds(noon, 60), noon)).not.toMatch(/domain/i)
  })

  it('lasts no shorter than the session, and at least a second', () => {
    expect(sessionCookie(token, toInstant(noon + 1500), noon)).toContain('Max-Age=2;')
    expect(sessionCookie(token, noon, noon)).toContain('Max-Age=1;')
  })

  it('is cleared by the same name and attributes', () => {
    expect(clearedSessionCookie()).toBe(
      '__Host-gatehouse=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
    )
  })

  it('gives back the token that it was made of', () => {
    const [pair] = sessionCookie(token, plusSeconds(noon, 60), noon).split(';')
    expect(readSessionTokens(new Headers({ Cookie: pair ?? '' }))).toEqual([token])
  })
})

describe('several cookies of the name', () => {
  const tokens = Array.from({ length: 5 }, (_, i) => toSessionToken(new Uint8Array(32).fill(i + 1)))
  const read = (values: readonly string[]) =>
    readSessionTokens(
      new Headers({ Cookie: values.map((value) => `__Host-gatehouse=${value}`).join('; ') }),
    )

  it('are read as up to four different tokens, and what is no token is left out', () => {
    expect(read(['', ...tokens.slice(0, 4), 'x', ...tokens.slice(0, 4)])).toEqual(
      tokens.slice(0, 4),
    )
  })

  it('are none when there are more than four: each would cost a look-up', () => {
    expect(read(tokens)).toEqual([])
  })
})

describe('a token', () => {
  it('is 43 characters of base64url, and nothing else is one', () => {
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(parseSessionToken(token)).toBe(token)
    for (const text of ['', token.slice(1), `${token}A`, ` ${token.slice(1)}`, `${token}\n`]) {
      expect(parseSessionToken(text)).toBeNull()
      expect(parseTokenHash(text)).toBeNull()
    }
  })

  it('is hashed by SHA-256', async () => {
    const zeros = toSessionToken(new Uint8Array(32))
    // printf 'AAA…(43)' | openssl dgst -sha256 -binary | basenc --base64url
    expect(await hashToken(zeros)).toBe('DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo')
  })
})
