import type { Instant } from '../lib/instant.ts'
import { fromStore } from '../lib/store-error.ts'

/**
 * Ends the session and its sign-in, so that no other session of it goes on.
 *
 * @returns whether there was an open session to revoke.
 */
export async function revokeSession(db: D1Database, id: string, now: Instant): Promise<boolean> {
  const results = await fromStore('D1', 'revoking a session', () =>
    db.batch([
      db
        .prepare('UPDATE sessions SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL')
        .bind(id, now),
      db
        .prepare(
          `UPDATE sign_ins SET ended_at = ?2, ended_why = 'revoked'
           WHERE ended_at IS NULL AND id = (SELECT sign_in FROM sessions WHERE id = ?1)`,
        )
        .bind(id, now),
    ]),
  )
  return results.some(({ meta }) => meta.changes > 0)
}
