import { readCookies, setCookie } from '../lib/cookie.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import { parseSessionToken, type SessionToken } from './token.ts'

export const SESSION_COOKIE = '__Host-gatehouse'

/** A browser has one. Another host of the domain may add others where `__Host-` is not enforced. */
const MOST_TOKENS = 4

/** The different tokens that may let the visitor in. None when there are more than four: each costs a look-up. */
export function readSessionTokens(headers: Headers): readonly SessionToken[] {
  const tokens = readAllSessionTokens(headers)
  return tokens.length > MOST_TOKENS ? [] : tokens
}

/** The different tokens that the browser sent, 64 at most: sign-out ends them all, in one statement. */
export function readAllSessionTokens(headers: Headers): readonly SessionToken[] {
  const values = readCookies(headers, `${SESSION_COOKIE}=`)
  return [...new Set(values)].flatMap((value) => parseSessionToken(value) ?? [])
}

/** Lax: sent when somebody follows a link to the site, not when another site posts to it. */
export const sessionCookie = (token: SessionToken, expiresAt: Instant, now: Instant): string =>
  setCookie({
    name: SESSION_COOKIE,
    value: token,
    sameSite: 'Lax',
    maxAgeSeconds: Math.max(1, Math.ceil(secondsBetween(now, expiresAt))),
  })

export const clearedSessionCookie = (): string =>
  setCookie({ name: SESSION_COOKIE, value: '', sameSite: 'Lax', maxAgeSeconds: 0 })
