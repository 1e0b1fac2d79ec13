/** Gatehouse's migrations, and the tables that they make in a new dev store. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { root, wranglerFile } from './project.ts'

const folder = join(root, 'migrations')

const wranglerConfig = v.object({
  d1_databases: v.array(
    v.object({ binding: v.string(), migrations_table: v.optional(v.string()) }),
  ),
})

/** The names of their files, in order. */
export async function listMigrations(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
}

/**
 * Does what `wrangler d1 migrations apply` does to an empty database, and keeps the same record of
 * it. wrangler starts a runtime for each migration, which takes many seconds.
 *
 * @param binding of the database.
 */
export async function makeTables(db: D1Database, binding: string): Promise<void> {
  const { unstable_readConfig, unstable_splitSqlQuery } = await import('wrangler')
  const { d1_databases } = v.parse(wranglerConfig, unstable_readConfig({ config: wranglerFile }))
  const table = d1_databases.find((database) => database.binding === binding)?.migrations_table
  const record = `"${(table ?? 'd1_migrations').replaceAll('"', '""')}"`
  await db
    .prepare(
      `CREATE TABLE IF NOT EXISTS ${record} (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         name TEXT UNIQUE,
         applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
       )`,
    )
    .run()
  for (const name of await listMigrations()) {
    const sql = await readFile(join(folder, name), 'utf8')
    await db.batch([
      ...unstable_splitSqlQuery(sql).map((statement) => db.prepare(statement)),
      db.prepare(`INSERT INTO ${record} (name) VALUES (?1)`).bind(name),
    ])
  }
}
