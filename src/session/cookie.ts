import { readCookie, setCookie } from '../lib/cookie.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import { parseSessionToken, type SessionToken } from './token.ts'

export const SESSION_COOKIE = '__Host-gatehouse'

export function readSessionToken(headers: Headers): SessionToken | null {
  const value = readCookie(headers, SESSION_COOKIE)
  return value === null ? null : parseSessionToken(value)
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
