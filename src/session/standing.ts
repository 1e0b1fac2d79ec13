import type { Group } from '../directory/group.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Session, SessionEnd } from './session.ts'

/** What D1 says now of a session, its user and its connection. */
export interface Standing {
  readonly openedAt: Instant
  readonly lastSeenAt: Instant
  readonly revokedAt: Instant | null
  readonly userActive: boolean
  readonly sessionsValidFrom: Instant
  readonly connectionEnabled: boolean
  /** Those that a directory has the user in; null: those of the assertion count. */
  readonly groups: readonly Group[] | null
}

/** @param standing null: D1 knows no such session, and absent means refused. */
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
  return isIdle(session, standing, now) ? err('idle') : ok(standing)
}

/**
 * The record of the last request may be as old as `touchSeconds`, so the limit is that much longer:
 * nobody who came within `idleSeconds` is sent away, and nobody else stays much longer.
 */
const isIdle = ({ idleSeconds }: Session, { lastSeenAt }: Standing, now: Instant): boolean =>
  idleSeconds !== null && now >= plusSeconds(lastSeenAt, idleSeconds + touchSeconds(idleSeconds))

/** Whether this request is to be written down. */
export const isTouchDue = (session: Session, standing: Standing, now: Instant): boolean =>
  now >= plusSeconds(standing.lastSeenAt, touchSeconds(session.idleSeconds))

/** In this time one request at most is written down. */
export const touchSeconds = (idleSeconds: number | null): number =>
  idleSeconds === null ? 60 : Math.min(60, idleSeconds / 4)
