/** People and groups of which the directory knows less than sign-ins and rules, in D1. */
import * as v from 'valibot'
import { fold } from '../lib/fold.ts'
import type { Instant } from '../lib/instant.ts'
import { jsonOf, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import { userColumns, userRow } from './sign-in-store.ts'
import type { User } from './user.ts'

/** How many people are searched for those that the directory has not sent. */
export const MOST_LOOKED_AT = 100_000
/** Of so many sessions, the newest, people are taken to compare their groups. */
const MOST_SESSIONS = 5000

const unsentOf = (connection: string, most: string): string => `(
  SELECT * FROM users INDEXED BY users_unsent
  WHERE connection = ${connection} AND source = 'jit' AND active = 1 AND NOT barred
  ORDER BY user_name, id LIMIT ${most}
) d`

/** Whether the directory knows the user `d` neither by a name nor by an address. */
const isUnsent = `(NOT EXISTS (SELECT 1 FROM scim_users s WHERE s.connection = d.connection
    AND s.name_fold IN (lower(d.subject), lower(d.user_name), d.email))
  AND NOT EXISTS (SELECT 1 FROM scim_keys k WHERE k.connection = d.connection
    AND k.path = 'emails.value' AND k.value IN (d.email, lower(d.subject))))`

/** People who have signed in, but were not sent by the directory. By user name. */
export async function listUnsent(
  db: D1Database,
  connection: string,
  limit: number,
): Promise<readonly User[]> {
  const { results } = await fromStoreSlowly('D1', 'listing people whom no directory sent', () =>
    db
      .prepare(
        `SELECT ${userColumns} FROM ${unsentOf('?1', String(MOST_LOOKED_AT))}
         WHERE ${isUnsent} LIMIT ?2`,
      )
      .bind(connection, limit)
      .all(),
  )
  return parseRows(userRow, results)
}

export interface UnsentCount {
  readonly connection: string
  readonly unsent: number
  /** Whether everybody was looked at; else there may be more. */
  readonly isWhole: boolean
}

const countRow = v.object({ connection: v.string(), unsent: v.number(), looked: v.number() })

/** @param most people to look at, of each connection. */
export async function countUnsent(
  db: D1Database,
  connections: readonly string[],
  most: number,
): Promise<readonly UnsentCount[]> {
  const { results } = await fromStoreSlowly('D1', 'counting people whom no directory sent', () =>
    db
      .prepare(
        `SELECT connection, counted ->> 0 AS unsent, counted ->> 1 AS looked FROM (
           SELECT value AS connection, (
             SELECT json_array(coalesce(sum(${isUnsent}), 0), count(*))
             FROM ${unsentOf('j.value', '?2')}
           ) AS counted FROM json_each(?1) j)`,
      )
      .bind(JSON.stringify(connections), most)
      .all(),
  )
  return parseRows(countRow, results).map(({ looked, ...counted }) => ({
    ...counted,
    isWhole: looked < most,
  }))
}

const signedInRow = v.object({ ...userRow.entries, asserted: jsonOf(v.array(v.string())) })
export type SignedIn = v.InferOutput<typeof signedInRow>

/** People with a session, each with the groups of the newest one as asserted. */
export async function listSignedIn(
  db: D1Database,
  connections: readonly string[],
  limit: number,
  now: Instant,
): Promise<readonly SignedIn[]> {
  const { results } = await fromStoreSlowly('D1', 'listing people with their groups', () =>
    db
      .prepare(
        `SELECT ${userColumns}, asserted FROM (
           SELECT user_id, asserted_groups AS asserted, max(opened_at) AS newest FROM (
             SELECT user_id, connection AS idp, asserted_groups, opened_at, revoked_at
             FROM sessions WHERE expires_at > ?3 ORDER BY expires_at DESC LIMIT ${MOST_SESSIONS}
           ) d
           WHERE idp IN (SELECT value FROM json_each(?1)) AND revoked_at IS NULL AND asserted_groups IS NOT NULL
           GROUP BY user_id ORDER BY newest DESC LIMIT ?2
         ) d CROSS JOIN users ON users.id = d.user_id
         WHERE active = 1 AND NOT barred ORDER BY user_name, id`,
      )
      .bind(JSON.stringify(connections), limit, now)
      .all(),
  )
  return parseRows(signedInRow, results)
}

export interface NamedGroup {
  readonly connection: string
  readonly name: string
}

const foundRow = v.object({ connection: v.string(), found: v.string() })

/** Which of these groups no directory has, in any case. */
export async function findMissingGroups(
  db: D1Database,
  named: readonly NamedGroup[],
): Promise<readonly NamedGroup[]> {
  const wanted = named.map(({ connection, name }) => [connection, fold(name)])
  const { results } = await fromStoreSlowly('D1', 'finding groups that rules name', () =>
    db
      .prepare(
        `SELECT s.connection, s.name_fold AS found FROM json_each(?1) j CROSS JOIN scim_groups s
           ON s.connection = j.value ->> 0 AND s.name_fold = j.value ->> 1`,
      )
      .bind(JSON.stringify(wanted))
      .all(),
  )
  const found = new Set(parseRows(foundRow, results).map((row) => keyOf(row.connection, row.found)))
  return named.filter(({ connection, name }) => !found.has(keyOf(connection, fold(name))))
}

const keyOf = (connection: string, name: string): string => JSON.stringify([connection, name])
