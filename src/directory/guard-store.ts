/**
 * The removal guard of a connection, in D1. If a directory tries to deactivate or remove more than
 * a share of its users within an hour, further removals are held until an operator allows them.
 */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { instant, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'

export const REMOVAL_WINDOW_SECONDS = 3600

/** This many removals are never held; otherwise nobody could leave a small company. */
export const REMOVALS_LET_THROUGH = 5

const window = REMOVAL_WINDOW_SECONDS * 1000

/**
 * SQL: whether one more removal would exceed the limit. It is part of the statement that removes,
 * so that concurrent removals count each other. The share refers to the number of active users when
 * the hour began.
 *
 * @param connection, now: placeholders of parameters of the statement.
 */
export const isHeld = (connection: string, now: string): string => {
  const removed = `(SELECT count(*) FROM scim_removals r
    WHERE r.connection = ${connection} AND r.removed_at > ${now} - ${window})`
  return `EXISTS (
    SELECT 1 FROM connections c CROSS JOIN scim_guards g ON g.connection = c.id
    WHERE c.id = ${connection} AND coalesce(g.allowed_until, 0) <= ${now}
      AND CASE WHEN json_extract(c.settings, '$.directory.removalGuardPercent') IS NULL THEN 0
        ELSE ${removed} >= max(${REMOVALS_LET_THROUGH}, (g.active + ${removed})
          * json_extract(c.settings, '$.directory.removalGuardPercent') / 100) END)`
}

/**
 * Notes that the directory wanted to remove this user.
 *
 * @returns null: nothing is held. `isNew`: this was not noted yet within the last hour.
 */
export async function noteHeld(
  db: D1Database,
  connection: string,
  userId: string,
  now: Instant,
): Promise<{ readonly isNew: boolean } | null> {
  const [held, noted] = await fromStoreSlowly('D1', 'noting held removals', () =>
    db.batch([
      db.prepare(`SELECT ${isHeld('?1', '?2')} AS held`).bind(connection, now),
      db
        .prepare(
          `UPDATE scim_guards SET held_at = ?2
           WHERE connection = ?1 AND coalesce(held_at, 0) <= ?2 - ${window}
             AND ${isHeld('?1', '?2')}`,
        )
        .bind(connection, now),
      db
        .prepare(
          `INSERT INTO scim_held (connection, user_id, since, tried_at)
           SELECT connection, id, ?2, ?2 FROM scim_users
           WHERE id = ?3 AND connection = ?1 AND ${isHeld('?1', '?2')}
           ON CONFLICT (connection, user_id) DO UPDATE SET tried_at = excluded.tried_at`,
        )
        .bind(connection, now, userId),
    ]),
  )
  const isNow = Object(held?.results[0])['held'] === 1
  return isNow ? { isNew: (noted?.meta.changes ?? 0) > 0 } : null
}

export interface Guard {
  readonly active: number
  readonly heldAt: Instant | null
  readonly allowedUntil: Instant | null
  /** Removals within the last hour. */
  readonly removed: number
  /** The directory wanted to remove these people, and the guard keeps them. */
  readonly held: number
}

const guardRow = v.object({
  connection: v.string(),
  active: v.number(),
  heldAt: v.nullable(instant),
  allowedUntil: v.nullable(instant),
  removed: v.number(),
  held: v.number(),
})

/** null: no directory has sent a user yet. */
export const findGuard = async (
  db: D1Database,
  connection: string,
  now: Instant,
): Promise<Guard | null> => (await listGuards(db, now, connection)).get(connection) ?? null

/** By the id of the connection. @param only this one; null: all of them. */
export async function listGuards(
  db: D1Database,
  now: Instant,
  only: string | null = null,
): Promise<ReadonlyMap<string, Guard>> {
  const { results } = await fromStoreSlowly('D1', 'reading removal guards', () =>
    db
      .prepare(
        `SELECT connection, active, held_at AS heldAt, allowed_until AS allowedUntil,
           (SELECT count(*) FROM scim_removals r
            WHERE r.connection = g.connection AND r.removed_at > ?2 - ${window}) AS removed,
           (SELECT count(*) FROM scim_held h WHERE h.connection = g.connection) AS held
         FROM scim_guards g WHERE g.connection = coalesce(?1, g.connection)`,
      )
      .bind(only, now)
      .all(),
  )
  return new Map(
    parseRows(guardRow, results).map(({ connection, ...guard }) => [connection, guard]),
  )
}

/**
 * Allows all removals until that time. @returns false: the connection has no guard, because no
 * directory has sent a user yet.
 */
export async function allowRemovals(
  db: D1Database,
  connection: string,
  until: Instant,
): Promise<boolean> {
  const { meta } = await fromStoreSlowly('D1', 'allowing removals', () =>
    db
      .prepare('UPDATE scim_guards SET allowed_until = ?2, held_at = NULL WHERE connection = ?1')
      .bind(connection, until)
      .run(),
  )
  return meta.changes > 0
}

/** From now on the guard holds removals again. @returns whether it had let them through. */
export async function closeGuard(
  db: D1Database,
  connection: string,
  now: Instant,
): Promise<boolean> {
  const { meta } = await fromStoreSlowly('D1', 'holding removals again', () =>
    db
      .prepare(
        'UPDATE scim_guards SET allowed_until = NULL WHERE connection = ?1 AND allowed_until > ?2',
      )
      .bind(connection, now)
      .run(),
  )
  return meta.changes > 0
}

const heldRow = v.object({
  id: v.string(),
  userName: v.string(),
  since: instant,
  triedAt: instant,
})
export type Held = v.InferOutput<typeof heldRow>

/** People that the guard keeps, by the directory's last try to remove them, the newest first. */
export async function listHeld(
  db: D1Database,
  connection: string,
  limit: number,
): Promise<{ readonly held: readonly Held[]; readonly total: number }> {
  const [list, count] = await fromStoreSlowly('D1', 'listing held removals', () =>
    db.batch([
      db
        .prepare(
          `SELECT h.user_id AS id, s.name AS userName, h.since, h.tried_at AS triedAt
           FROM scim_held h CROSS JOIN scim_users s ON s.id = h.user_id
           WHERE h.connection = ?1 ORDER BY h.tried_at DESC, h.user_id LIMIT ?2`,
        )
        .bind(connection, limit),
      db.prepare('SELECT count(*) AS total FROM scim_held WHERE connection = ?1').bind(connection),
    ]),
  )
  const { total } = v.parse(v.object({ total: v.number() }), count?.results[0])
  return { held: parseRows(heldRow, list?.results ?? []), total }
}

/** Directories try again within hours, so after this time the removal is not wanted any more. */
const HELD_DAYS = 7

/** For cron. */
export async function removeOldRemovals(db: D1Database, now: Instant): Promise<void> {
  const since = plusSeconds(now, -REMOVAL_WINDOW_SECONDS)
  const triedSince = plusSeconds(now, -HELD_DAYS * 86_400)
  await fromStoreSlowly('D1', 'forgetting removals', () =>
    db.batch([
      db.prepare('DELETE FROM scim_removals WHERE removed_at <= ?1').bind(since),
      db.prepare('DELETE FROM scim_held WHERE tried_at <= ?1').bind(triedSince),
    ]),
  )
}
