import { readCookies, setCookie } from '../lib/cookie.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import { parseSessionToken, type SessionToken } from './token.ts'

export const SESSION_COOKIE = '__Host-gatehouse'

/**
 * A browser has one session cookie. Another host of the domain may add more if the browser does not
 * enforce `__Host-`.
 */
const MOST_TOKENS = 4

/**
 * The distinct tokens to try. Empty if there are more than four, because each one costs a look-up.
 */
export function readSessionTokens(headers: Headers): readonly SessionToken[] {
  const tokens = readAllSessionTokens(headers)
  return tokens.length > MOST_TOKENS ? [] : tokens
}

/** All distinct tokens of the request, 64 at most. Sign-out ends all of them in one statement. */
export function readAllSessionTokens(headers: Headers): readonly SessionToken[] {
  const values = readCookies(headers, `${SESSION_COOKIE}=`)
  return [...new Set(values)].flatMap((value) => parseSessionToken(value) ?? [])
}

/**
 * Lax: the browser sends it when the user follows a link to the site, but not when another site
 * posts to it.
 */
export const sessionCookie = (token: SessionToken, expiresAt: Instant, now: Instant): string =>
  setCookie({
    name: SESSION_COOKIE,
    value: token,
    sameSite: 'Lax',
    maxAgeSeconds: Math.max(1, Math.ceil(secondsBetween(now, expiresAt))),
  })

export const clearedSessionCookie = (): string =>
  setCookie({ name: SESSION_COOKIE, value: '', sameSite: 'Lax', maxAgeSeconds: 0 })

/**
 * Removes a cookie of our name that a script of the site has set beside ours: with `Partitioned`
 * (CHIPS) a browser keeps both. A browser without CHIPS removes ours, so this comes before a new one.
 */
export const clearedPlantedCookie = (): string => `${clearedSessionCookie()}; Partitioned`
