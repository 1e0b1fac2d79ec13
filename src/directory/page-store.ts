/** Pages of users or groups, in D1. */
import * as v from 'valibot'
import { fromStoreSlowly } from '../lib/store-error.ts'
import {
  parseResource,
  resourceColumns,
  tableOf,
  type Kind,
  type StoredResource,
} from './resource.ts'
import type { Selection } from './selection.ts'

export interface PageQuery {
  /** null: all resources. */
  readonly selection: Selection | null
  /** The SQL after ORDER BY; null: in the order of creation. */
  readonly order: string | null
  /** Only resources with a greater `seq`; null: from the start. */
  readonly after: number | null
  /** This many resources are skipped. */
  readonly offset: number
  readonly limit: number
}

export interface ResourcePage {
  readonly total: number
  readonly resources: readonly StoredResource[]
  /** Where this page ends, if it is worth remembering: a later page can begin there. */
  readonly mark: Mark | null
}

export interface Mark {
  readonly removed: number
  readonly position: number
  readonly seq: number
}

/** The first parameter of a selection; ?1 to ?4 belong to the statement. */
export const FIRST_VALUE = 5

/**
 * A mark is a place in the list that an earlier page has stored. A page reads past at most this many
 * rows, counted from the last mark before it, and half of that on average.
 */
const ROWS_BETWEEN_MARKS = 1000

const countRow = v.object({ total: v.number(), removed: v.number(), position: v.number() })

export async function findPage(
  db: D1Database,
  kind: Kind,
  connection: string,
  query: PageQuery,
): Promise<ResourcePage> {
  const isPlain = query.selection === null && query.order === null && query.after === null
  const [counted, listed] = await fromStoreSlowly('D1', 'listing provisioned resources', () =>
    db.batch([
      query.selection
        ? countSelected(db, kind, connection, query.selection)
        : countAll(db, kind, connection, query.offset),
      isPlain ? plainPage(db, kind, connection, query) : page(db, kind, connection, query),
    ]),
  )
  const row = counted?.results[0] ?? { total: 0, removed: 0, position: 0 }
  const { total, removed, position } = v.parse(countRow, row)
  const resources = (listed?.results ?? []).map(parseResource)
  const end = query.offset + resources.length
  const seq = resources.at(-1)?.seq
  const isWorthIt = isPlain && seq !== undefined && end - position >= ROWS_BETWEEN_MARKS
  return { total, resources, mark: isWorthIt ? { removed, position: end, seq } : null }
}

/** A position stays right until a resource is removed: new ones are added at the end. */
export async function saveMark(
  db: D1Database,
  kind: Kind,
  connection: string,
  { removed, position, seq }: Mark,
): Promise<void> {
  await fromStoreSlowly('D1', 'marking a page', () =>
    db.batch([
      db
        .prepare('DELETE FROM scim_marks WHERE connection = ?1 AND kind = ?2 AND removed < ?3')
        .bind(connection, kind, removed),
      db
        .prepare(
          `INSERT INTO scim_marks (connection, kind, removed, position, seq)
           VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING`,
        )
        .bind(connection, kind, removed, position, seq),
    ]),
  )
}

const markOf = (column: 'position' | 'seq') =>
  `coalesce((SELECT k.${column} FROM scim_counts c CROSS JOIN scim_marks k
    WHERE c.connection = ?1 AND c.kind = ?2 AND k.connection = c.connection AND k.kind = c.kind
      AND k.removed = c.removed AND k.position <= ?3
    ORDER BY k.position DESC LIMIT 1), 0)`

const countAll = (db: D1Database, kind: Kind, connection: string, offset: number) =>
  db
    .prepare(
      `SELECT total, removed, ${markOf('position')} AS position
       FROM scim_counts WHERE connection = ?1 AND kind = ?2`,
    )
    .bind(connection, kind, offset)

const plainPage = (db: D1Database, kind: Kind, connection: string, { offset, limit }: PageQuery) =>
  db
    .prepare(
      `SELECT ${resourceColumns} FROM ${tableOf(kind)} r
       WHERE r.connection = ?1 AND r.seq > ${markOf('seq')}
       ORDER BY r.seq LIMIT ?4 OFFSET ?3 - ${markOf('position')}`,
    )
    .bind(connection, kind, offset, limit)

function page(
  db: D1Database,
  kind: Kind,
  connection: string,
  { selection, order, after, offset, limit }: PageQuery,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${resourceColumns} ${fromWhere(kind, selection)} AND r.seq > ?2
       ORDER BY ${order ? `${order}, ` : ''}r.seq LIMIT ?3 OFFSET ?4`,
    )
    .bind(connection, after ?? 0, limit, offset, ...(selection?.values ?? []))
}

/** Uses the parameter numbers of the page's statement; `?2 IS NULL` and so on use up the rest. */
const countSelected = (db: D1Database, kind: Kind, connection: string, selection: Selection) =>
  db
    .prepare(
      `SELECT count(*) AS total, 0 AS removed, 0 AS position ${fromWhere(kind, selection)}
       AND ?2 IS NULL AND ?3 IS NULL AND ?4 IS NULL`,
    )
    .bind(connection, null, null, null, ...selection.values)

function fromWhere(kind: Kind, selection: Selection | null): string {
  const table = `${tableOf(kind)} r`
  if (!selection) return `FROM ${table} WHERE r.connection = ?1`
  const { driver, where } = selection
  return driver === null
    ? `FROM ${table} WHERE r.connection = ?1 AND ${where}`
    : `FROM (${driver}) d CROSS JOIN ${table} WHERE r.id = d.id AND r.connection = ?1 AND ${where}`
}
