/** What may be used once only, in D1. */
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'

export interface Once {
  readonly connection: string
  readonly requestId: string
  /** Until when the request would be answered. */
  readonly requestUntil: Instant
  readonly assertionId: string
  /** Until when the assertion would be taken. */
  readonly assertionUntil: Instant
}

/**
 * Uses up both, in one transaction. Of two who try at the same time one fails, wherever they are:
 * all writes of a D1 database go through one place.
 */
export async function takeOnce(db: D1Database, once: Once): Promise<Result<null, 'replayed'>> {
  const insert = (kind: 'request' | 'assertion', id: string, until: Instant) =>
    db
      .prepare(
        `INSERT INTO taken (connection, kind, id, expires_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING`,
      )
      .bind(once.connection, kind, id, until)
  const results = await fromStore('D1', 'using a response up', () =>
    db.batch([
      insert('request', once.requestId, once.requestUntil),
      insert('assertion', once.assertionId, once.assertionUntil),
    ]),
  )
  const isFirst = results.length === 2 && results.every(({ meta }) => meta.changes === 1)
  return isFirst ? ok(null) : err('replayed')
}

const MOST_TRIES = 5
const TRIES_SECONDS = 86_400

/**
 * Counts a try of each before it is made, so that many at once do not slip through. A login takes
 * one. To learn by our answers what a ciphertext holds takes thousands with one wrapped key; and
 * whoever has none that somebody else sent keeps nobody out by this.
 *
 * @returns false when one of them was tried five times within a day.
 */
export async function tryKeys(
  db: D1Database,
  wrappedKeys: readonly string[],
  now: Instant,
): Promise<boolean> {
  const until = plusSeconds(now, TRIES_SECONDS)
  const results = await fromStore('D1', 'counting the tries of a key', () =>
    db.batch<{ readonly tries: number }>(
      wrappedKeys.map((key) =>
        db
          .prepare(
            `INSERT INTO key_tries (wrapped_key, tries, expires_at) VALUES (?1, 1, ?2)
             ON CONFLICT (wrapped_key) DO UPDATE SET expires_at = excluded.expires_at,
               tries = CASE WHEN expires_at <= ?3 THEN 1 ELSE tries + 1 END
             RETURNING tries`,
          )
          .bind(key, until, now),
      ),
    ),
  )
  const tries = results.flatMap((result) => result.results.map((row) => row.tries))
  return tries.length === wrappedKeys.length && tries.every((count) => count <= MOST_TRIES)
}

/** For the cron: what is as old would be refused for its age, or tried again. */
export async function removeTaken(db: D1Database, now: Instant): Promise<void> {
  await fromStoreSlowly('D1', 'removing what was used up', () =>
    db.batch([
      db.prepare('DELETE FROM taken WHERE expires_at <= ?1').bind(now),
      db.prepare('DELETE FROM key_tries WHERE expires_at <= ?1').bind(now),
    ]),
  )
}
