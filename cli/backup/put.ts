/**
 * Puts a backup in the place of what the database has. It is loaded beside it first and compared
 * with the file; then one transaction exchanges the two. Until then the Worker sees nothing of it.
 */
import type { Instant } from '../../src/lib/instant.ts'
import { readBackup, Tally, type Backup, type Head, type Placed } from './file.ts'
import { leftOut, quoted, readRows, readSchema, type Schema, type Table } from './tables.ts'

/** Rows of one statement, as JSON: D1 takes values of 2 MB. */
const MOST_CHARACTERS = 400_000
const MOST_ROWS = 500

const loadingOf = (name: string): string => `restoring_${name}`

/** @throws if what was loaded is not what the file has. Nothing was changed then. */
export async function putBackup(
  db: D1Database,
  path: string,
  backup: Backup,
  now: Instant,
): Promise<void> {
  const { head } = backup
  const live = await readSchema(db)
  await removeLoaded(db, head.tables)
  try {
    await db.batch(
      head.tables.map(({ sql, name }) =>
        db.prepare(
          asLoading(
            sql,
            name,
            head.tables.map((each) => each.name),
          ),
        ),
      ),
    )
    await load(db, path)
    await compare(db, backup)
    await db.batch([
      ...keepWhatHasEnded(db, head, live, now),
      ...exchange(head, live).map((sql) => db.prepare(sql)),
    ])
  } catch (error) {
    await removeLoaded(db, head.tables)
    throw error
  }
}

const removeLoaded = (db: D1Database, tables: readonly Pick<Table, 'name'>[]): Promise<unknown> =>
  db.batch(
    tables.toReversed().map(({ name }) => db.prepare(`DROP TABLE IF EXISTS "${loadingOf(name)}"`)),
  )

