/** The tables of a database as a backup has them. */
import * as v from 'valibot'

/**
 * What is in no backup. It lets somebody in, or is about what goes on at this moment: a restored
 * database must not bring back a sign-in that has ended. Rows that keep a thing from being used
 * twice (`isKept`) stay as they are in the database that is restored.
 */
export const leftOut: Readonly<Record<string, { readonly isKept: boolean }>> = {
  sessions: { isKept: false },
  sign_ins: { isKept: false },
  transfers: { isKept: false },
  sign_in_tests: { isKept: false },
  admin_links: { isKept: false },
  idempotency_keys: { isKept: false },
  oauth_grants: { isKept: false },
  oauth_access: { isKept: false },
  oauth_devices: { isKept: false },
  webhook_messages: { isKept: false },
  taken: { isKept: true },
  logout_requests: { isKept: true },
  key_tries: { isKept: true },
}

/** Rows that are written once: they need no snapshot. */
export const logs: readonly string[] = ['audit', 'attempts']

export interface Table {
  readonly name: string
  readonly sql: string
  readonly columns: readonly string[]
  /** Of the primary key, in its order. */
  readonly key: readonly string[]
  /** Tables that it refers to. */
  readonly parents: readonly string[]
}

export interface Schema {
  /** Parents come before their children. */
  readonly tables: readonly Table[]
  /** SQL of indexes, views and triggers, in this order. */
  readonly others: readonly string[]
  readonly views: readonly string[]
}

const row = v.object({ type: v.string(), name: v.string(), sql: v.string() })
const columnRow = v.object({ table: v.string(), name: v.string(), pk: v.number() })
const parentRow = v.object({ table: v.string(), parent: v.string() })

/** Names that are ours for the time of a backup or a restore. */
const isPassing = /^(backup|restoring)_/

export async function readSchema(db: D1Database): Promise<Schema> {
  const from = `FROM sqlite_schema AS t`
  const ours = `t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name NOT LIKE '\\_cf\\_%' ESCAPE '\\'`
  const [schema, columns, parents] = await db.batch([
    db.prepare(
      `SELECT type, name, sql ${from} WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'`,
    ),
    db.prepare(
      `SELECT t.name AS 'table', c.name, c.pk ${from} CROSS JOIN pragma_table_info(t.name) AS c WHERE ${ours} ORDER BY t.name, c.cid`,
    ),
    db.prepare(
      `SELECT DISTINCT t.name AS 'table', f."table" AS parent ${from} CROSS JOIN pragma_foreign_key_list(t.name) AS f WHERE ${ours}`,
    ),
  ])
  const entries = v.parse(v.array(row), schema?.results).filter(({ name }) => !isPassing.test(name))
  const allColumns = v.parse(v.array(columnRow), columns?.results)
  const allParents = v.parse(v.array(parentRow), parents?.results)
  const tables = entries
    .filter(({ type }) => type === 'table')
    .map(({ name, sql }) => {
      const own = allColumns.filter(({ table }) => table === name)
      return {
        name,
        sql,
        columns: own.map((each) => each.name),
        key: own
          .filter(({ pk }) => pk > 0)
          .toSorted((a, b) => a.pk - b.pk)
          .map((each) => each.name),
        parents: allParents.filter(({ table }) => table === name).map(({ parent }) => parent),
      }
    })
  const sqlOf = (type: string) => entries.filter((each) => each.type === type).map(({ sql }) => sql)
  return {
    tables: parentsFirst(tables),
    others: ['index', 'view', 'trigger'].flatMap(sqlOf),
    views: entries.filter(({ type }) => type === 'view').map(({ name }) => name),
  }
}

/** A table that refers to itself has no other before it. */
function parentsFirst(tables: readonly Table[]): readonly Table[] {
  const sorted: Table[] = []
  const add = (table: Table, above: readonly string[]): void => {
    if (sorted.includes(table) || above.includes(table.name)) return
    for (const parent of tables.filter(({ name }) => table.parents.includes(name))) {
      add(parent, [...above, table.name])
    }
    sorted.push(table)
  }
  for (const table of tables) add(table, [])
  return sorted
}

export const quoted = (names: readonly string[]): string =>
  names.map((name) => `"${name}"`).join(', ')

export type Value = string | number | null
export type Values = readonly Value[]

const PAGE = 200
const values = v.array(v.union([v.string(), v.number(), v.null()]))

/** All rows, in the order of the primary key. @param as the name under which the rows are. */
export async function* readRows(
  db: D1Database,
  { columns, key }: Pick<Table, 'columns' | 'key'>,
  as: string,
): AsyncGenerator<Values> {
  const places = key.map((name) => columns.indexOf(name))
  let after: Values = []
  do {
    const beyond = after.map((_, i) => `?${i + 1}`).join(', ')
    const where = after.length === 0 ? '' : `WHERE (${quoted(key)}) > (${beyond})`
    const { results } = await db
      .prepare(`SELECT * FROM "${as}" ${where} ORDER BY ${quoted(key)} LIMIT ${PAGE}`)
      .bind(...after)
      .all<Readonly<Record<string, unknown>>>()
    const page = results.map((each) =>
      v.parse(
        values,
        columns.map((name) => each[name] ?? null),
      ),
    )
    yield* page
    const last = page.length < PAGE ? undefined : page.at(-1)
    after = last ? places.map((place) => last[place] ?? null) : []
  } while (after.length > 0)
}
