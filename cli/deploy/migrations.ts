/** What the deployed database lacks, and whether it has keys that only the Worker's secret opens. */
import * as v from 'valibot'
import { listMigrations } from '../migrations.ts'
import { needsMigration } from '../store.ts'

const names = v.array(v.object({ name: v.string() }))

/** Names of the migrations that are not applied yet, in order. */
export async function findPending(db: D1Database): Promise<readonly string[]> {
  const applied = v.parse(names, (await read(db, 'SELECT name FROM d1_migrations')) ?? [])
  const files = await listMigrations()
  return files.filter((file) => !applied.some(({ name }) => name === file))
}

/** What was sealed under a secret cannot be opened with another. */
export async function isSealed(db: D1Database): Promise<boolean> {
  const rows =
    (await read(db, 'SELECT 1 FROM signing_keys UNION ALL SELECT 1 FROM sp_keys LIMIT 1')) ?? []
  return rows.length > 0
}

/** null: there is no such table. */
async function read(db: D1Database, sql: string): Promise<readonly unknown[] | null> {
  try {
    return (await db.prepare(sql).all()).results
  } catch (error) {
    if (needsMigration(error)) return null
    throw error
  }
}
