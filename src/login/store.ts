/** What may be used once only, in D1. */
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { fromStore } from '../lib/store-error.ts'

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

/** For the cron: what is as old would be refused for its age. */
export async function removeTaken(db: D1Database, now: Instant): Promise<void> {
  await fromStore('D1', 'removing what was used up', () =>
    db.prepare('DELETE FROM taken WHERE expires_at <= ?1').bind(now).run(),
  )
}