/** The statement that creates the table, with other names for it and for those that it refers to. */
function asLoading(sql: string, name: string, names: readonly string[]): string {
  const created = sql.replace(
    /^(\s*CREATE\s+TABLE\s+)(?:IF\s+NOT\s+EXISTS\s+)?["'`[]?\w+["'`\]]?/i,
    `$1"${loadingOf(name)}"`,
  )
  return created.replace(/\b(REFERENCES\s+)["'`[]?(\w+)["'`\]]?/g, (whole, word, parent) =>
    names.includes(parent) ? `${word}"${loadingOf(parent)}"` : whole,
  )
}

async function load(db: D1Database, path: string): Promise<void> {
  let waiting: Placed[] = []
  let characters = 0
  const flush = async (head: Head): Promise<void> => {
    const table = head.tables[waiting[0]?.[0] ?? -1]
    if (!table) return
    const rows = JSON.stringify(waiting.map(([, ...row]) => row))
    const cells = table.columns.map((_, i) => `value ->> ${i}`).join(', ')
    await db
      .prepare(
        `INSERT INTO "${loadingOf(table.name)}" (${quoted(table.columns)}) SELECT ${cells} FROM json_each(?1)`,
      )
      .bind(rows)
      .run()
    waiting = []
    characters = 0
  }
  const read = await readBackup(path, async (row, head) => {
    const length = JSON.stringify(row).length
    const isOther = waiting[0] !== undefined && waiting[0][0] !== row[0]
    if (isOther || waiting.length >= MOST_ROWS || characters + length > MOST_CHARACTERS) {
      await flush(head)
    }
    waiting.push(row)
    characters += length
  })
  if (!read.ok) throw new Error(`the file ${read.error}`)
  await flush(read.value.head)
}

async function compare(db: D1Database, { head, totals }: Backup): Promise<void> {
  const tally = new Tally()
  for (const table of head.tables) {
    for await (const row of readRows(db, table, loadingOf(table.name))) tally.add(table.name, row)
  }
  const found = tally.total(head.tables.map(({ name }) => name))
  const astray = Object.keys(totals).filter(
    (name) => JSON.stringify(found[name]) !== JSON.stringify(totals[name]),
  )
  if (astray.length > 0) {
    throw new Error(`what was loaded differs from the file, in ${astray.join(', ')}`)
  }
}

/** Statements on what was loaded, before it takes the place of what the database has. */
function keepWhatHasEnded(
  db: D1Database,
  head: Head,
  live: Schema,
  now: Instant,
): readonly D1PreparedStatement[] {
  const has = (name: string): boolean => head.tables.some((each) => each.name === name)
  const isLive = (name: string): boolean =>
    has(name) && live.tables.some((each) => each.name === name)
  const change = (name: string, sql: string): readonly D1PreparedStatement[] =>
    isLive(name) ? [db.prepare(sql)] : []
  const common = (name: string): string => {
    const own = head.tables.find((each) => each.name === name)?.columns ?? []
    const ofNow = live.tables.find((each) => each.name === name)?.columns ?? []
    return quoted(own.filter((column) => ofNow.includes(column)))
  }
  const keep = (name: string): readonly D1PreparedStatement[] =>
    change(
      name,
      `INSERT OR IGNORE INTO "${loadingOf(name)}" (${common(name)}) SELECT ${common(name)} FROM "${name}"`,
    )
  /** Of these tokens only those count that count now. In an empty database that is none. */
  const onlyAsNow = (name: string): readonly D1PreparedStatement[] => {
    const counts = isLive(name)
      ? `EXISTS (SELECT 1 FROM "${name}" AS t WHERE t.id = r.id AND t.revoked_at IS NULL)`
      : 'false'
    const sql = `UPDATE "${loadingOf(name)}" AS r SET revoked_at = ${now}
       WHERE revoked_at IS NULL AND NOT ${counts}`
    return has(name) ? [db.prepare(sql)] : []
  }
  /** Machines hold copies of our keys, so those of now count where there are any. */
  const ours = (names: readonly string[]): readonly D1PreparedStatement[] => {
    const [first = ''] = names
    return names.every(isLive)
      ? [
          ...names
            .toReversed()
            .map((name) =>
              db.prepare(
                `DELETE FROM "${loadingOf(name)}" WHERE EXISTS (SELECT 1 FROM "${first}")`,
              ),
            ),
          ...names.flatMap(keep),
        ]
      : []
  }
  return [
    // A backup of another version may have what is left out today.
    ...head.tables
      .toReversed()
      .filter(({ name }) => Object.hasOwn(leftOut, name) && !leftOut[name]?.isKept)
      .map(({ name }) => db.prepare(`DELETE FROM "${loadingOf(name)}"`)),
    ...Object.entries(leftOut).flatMap(([name, { isKept }]) => (isKept ? keep(name) : [])),
    ...keep('signals_taken'),
    ...ours(['signing_keys']),
    ...ours(['sp_generations', 'sp_keys']),
    // A disabled person stays disabled, and a person removed since is not let in by the restore.
    ...change(
      'users',
      `UPDATE "restoring_users" AS r SET active = 0, barred = 1
       WHERE EXISTS (
           SELECT 1 FROM users AS u
           WHERE u.active = 0 AND (u.id = r.id
             OR u.connection = r.connection AND lower(u.subject) = lower(r.subject)))
         OR EXISTS (SELECT 1 FROM users AS u WHERE u.connection = r.connection)
           AND NOT EXISTS (SELECT 1 FROM users AS u WHERE u.id = r.id)`,
    ),
    ...change(
      'users',
      `INSERT OR IGNORE INTO "restoring_users" (${common('users')})
       SELECT ${common('users').replace('"source"', "'jit'")} FROM users
       WHERE barred = 1 AND connection IN (SELECT id FROM "restoring_connections")`,
    ),
    ...change(
      'connections',
      `UPDATE "restoring_connections" AS r SET enabled = 0
       WHERE EXISTS (SELECT 1 FROM connections AS c WHERE c.id = r.id AND c.enabled = 0)`,
    ),
    ...change(
      'scim_tokens',
      `UPDATE "restoring_scim_tokens" AS r
       SET revoked_at = (SELECT t.revoked_at FROM scim_tokens AS t WHERE t.id = r.id)
       WHERE r.revoked_at IS NULL
         AND EXISTS (SELECT 1 FROM scim_tokens AS t WHERE t.id = r.id AND t.revoked_at IS NOT NULL)`,
    ),
    ...onlyAsNow('admin_tokens'),
    ...onlyAsNow('service_tokens'),
    // A secret of the backup may have been rotated away since. Revoked tokens keep theirs: lists
    // show when it would have expired.
    ...change(
      'service_secrets',
      `DELETE FROM "restoring_service_secrets" WHERE token IN (SELECT id FROM service_tokens)`,
    ),
    ...change(
      'service_secrets',
      `INSERT INTO "restoring_service_secrets" (${common('service_secrets')})
       SELECT ${common('service_secrets')} FROM service_secrets
       WHERE token IN (SELECT id FROM "restoring_service_tokens")`,
    ),
    ...(has('oauth_clients')
      ? [
          db.prepare(
            `DELETE FROM "restoring_oauth_clients" AS r WHERE secret_hash IS NOT NULL AND NOT ${
              isLive('oauth_clients')
                ? 'EXISTS (SELECT 1 FROM oauth_clients AS c WHERE c.id = r.id AND c.secret_hash = r.secret_hash)'
                : 'false'
            }`,
          ),
        ]
      : []),
    ...(has('hand_overs')
      ? [
          db.prepare(
            `UPDATE "restoring_hand_overs" SET ended_at = ${now}, ended_why = 'revoked' WHERE ended_at IS NULL`,
          ),
        ]
      : []),
    // The messages that it counts are in no backup.
    ...(has('webhooks')
      ? [db.prepare('UPDATE "restoring_webhooks" SET waiting = 0, omitted = 0')]
      : []),
  ]
}

/** Triggers come last: none of them may act on rows that are as they were already. */
const exchange = (head: Head, live: Schema): readonly string[] => [
  ...live.views.map((name) => `DROP VIEW "${name}"`),
  ...live.tables.toReversed().map(({ name }) => `DROP TABLE "${name}"`),
  ...head.tables.map(({ name }) => `ALTER TABLE "${loadingOf(name)}" RENAME TO "${name}"`),
  ...head.others,
]
