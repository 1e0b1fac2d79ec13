/** Attempts to sign in, in D1: written and removed. */
import type { Instant } from '../lib/instant.ts'
import { plusSeconds } from '../lib/instant.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import type { KeptAttempt } from './attempt.ts'
import { ANYBODY, KEPT_DAYS, MOST_IN_ALL, perMinute, poolOf, type PoolKind } from './pool.ts'

export interface NewAttempt {
  readonly attempt: KeptAttempt
  readonly pool: PoolKind
  /** The id of the assertion, if it was signed. */
  readonly assertion: string | null
}

/**
 * Numbers the attempt within its pool, as the audit numbers its events. An assertion that came
 * before counts as anybody's: a copy can be sent any number of times. A trigger keeps MOST_IN_POOL
 * of each pool.
 */
export async function saveAttempt(
  db: D1Database,
  { attempt, pool, assertion }: NewAttempt,
): Promise<void> {
  const { id, at, kind, host, connection, reason, user, person, document } = attempt
  const wanted = poolOf(pool, connection)
  await fromStoreSlowly('D1', 'keeping an attempt to sign in', () =>
    db
      .prepare(
        `INSERT INTO attempts (pool, nth, id, at, kind, host, connection, reason, user_id, person,
             assertion, facts, findings, document)
           SELECT pool, last + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
           FROM (SELECT pool, coalesce((SELECT max(nth) FROM attempts a WHERE a.pool = p.pool), 0) AS last
             FROM (SELECT iif(EXISTS (
               SELECT 1 FROM attempts WHERE connection = ?7 AND assertion = ?11), ?2, ?1) AS pool) p) q
           WHERE NOT EXISTS (
             SELECT 1 FROM attempts a WHERE a.pool = q.pool AND a.at > ?15
             AND a.nth = last + 1 - iif(q.pool = ?2, ?16, ?17))`,
      )
      .bind(
        wanted,
        ANYBODY,
        id,
        at,
        kind,
        host,
        connection,
        reason,
        user,
        person,
        assertion,
        JSON.stringify(attempt.facts),
        JSON.stringify(attempt.findings),
        document,
        plusSeconds(at, -60),
        perMinute.anybody,
        perMinute[pool],
      )
      .run(),
  )
}

/** For the cron: removes attempts that are too old or too many, and tests that nobody began. */
export async function removeOldAttempts(db: D1Database, now: Instant): Promise<void> {
  await fromStoreSlowly('D1', 'removing old attempts to sign in', () =>
    db.batch([
      db.prepare('DELETE FROM attempts WHERE at <= ?1').bind(plusSeconds(now, -KEPT_DAYS * 86_400)),
      db
        .prepare(
          `DELETE FROM attempts WHERE pool <> ?1 AND at <= (
             SELECT at FROM attempts WHERE pool <> ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)`,
        )
        .bind(ANYBODY, MOST_IN_ALL),
      db.prepare('DELETE FROM sign_in_tests WHERE expires_at <= ?1').bind(now),
    ]),
  )
}
