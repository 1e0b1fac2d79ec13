/**
 * The removal guard of a connection, in D1. If a directory tries to deactivate or remove more than
 * a share of its users within an hour, further removals are held until an operator allows them.
 */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { instant, parseRow } from '../lib/row.ts'
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

/** @returns null: nothing is held. `isNew`: this was not noted yet within the last hour. */
export async function noteHeld(
  db: D1Database,
  connection: string,
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
}

const guardRow = v.object({
  active: v.number(),
  heldAt: v.nullable(instant),
  allowedUntil: v.nullable(instant),
  removed: v.number(),
})

/** null: no directory has sent a user yet. */
export async function findGuard(
  db: D1Database,
  connection: string,
  now: Instant,
): Promise<Guard | null> {
  const row = await fromStoreSlowly('D1', 'reading a removal guard', () =>
    db
      .prepare(
        `SELECT active, held_at AS heldAt, allowed_until AS allowedUntil,
           (SELECT count(*) FROM scim_removals r
            WHERE r.connection = g.connection AND r.removed_at > ?2 - ${window}) AS removed
         FROM scim_guards g WHERE g.connection = ?1`,
      )
      .bind(connection, now)
      .first(),
  )
  return parseRow(guardRow, row)
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

/** For cron. */
export async function removeOldRemovals(db: D1Database, now: Instant): Promise<void> {
  const since = plusSeconds(now, -REMOVAL_WINDOW_SECONDS)
  await fromStoreSlowly('D1', 'forgetting removals', () =>
    db.prepare('DELETE FROM scim_removals WHERE removed_at <= ?1').bind(since).run(),
  )
}
