import type { Instant } from '../lib/instant.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'

/** The set-up page asks every few seconds, so no more users than these are looked at. */
const MOST_LOOKED_AT = 2000

/** A sign-in that was accepted, of one of the first users; null: none is known. */
export const findSomeSignIn = (db: D1Database, connection: string): Promise<Instant | null> =>
  fromStoreSlowly('D1', 'finding a sign-in of a connection', () =>
    db
      .prepare(
        `SELECT max(last_login_at) AS at FROM (
           SELECT last_login_at FROM users WHERE connection = ?1 LIMIT ?2)`,
      )
      .bind(connection, MOST_LOOKED_AT)
      .first<Instant>('at'),
  )
