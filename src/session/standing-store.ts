/** The standing of sessions, in D1. */
import * as v from 'valibot'
import { toInstant, type Instant } from '../lib/instant.ts'
import { fromStore } from '../lib/store-error.ts'
import type { Session } from './session.ts'
import type { Standing } from './standing.ts'

/** What an operator sees of a session that counts. */
export interface OpenSession {
  readonly id: string
  readonly connection: string
  readonly site: string
  readonly openedAt: Instant
  readonly expiresAt: Instant
  readonly lastSeenAt: Instant
}

const instant = v.pipe(v.number(), v.transform(toInstant))
const flag = v.pipe(
  v.number(),
  v.transform((value) => value === 1),
)
const standingRow = v.object({
  openedAt: instant,
  lastSeenAt: instant,
  revokedAt: v.nullable(instant),
  userActive: flag,
  sessionsValidFrom: instant,
  connectionEnabled: flag,
})
const openSessionRow = v.object({
  id: v.string(),
  connection: v.string(),
  site: v.string(),
  openedAt: instant,
  expiresAt: instant,
  lastSeenAt: instant,
})

/**
 * Only if the user's sessions were not ended since they were let in: by value and in one statement,
 * not by the clocks of whoever let in and whoever ended. Else there is no row, and absent is refused.
 */
export async function saveStanding(
  db: D1Database,
  session: Session,
  sessionsValidFrom: Instant,
): Promise<void> {
  const { id, userId, connection, site, openedAt, expiresAt } = session
  await fromStore('D1', 'opening a session', () =>
    db
      .prepare(
        `INSERT INTO sessions (id, user_id, connection, site, opened_at, expires_at, last_seen_at)
         SELECT ?1, id, ?3, ?4, max(?5, sessions_valid_from), ?6, ?5
         FROM users WHERE id = ?2 AND sessions_valid_from = ?7`,
      )
      .bind(id, userId, connection, site, openedAt, expiresAt, sessionsValidFrom)
      .run(),
  )
}

/** By primary keys only: one row of each table. Null also where KV and D1 disagree. */
export async function findStanding(
  db: D1Database,
  { id, userId, connection, site }: Session,
): Promise<Standing | null> {
  const row = await fromStore('D1', 'reading a standing', () =>
    db
      .prepare(
        `SELECT s.opened_at AS openedAt, s.last_seen_at AS lastSeenAt, s.revoked_at AS revokedAt,
                u.active AS userActive, u.sessions_valid_from AS sessionsValidFrom,
                c.enabled AS connectionEnabled
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         JOIN connections c ON c.id = s.connection
         WHERE s.id = ?1 AND s.user_id = ?2 AND s.connection = ?3 AND s.site = ?4`,
      )
      .bind(id, userId, connection, site)
      .first(),
  )
  return row === null ? null : v.parse(standingRow, row)
}

/** Never backwards: two isolates may write in either order. */
export async function touchSession(db: D1Database, id: string, now: Instant): Promise<void> {
  await fromStore('D1', 'noting a request', () =>
    db
      .prepare('UPDATE sessions SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1')
      .bind(id, now)
      .run(),
  )
}

/** @returns whether there was one to revoke. */
export async function revokeSession(db: D1Database, id: string, now: Instant): Promise<boolean> {
  const { meta } = await fromStore('D1', 'revoking a session', () =>
    db
      .prepare('UPDATE sessions SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL')
      .bind(id, now)
      .run(),
  )
  return meta.changes > 0
}

/** For whoever revoked it, and knows no more than its id. */
export const findUserOf = (db: D1Database, id: string): Promise<string | null> =>
  fromStore('D1', 'finding the user of a session', () =>
    db.prepare('SELECT user_id FROM sessions WHERE id = ?1').bind(id).first<string>('user_id'),
  )

/** Those that are not over, newest first; one that is idle too long may be among them. */
export async function listSessions(
  db: D1Database,
  userId: string,
  now: Instant,
): Promise<readonly OpenSession[]> {
  const { results } = await fromStore('D1', 'listing sessions', () =>
    db
      .prepare(
        `SELECT s.id, s.connection, s.site, s.opened_at AS openedAt, s.expires_at AS expiresAt,
                s.last_seen_at AS lastSeenAt
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.user_id = ?1 AND s.revoked_at IS NULL AND s.expires_at > ?2
           AND s.opened_at >= u.sessions_valid_from
         ORDER BY s.opened_at DESC`,
      )
      .bind(userId, now)
      .all(),
  )
  return results.map((row) => v.parse(openSessionRow, row))
}

/** For the cron. What KV may still hold of them has its end in itself. */
export async function removeExpired(db: D1Database, now: Instant): Promise<void> {
  await fromStore('D1', 'removing expired sessions', () =>
    db.prepare('DELETE FROM sessions WHERE expires_at <= ?1').bind(now).run(),
  )
}
