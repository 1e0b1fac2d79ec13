/** Attempts to sign in, in D1: read for operators. */
import * as v from 'valibot'
import { facts } from '../audit/store.ts'
import type { Instant } from '../lib/instant.ts'
import { instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import type { KeptAttempt } from './attempt.ts'
import { poolOf } from './pool.ts'

export interface ListedAttempt extends Omit<KeptAttempt, 'findings' | 'document' | 'facts'> {
  /** Why it was refused, and what to do; null: it was accepted. */
  readonly explained: string | null
}

export interface AttemptFilter {
  readonly connection: string | null
  /** The id of a user, or a name as an assertion had it; in any case of A to Z. */
  readonly person: string | null
  /** The beginning of an id, or of a name as an assertion had it; in any case of A to Z. */
  readonly search: string | null
  readonly onlyRefused: boolean
  readonly since: Instant | null
}

/** The last attempt of a page; the next page begins after it. */
export type AttemptPlace = Pick<ListedAttempt, 'at' | 'id'>

const known = v.object({
  id: v.string(),
  at: instant,
  kind: v.picklist(['sign-in', 'test']),
  host: v.string(),
  connection: v.nullable(v.string()),
  reason: v.nullable(v.string()),
  user: v.nullable(v.string()),
  person: v.nullable(v.string()),
})
const listedRow = v.object({ ...known.entries, explained: v.nullable(v.string()) })
const keptRow = v.object({
  ...known.entries,
  facts: jsonOf(facts),
  findings: jsonOf(
    v.array(
      v.object({
        check: v.string(),
        reason: v.nullable(v.string()),
        says: v.nullable(v.string()),
      }),
    ),
  ),
  document: v.nullable(v.string()),
})
const knownColumns = 'id, at, kind, host, connection, reason, user_id AS user, person'
const listedColumns = `${knownColumns}, facts ->> 'explained' AS explained`
const keptColumns = `${knownColumns}, facts, findings, document`

/** The newest first. */
export async function listAttempts(
  db: D1Database,
  { connection, person, search, onlyRefused, since }: AttemptFilter,
  { after, limit }: { readonly after: AttemptPlace | null; readonly limit: number },
): Promise<readonly ListedAttempt[]> {
  const { results } = await fromStoreSlowly('D1', 'listing attempts to sign in', () =>
    db
      .prepare(
        `SELECT ${listedColumns} FROM attempts
         WHERE (?1 IS NULL OR connection = ?1)
           AND (?2 IS NULL OR user_id = ?2 OR lower(person) = lower(?2))
           AND (NOT ?3 OR reason IS NOT NULL)
           AND at >= ?4 AND (at, id) < (?5, ?6)
           AND (?8 IS NULL OR lower(?8) IN (
             lower(substr(id, 1, length(?8))), lower(substr(person, 1, length(?8)))))
         ORDER BY at DESC, id DESC LIMIT ?7`,
      )
      .bind(
        connection,
        person,
        onlyRefused ? 1 : 0,
        since ?? 0,
        after?.at ?? Number.MAX_SAFE_INTEGER,
        after?.id ?? '',
        limit,
        search,
      )
      .all(),
  )
  return parseRows(listedRow, results)
}

export async function findAttempt(db: D1Database, id: string): Promise<KeptAttempt | null> {
  const row = await fromStoreSlowly('D1', 'finding an attempt to sign in', () =>
    db
      .prepare(`SELECT ${keptColumns} FROM attempts WHERE id = ?1 ORDER BY at DESC LIMIT 1`)
      .bind(id)
      .first(),
  )
  return parseRow(keptRow, row)
}

/** The newest attempts of the connection whose response was signed by its identity provider. */
export async function listSigned(
  db: D1Database,
  connection: string,
  limit: number,
): Promise<readonly KeptAttempt[]> {
  const { results } = await fromStoreSlowly('D1', 'listing attempts to sign in', () =>
    db
      .prepare(
        `SELECT ${keptColumns} FROM attempts
         WHERE connection = ?1 AND assertion IS NOT NULL ORDER BY at DESC, id DESC LIMIT ?2`,
      )
      .bind(connection, limit)
      .all(),
  )
  return parseRows(keptRow, results)
}

/** The last accepted sign-in of each connection, as far as attempts are kept. */
export async function listLastAccepted(db: D1Database): Promise<ReadonlyMap<string, Instant>> {
  const { results } = await fromStoreSlowly('D1', 'finding the last sign-ins', () =>
    db
      .prepare(
        `SELECT connection, max(at) AS at FROM attempts
         WHERE kind = 'sign-in' AND reason IS NULL AND connection IS NOT NULL GROUP BY connection`,
      )
      .all(),
  )
  const rows = parseRows(v.object({ connection: v.string(), at: instant }), results)
  return new Map(rows.map(({ connection, at }) => [connection, at]))
}

/** The last accepted sign-in or test of a connection. It reads the rows of two pools only. */
export const findLastAccepted = (db: D1Database, connection: string): Promise<Instant | null> =>
  fromStoreSlowly('D1', 'finding the last response of a connection', () =>
    db
      .prepare('SELECT max(at) AS at FROM attempts WHERE pool IN (?1, ?2) AND reason IS NULL')
      .bind(poolOf('done', connection), poolOf('test', connection))
      .first<Instant>('at'),
  )

/** The last test of a connection since then; null: there was none. */
export async function findLastTest(
  db: D1Database,
  connection: string,
  since: Instant,
): Promise<KeptAttempt | null> {
  const row = await fromStoreSlowly('D1', 'finding a test of a connection', () =>
    db
      .prepare(
        `SELECT ${keptColumns} FROM attempts WHERE pool = ?1 AND at >= ?2 ORDER BY nth DESC LIMIT 1`,
      )
      .bind(poolOf('test', connection), since)
      .first(),
  )
  return parseRow(keptRow, row)
}
