/** All that D1 has of a person: read for the person, and erased. */
import * as v from 'valibot'
import type { User } from '../directory/user.ts'
import { toInstant, toIso, type Instant } from '../lib/instant.ts'
import { parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import { tokenHash } from '../session/token-store.ts'
import type { TokenHash } from '../session/token.ts'
import { personTables, whereIn, type PersonTable, type PersonTableName } from './person-tables.ts'

/** Of each table. */
export const MOST_ROWS = 10_000

/** A row as it is given out: times are in ISO 8601, JSON is read. */
export type PersonRow = Readonly<Record<string, unknown>>
export type PersonRows = Readonly<Record<string, readonly PersonRow[]>>

type Values = readonly [id: string, connection: string, names: string, now: Instant]
type Person = Pick<User, 'id' | 'connection'>

/** The names under which events and attempts may speak of the person. */
const namesSql = `
  SELECT subject AS name FROM users WHERE id = ?1
  UNION SELECT user_name FROM users WHERE id = ?1
  UNION SELECT email FROM users WHERE id = ?1 AND email IS NOT NULL
  UNION SELECT name_id FROM sign_ins WHERE user_id = ?1 AND name_id IS NOT NULL
  UNION SELECT value FROM scim_keys WHERE user_id = ?1 AND path = 'emails.value'`

async function valuesOf(db: D1Database, { id, connection }: Person, now: Instant): Promise<Values> {
  const { results } = await fromStoreSlowly('D1', 'reading the names of a person', () =>
    db.prepare(namesSql).bind(id).all(),
  )
  const names = parseRows(v.object({ name: v.string() }), results).map(({ name }) => name)
  return [id, connection, JSON.stringify(names), now]
}

/** D1 refuses more values than a statement has, so each names the last. */
const prepare = (db: D1Database, sql: string, values: Values): D1PreparedStatement =>
  db.prepare(`${sql} AND ?4 IS NOT NULL`).bind(...values)

/** Of every table, at one moment. */
export async function readPerson(
  db: D1Database,
  person: Person,
  now: Instant,
): Promise<PersonRows> {
  const values = await valuesOf(db, person, now)
  const read = await fromStoreSlowly('D1', 'reading all data of a person', () =>
    db.batch(
      personTables.map(({ table, where }) =>
        prepare(
          db,
          `SELECT * FROM (SELECT * FROM ${table} WHERE ${where} LIMIT ${MOST_ROWS})
           WHERE true`,
          values,
        ),
      ),
    ),
  )
  return Object.fromEntries(
    personTables.map((described, i) => [
      described.table,
      parseRows(anyRow, read[i]?.results ?? []).map((row) => shown(row, described)),
    ]),
  )
}

const anyRow = v.record(v.string(), v.union([v.string(), v.number(), v.null()]))

const shown = (row: v.InferOutput<typeof anyRow>, { hides = [] }: PersonTable): PersonRow =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([column]) => !hides.includes(column))
      .map(([column, value]) => [column, toShown(column, value)]),
  )

const isTime = /^at$|_at$|^since$|_from$|_instant$|_until$/

function toShown(column: string, value: string | number | null): unknown {
  if (typeof value === 'number') return isTime.test(column) ? toIso(toInstant(value)) : value
  if (value === null || !/^[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** What KV has of the person is under these. */
export async function listTokenHashes(
  db: D1Database,
  userId: string,
): Promise<readonly TokenHash[]> {
  const { results } = await fromStoreSlowly('D1', 'listing the sessions of a person', () =>
    db
      .prepare(
        `SELECT token_hash AS hash FROM sessions WHERE user_id = ?1 AND token_hash IS NOT NULL
         LIMIT ${MOST_ROWS}`,
      )
      .bind(userId)
      .all(),
  )
  return parseRows(v.object({ hash: tokenHash }), results).map(({ hash }) => hash)
}

export interface Erasing {
  /** The events of the audit stay. They name the id of the user, and perhaps names. */
  readonly keepsAudit: boolean
  readonly now: Instant
}

/**
 * Erases the person in one transaction. With the row of `users` go its sign-ins, sessions and
 * transfers, and what a directory sent.
 *
 * @returns false: the user was gone already.
 */
export async function erasePerson(
  db: D1Database,
  person: Person,
  { keepsAudit, now }: Erasing,
): Promise<boolean> {
  const values = await valuesOf(db, person, now)
  const change = (sql: string, name: PersonTableName, more = '') =>
    prepare(db, `${sql} WHERE ${whereIn(name)} ${more}`, values)
  const remove = (name: PersonTableName, more = '') => change(`DELETE FROM ${name}`, name, more)
  const results = await fromStoreSlowly('D1', 'erasing a person', () =>
    db.batch([
      ...(keepsAudit
        ? []
        : [
            remove('audit', "AND kind <> 'operator'"),
            // What an operator did stays on record, without the names of people who were erased.
            change(
              `UPDATE audit SET user_id = iif(user_id = ?1, NULL, user_id),
                 facts = iif(facts ->> 'operatorUser' = ?1,
                   json_set(json_remove(facts, '$.operatorUser'), '$.operator', 'erased'), facts)`,
              'audit',
            ),
          ]),
      // A trigger counts the messages that wait by their state.
      change(
        `UPDATE webhook_messages SET state = 'given-up'`,
        'webhook_messages',
        `AND state = 'waiting'`,
      ),
      remove('webhook_messages'),
      remove('attempts'),
      remove('scim_requests'),
      remove('scim_removals'),
      change(
        `UPDATE admin_tokens
         SET made_by = 'erased', maker = NULL, revoked_at = coalesce(revoked_at, ?4)`,
        'admin_tokens',
      ),
      // Those that the person owns go with the row of `users`.
      prepare(
        db,
        `UPDATE service_tokens SET made_by = 'erased', maker = NULL WHERE maker = ?1`,
        values,
      ),
      prepare(
        db,
        `UPDATE scim_groups SET version = version + 1, updated_at = max(updated_at, ?4)
         WHERE id IN (SELECT group_id FROM scim_members WHERE user_id = ?1)`,
        values,
      ),
      prepare(db, `DELETE FROM users WHERE ${whereIn('users')}`, values),
    ]),
  )
  return (results.at(-1)?.meta.changes ?? 0) > 0
}
