/** Makes a backup: of one moment, while the Worker goes on. */
import * as v from 'valibot'
import { toIso, type Instant } from '../../src/lib/instant.ts'
import { writeBackup, type Head, type Placed, type Totals } from './file.ts'
import { leftOut, logs, quoted, readRows, readSchema, type Table } from './tables.ts'

const snapshotOf = (name: string): string => `backup_${name}`

export async function takeBackup(db: D1Database, path: string, now: Instant): Promise<Totals> {
  const { tables, others, views } = await readSchema(db)
  const kept = tables.filter(({ name }) => !Object.hasOwn(leftOut, name))
  const head: Head = {
    gatehouse: 'backup',
    format: 1,
    madeAt: toIso(now),
    migrations: [...(await listMigrations(db, tables))],
    tables: tables.map((each) => ({
      ...each,
      columns: [...each.columns],
      key: [...each.key],
      parents: [...each.parents],
    })),
    others: [...others],
    views: [...views],
  }
  const copied = kept.filter(({ name }) => !logs.includes(name))
  await removeSnapshot(db, copied)
  try {
    // A batch is one transaction: all tables as they were at one moment.
    await db.batch(
      copied.map(({ name, key }) =>
        db.prepare(
          `CREATE TABLE "${snapshotOf(name)}" AS SELECT * FROM "${name}" ORDER BY ${quoted(key)}`,
        ),
      ),
    )
    return await writeBackup(path, head, allRows())
  } finally {
    await removeSnapshot(db, copied)
  }

  async function* allRows(): AsyncGenerator<Placed> {
    for (const table of kept) {
      const place = tables.indexOf(table)
      const as = copied.includes(table) ? snapshotOf(table.name) : table.name
      for await (const row of readRows(db, table, as)) yield [place, ...row]
    }
  }
}

const removeSnapshot = (db: D1Database, tables: readonly Table[]): Promise<unknown> =>
  db.batch(tables.map(({ name }) => db.prepare(`DROP TABLE IF EXISTS "${snapshotOf(name)}"`)))

/** Those that were applied, in their order. Without wrangler's table nothing is known of them. */
export async function listMigrations(
  db: D1Database,
  tables: readonly Pick<Table, 'name'>[],
): Promise<readonly string[]> {
  if (tables.every(({ name }) => name !== 'd1_migrations')) return []
  const { results } = await db.prepare('SELECT name FROM d1_migrations ORDER BY id').all()
  return v.parse(v.array(v.object({ name: v.string() })), results).map(({ name }) => name)
}
