/** Creates our tables in an empty database, without wrangler. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unstable_splitSqlQuery } from 'wrangler'
import { root } from '../../cli/project.ts'

/** The SQL of each migration, in order. */
export async function readMigrations(): Promise<readonly string[]> {
  const directory = join(root, 'migrations')
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).toSorted()
  return Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))
}

export async function migrate(db: D1Database): Promise<void> {
  for (const sql of await readMigrations()) {
    await db.batch(unstable_splitSqlQuery(sql).map((statement) => db.prepare(statement)))
  }
}
