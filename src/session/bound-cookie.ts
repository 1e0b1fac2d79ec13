/**
 * The cookie of a session that is bound to a device (Device Bound Session Credentials). It lives for
 * minutes, and a browser gets the next one only by a proof that it has the key of the session.
 */
import { decodeUtf8, utf8 } from '../lib/bytes.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import { createLru } from '../lib/lru.ts'
import type { DailySealer } from '../lib/seal.ts'
import type { LiveSession, Session } from './session.ts'

export const BOUND_COOKIE = '__Host-gatehouse-device'
export const BOUND_PURPOSE = 'bound-cookie'

/**
 * How long a stolen pair of cookies is good. Chrome signs about six times in nine minutes for all
 * hosts of a domain, and asks for the next cookie two minutes before the end of this one.
 */
export const BOUND_SECONDS = 480
/** A cookie that the browser sent at its last moment still counts when it arrives. */
const ON_THE_WAY_SECONDS = 15

/**
 * For so long after a session was opened it counts without this cookie: the first page arrives
 * before the browser has registered its key.
 */
export const WINDOW_SECONDS = 60

/** `abs`: a clock that was set back opens no window. */
export const isInWindow = ({ openedAt }: Session, now: Instant): boolean =>
  Math.abs(now - openedAt) < WINDOW_SECONDS * 1000

/** Whether the host needs a bound session, and the browser has not bound this one in its time. */
export const lacksDevice = (
  { deviceBinding }: { readonly deviceBinding: 'off' | 'offer' | 'require' },
  { session, boundAt }: LiveSession,
  now: Instant,
): boolean => deviceBinding === 'require' && boundAt === null && !isInWindow(session, now)

const MOST_TRIED = 4
const REMEMBERED = 2000

export interface BoundCookies {
  /** @returns a Set-Cookie header. */
  readonly make: (session: string, now: Instant) => Promise<string>
  /** Whether the request has a cookie of this session that counts. */
  readonly isFresh: (request: Request, session: string, now: Instant) => Promise<boolean>
}

/** A cookie that was opened once is remembered, so a warm request opens none. */
export function createBoundCookies(sealer: DailySealer): BoundCookies {
  const opened = createLru<string, { readonly session: string; readonly until: Instant }>(
    REMEMBERED,
  )

  async function open(value: string, session: string, now: Instant): Promise<Instant | null> {
    const known = opened.find(value)
    if (known) return known.session === session ? known.until : null
    const bytes = await sealer.open(value, session, now)
    const text = bytes.ok ? decodeUtf8(bytes.value) : bytes
    if (!text.ok) return null
    const until = toInstant(Number(text.value))
    opened.save(value, { session, until })
    return until
  }

  return {
    make: async (session, now) =>
      setCookie({
        name: BOUND_COOKIE,
        value: await sealer.seal(
          utf8(String(plusSeconds(now, BOUND_SECONDS + ON_THE_WAY_SECONDS))),
          session,
          now,
        ),
        // The browser asks for it on behalf of the page before, which may be of another site.
        sameSite: 'None',
        maxAgeSeconds: BOUND_SECONDS,
      }),
    async isFresh({ headers }, session, now) {
      const values = readCookies(headers, `${BOUND_COOKIE}=`)
      if (values.length > MOST_TRIED) return false
      for (const value of values) {
        const until = await open(value, session, now)
        // A cookie from the future: a clock was set back, and nobody knows how old it is.
        const latest = plusSeconds(now, BOUND_SECONDS + 2 * ON_THE_WAY_SECONDS)
        if (until !== null && now < until && until <= latest) return true
      }
      return false
    },
  }
}

export const clearedBoundCookie = (): string =>
  setCookie({ name: BOUND_COOKIE, value: '', sameSite: 'None', maxAgeSeconds: 0 })
