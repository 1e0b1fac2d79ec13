import type { Group } from '../directory/group.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Session, SessionEnd } from './session.ts'

/** The current state of a session, its sign-in, its user and its connection in D1. */
export interface Standing {
  /** When the sign-in finished. */
  readonly openedAt: Instant
  /** The last request that is on record at any host of the sign-in. */
  readonly lastSeenAt: Instant
  readonly revokedAt: Instant | null
  readonly userActive: boolean
  readonly sessionsValidFrom: Instant
  readonly connectionEnabled: boolean
  /** When the session was bound to a device; null: it is not. */
  readonly boundAt: Instant | null
  /** The user's groups in the directory; null: the groups of the assertion count. */
  readonly groups: readonly Group[] | null
}

/** @param standing null: D1 has no such session, so it is refused. */
export function decideStanding(
  session: Session,
  standing: Standing | null,
  now: Instant,
): Result<Standing, SessionEnd> {
  if (now >= session.expiresAt) return err('expired')
  if (!standing) return err('unknown')
  if (standing.revokedAt !== null) return err('revoked')
  if (!standing.userActive) return err('user-disabled')
  if (!standing.connectionEnabled) return err('connection-disabled')
  if (standing.openedAt < standing.sessionsValidFrom) return err('revoked')
  return isIdle(session.idleSeconds, standing.lastSeenAt, now) ? err('idle') : ok(standing)
}

/**
 * The recorded time of the last request may be `touchSeconds` too old, so the limit is that much
 * longer. A user who was active within `idleSeconds` is never signed out; other users stay only a
 * little longer.
 */
export const isIdle = (idleSeconds: number | null, lastSeenAt: Instant, now: Instant): boolean =>
  idleSeconds !== null && now >= plusSeconds(lastSeenAt, idleSeconds + touchSeconds(idleSeconds))

/**
 * The time of the last request that a host sees may be this many seconds too old. At most one request
 * in this time is recorded for the host, because each record is a write to D1.
 */
export const touchSeconds = (idleSeconds: number | null): number =>
  idleSeconds === null ? 600 : Math.min(600, idleSeconds / 10)

/**
 * A request is recorded when the last record is this many seconds old. It counts at every host of the
 * sign-in, so the shortest idle limit among them says how often.
 */
export const recordSeconds = (
  idleSeconds: number | null,
  shortestIdleSeconds: number | null,
): number => Math.min(touchSeconds(idleSeconds), touchSeconds(shortestIdleSeconds))
