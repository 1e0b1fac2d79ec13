/** The standing of sessions, in D1: whether each one still counts. */
import * as v from 'valibot'
import { areDirectorysSql } from '../directory/whose-groups.ts'
import type { Instant } from '../lib/instant.ts'
import { flag, instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'
import type { Session } from './session.ts'
import type { Standing } from './standing.ts'
import { ending, parseEnded } from './token-store.ts'
import type { TokenHash } from './token.ts'

/** An open session, as an operator sees it. */
export interface OpenSession {
  readonly id: string
  readonly connection: string
  readonly site: string
  readonly openedAt: Instant
  readonly expiresAt: Instant
  readonly lastSeenAt: Instant
  /** As the IdP asserted them at sign-in; null: a session from before D1 stored them. */
  readonly assertedGroups: readonly string[] | null
}

const standingRow = v.object({
  openedAt: instant,
  lastSeenAt: instant,
  revokedAt: v.nullable(instant),
  userActive: flag,
  sessionsValidFrom: instant,
  connectionEnabled: flag,
  groups: v.nullable(jsonOf(v.array(v.object({ id: v.string(), displayName: v.string() })))),
})
const openSessionRow = v.object({
  id: v.string(),
  connection: v.string(),
  site: v.string(),
  openedAt: instant,
  expiresAt: instant,
  lastSeenAt: instant,
  assertedGroups: v.nullable(jsonOf(v.array(v.string()))),
})

export interface NewSession {
  readonly session: Session
  readonly hash: TokenHash
  /** The value that the user had at provisioning; see saveStanding. */
  readonly sessionsValidFrom: Instant
  /** Sessions that are ended in the same transaction. */
  readonly replaces: readonly TokenHash[]
}

/**
 * Inserts the session only if `sessions_valid_from` of the user is unchanged since provisioning.
 * The values are compared in one statement, so clocks do not matter. If it has changed, there is no
 * row, and a session without a row is refused.
 *
 * @returns the hashes of `replaces` that D1 does not know.
 */
export async function saveStanding(
  db: D1Database,
  { session, hash, sessionsValidFrom, replaces }: NewSession,
): Promise<readonly TokenHash[]> {
  const { id, userId, connection, site, openedAt, expiresAt } = session
  const groups = JSON.stringify(session.groups.slice(0, MOST_GROUPS))
  const [, ended] = await fromStore('D1', 'opening a session', () =>
    db.batch([
      db
        .prepare(
          `INSERT INTO sessions
             (id, user_id, connection, site, opened_at, expires_at, last_seen_at, token_hash,
              asserted_groups)
           SELECT ?1, id, ?3, ?4, max(?5, sessions_valid_from), ?6, ?5, ?8, ?9
           FROM users WHERE id = ?2 AND sessions_valid_from = ?7`,
        )
        .bind(id, userId, connection, site, openedAt, expiresAt, sessionsValidFrom, hash, groups),
      ...(replaces.length === 0 ? [] : [ending(db, replaces, openedAt)]),
    ]),
  )
  const known = parseEnded(ended).map((each) => each.hash)
  return replaces.filter((each) => !known.includes(each))
}

/** A user's further groups are ignored. For comparison: Windows stops at 1,015. */
export const MOST_GROUPS = 1024

/**
 * One indexed statement: a row of each table, and the user's groups if the directory's groups
 * count. null: D1 has no such session, or D1 and KV disagree about it.
 */
export async function findStanding(
  db: D1Database,
  { id, userId, connection, site }: Session,
): Promise<Standing | null> {
  const row = await fromStore('D1', 'reading a standing', () =>
    db
      .prepare(
        `SELECT s.opened_at AS openedAt, s.last_seen_at AS lastSeenAt, s.revoked_at AS revokedAt,
                u.active AND (c.provisioning <> 'scim' OR u.source = 'scim') AS userActive,
                u.sessions_valid_from AS sessionsValidFrom, c.enabled AS connectionEnabled,
                CASE WHEN ${areDirectorysSql}
                  THEN (SELECT json_group_array(json_object('id', id, 'displayName', name))
                        FROM (SELECT g.id, g.name
                              FROM scim_members m CROSS JOIN scim_groups g ON g.id = m.group_id
                              WHERE m.user_id = u.id ORDER BY g.seq LIMIT ${MOST_GROUPS}))
                END AS groups
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         JOIN connections c ON c.id = s.connection
         WHERE s.id = ?1 AND s.user_id = ?2 AND s.connection = ?3 AND s.site = ?4`,
      )
      .bind(id, userId, connection, site)
      .first(),
  )
  return parseRow(standingRow, row)
}

/** max: two isolates may write in either order, and the time must not go back. */
export async function touchSession(db: D1Database, id: string, now: Instant): Promise<void> {
  await fromStore('D1', 'noting a request', () =>
    db
      .prepare('UPDATE sessions SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1')
      .bind(id, now)
      .run(),
  )
}

/** @returns whether there was an open session to revoke. */
export async function revokeSession(db: D1Database, id: string, now: Instant): Promise<boolean> {
  const { meta } = await fromStore('D1', 'revoking a session', () =>
    db
      .prepare('UPDATE sessions SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL')
      .bind(id, now)
      .run(),
  )
  return meta.changes > 0
}

/** For the audit, when an operator revokes a session by its id. */
export const findUserOf = (db: D1Database, id: string): Promise<string | null> =>
  fromStore('D1', 'finding the user of a session', () =>
    db.prepare('SELECT user_id FROM sessions WHERE id = ?1').bind(id).first<string>('user_id'),
  )

/**
 * Sessions that are neither revoked nor expired, newest first. A session that has been idle too
 * long may be among them.
 */
export async function listSessions(
  db: D1Database,
  userId: string,
  now: Instant,
): Promise<readonly OpenSession[]> {
  const { results } = await fromStore('D1', 'listing sessions', () =>
    db
      .prepare(
        `SELECT s.id, s.connection, s.site, s.opened_at AS openedAt, s.expires_at AS expiresAt,
                s.last_seen_at AS lastSeenAt, s.asserted_groups AS assertedGroups
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.user_id = ?1 AND s.revoked_at IS NULL AND s.expires_at > ?2
           AND s.opened_at >= u.sessions_valid_from
         ORDER BY s.opened_at DESC`,
      )
      .bind(userId, now)
      .all(),
  )
  return parseRows(openSessionRow, results)
}

/** For cron. An entry that KV still holds expires by itself. */
export async function removeExpired(db: D1Database, now: Instant): Promise<void> {
  await fromStoreSlowly('D1', 'removing expired sessions', () =>
    db.prepare('DELETE FROM sessions WHERE expires_at <= ?1').bind(now).run(),
  )
}
