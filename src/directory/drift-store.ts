/** People and groups of which the directory knows less than sign-ins and rules, in D1. */
import * as v from 'valibot'
import { fold } from '../lib/fold.ts'
import type { Instant } from '../lib/instant.ts'
import { jsonOf, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import { userColumns, userRow } from './sign-in-store.ts'
import type { User } from './user.ts'

/** More are not looked at, so that the answer costs no more for a large company. */
const MOST_LOOKED_AT = 5000

/**
 * People who may sign in, and whom the directory knows neither by their names nor by their address.
 * By user name.
 */
export async function listUnsent(
  db: D1Database,
  connection: string,
  limit: number,
): Promise<readonly User[]> {
  const { results } = await fromStoreSlowly('D1', 'listing people whom no directory sent', () =>
    db
      .prepare(
        `SELECT ${userColumns} FROM (
           SELECT * FROM users INDEXED BY users_unsent
           WHERE connection = ?1 AND source = 'jit' AND active = 1
           ORDER BY user_name, id LIMIT ${MOST_LOOKED_AT}
         ) d
         WHERE NOT EXISTS (SELECT 1 FROM scim_users s WHERE s.connection = ?1
             AND s.name_fold IN (lower(d.subject), lower(d.user_name), d.email))
           AND NOT EXISTS (SELECT 1 FROM scim_keys k WHERE k.connection = ?1
             AND k.path = 'emails.value' AND k.value IN (d.email, lower(d.subject)))
         LIMIT ?2`,
      )
      .bind(connection, limit)
      .all(),
  )
  return parseRows(userRow, results)
}

const signedInRow = v.object({ ...userRow.entries, asserted: jsonOf(v.array(v.string())) })
export type SignedIn = v.InferOutput<typeof signedInRow>

/** People with a session, each with the groups of the newest one as asserted. */
export async function listSignedIn(
  db: D1Database,
  connection: string,
  limit: number,
  now: Instant,
): Promise<readonly SignedIn[]> {
  const { results } = await fromStoreSlowly('D1', 'listing people with their groups', () =>
    db
      .prepare(
        `SELECT ${userColumns}, asserted FROM (
           SELECT user_id, asserted_groups AS asserted, max(opened_at) AS newest FROM (
             SELECT user_id, connection AS idp, asserted_groups, opened_at, revoked_at
             FROM sessions WHERE expires_at > ?3 ORDER BY expires_at DESC LIMIT ${MOST_LOOKED_AT}
           ) d
           WHERE idp = ?1 AND revoked_at IS NULL AND asserted_groups IS NOT NULL
           GROUP BY user_id ORDER BY newest DESC LIMIT ?2
         ) d CROSS JOIN users ON users.id = d.user_id
         WHERE active = 1 ORDER BY user_name, id`,
      )
      .bind(connection, limit, now)
      .all(),
  )
  return parseRows(signedInRow, results)
}

/** Which of these names no group of the directory has, in any case. */
export async function findMissingGroups(
  db: D1Database,
  connection: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const { results } = await fromStoreSlowly('D1', 'finding groups that rules name', () =>
    db
      .prepare(
        `SELECT s.name_fold AS found FROM json_each(?2) j CROSS JOIN scim_groups s
           ON s.connection = ?1 AND s.name_fold = j.value`,
      )
      .bind(connection, JSON.stringify(names.map(fold)))
      .all(),
  )
  const found = new Set(parseRows(v.object({ found: v.string() }), results).map((row) => row.found))
  return names.filter((name) => !found.has(fold(name)))
}
