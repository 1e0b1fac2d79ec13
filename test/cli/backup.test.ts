/** A backup, put into an empty database and over one that went on, is compared table by table. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBackup, writeBackup, type Placed, type Totals } from '../../cli/backup/file.ts'
import { putBackup } from '../../cli/backup/put.ts'
import { leftOut, readRows, readSchema } from '../../cli/backup/tables.ts'
import { readMigrations } from '../../tools/stage/migrate.ts'
import { startApi, TOKEN } from './cloudflare.ts'
import { createStage, type Stage } from './run.ts'
import { connectionOf, now, seedConnection, seedSession, seedUser } from './people.ts'

let stage: Stage | undefined
let path = ''

type Dump = Readonly<Record<string, readonly string[]>>

async function dump(db: D1Database): Promise<Dump> {
  const { tables } = await readSchema(db)
  const found: Record<string, string[]> = {}
  const all = await db.batch(tables.map(({ name }) => db.prepare(`SELECT * FROM "${name}"`)))
  for (const [i, { name }] of tables.entries()) {
    found[name] = (all[i]?.results ?? []).map((row) => JSON.stringify(row)).toSorted()
  }
  return found
}

/** What the database is made of, whatever the words. */
async function shapeOf(db: D1Database): Promise<unknown> {
  const { tables } = await readSchema(db)
  const { results } = await db
    .prepare(
      `SELECT type, name, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY type, name`,
    )
    .all()
  const keys = await db.batch(
    tables.flatMap(({ name }) =>
      ['table_info', 'foreign_key_list'].map((what) => db.prepare(`PRAGMA ${what}("${name}")`)),
    ),
  )
  const shapes = keys.map(({ results: rows }) => JSON.stringify(rows))
  return [results, new Map(tables.map(({ name }, i) => [name, shapes.slice(2 * i, 2 * i + 2)]))]
}

const must = (value: Stage | undefined): Stage => {
  if (!value) throw new Error('there is no stage')
  return value
}

const GRANT = `INSERT INTO oauth_grants (id, user_id, client, client_name, client_kind, site, session, since, granted_at, last_used_at, expires_at, code_hash, code_expires_at, family_hash, refresh_hash)
  VALUES ('grant', 'user-ada', 'kept', 'k', 'listed', 's', '{}', 1, 1, 1, 9e12, 'hash-of-code', 9e12, 'hash-of-family', 'hash-of-refresh')`

/** A row in every table that a backup has, among them values that are hard to carry. */
async function fill(db: D1Database): Promise<void> {
  await db.exec(
    `CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
  )
  await db
    .prepare(`INSERT INTO d1_migrations (name) VALUES ('0001_init.sql'), ('0024_token_makers.sql')`)
    .run()
  await seedConnection(db, connectionOf('acme', { domains: ['acme.com'] }))
  for (const name of ['ada', 'bob', 'cyd']) {
    const user = await seedUser(
      db,
      { connection: 'acme', subject: name, userName: name },
      `user-${name}`,
    )
    await seedSession(db, user, `session-${name}`)
  }
  const hard = `"quotes", 'ticks', \\, \n, \u2028, 💥, ${'long '.repeat(20_000)}`
  await db.batch([
    db.prepare(`UPDATE users SET display_name = ?1 WHERE id = 'user-ada'`).bind(hard),
    db.prepare(`UPDATE users SET active = 0, barred = 1 WHERE id = 'user-cyd'`),
    db.prepare(
      `INSERT INTO webhooks (id, url, kinds, format, secret, created_at) VALUES ('w', 'https://h', '[]', 'json', 'sealed', 9007199254740991)`,
    ),
    db.prepare(
      `INSERT INTO scim_tokens (id, connection, label, hash, created_at) VALUES ('t1', 'acme', 'one', 'h1', 1), ('t2', 'acme', 'two', 'h2', 1)`,
    ),
    db.prepare(
      `INSERT INTO admin_tokens (id, label, scopes, hash, made_by, created_at, expires_at) VALUES ('a1', 'p', '["all"]', 'h', 'g', 1, 9e12)`,
    ),
    db.prepare(`INSERT INTO signing_keys VALUES ('k1', '{}', 'sealed key', 1, 1, 9)`),
    db.prepare(`INSERT INTO sp_generations VALUES (1, 'current', 1)`),
    db.prepare(`INSERT INTO sp_keys VALUES (1, 'encryption', 'c', 'sealed', 1)`),
    db.prepare(`INSERT INTO taken VALUES ('acme', 'assertion', '_old', 9)`),
    db.prepare(`INSERT INTO signals_taken VALUES ('s', 'j1', 'w', 9)`),
    db.prepare(
      `INSERT INTO hand_overs (id, connection, label, made_by, may_make_token, code_hash, created_at, expires_at) VALUES ('h1', 'acme', 'l', 'g', 0, 'c', 1, 9e12)`,
    ),
    db.prepare(
      `INSERT INTO scim_groups (id, connection, name, name_fold, doc, search, version, write_id, created_at, updated_at) VALUES ('g1', 'acme', 'Staff', 'staff', '{}', '{}', 1, 'w', 1, 1)`,
    ),
    db.prepare(`INSERT INTO scim_users (id, connection, name, name_fold, display, display_fold, active, doc, search, version, write_id, created_at, updated_at)
      SELECT id, 'acme', user_name, user_name, user_name, user_name, 1, '{}', '{}', 1, 'w', 1, 1 FROM users`),
    db.prepare(`INSERT INTO scim_members VALUES ('g1', 'user-ada')`),
    db.prepare(`INSERT INTO scim_keys VALUES ('acme', 'emails.value', 'a@b', 'user-ada')`),
    db.prepare(
      `INSERT INTO service_tokens (id, name, user_id, sites, made_by, created_at) VALUES ('s1', 'ci', 'user-ada', '[]', 'g', 1), ('s2', 'cd', 'user-ada', '[]', 'g', 1), ('s3', 'cx', 'user-ada', '[]', 'g', 1)`,
    ),
    db.prepare(
      `INSERT INTO service_secrets VALUES ('h1', 's1', 1, 9), ('h2', 's2', 1, 9), ('h4', 's3', 1, 9)`,
    ),
    db.prepare(
      `INSERT INTO oauth_clients VALUES ('public', 'p', '[]', 0, NULL, 1), ('kept', 'k', '[]', 1, 'secret 1', 1), ('removed', 'r', '[]', 0, 'secret 2', 1), ('other', 'o', '[]', 0, 'secret 3', 1)`,
    ),
    db.prepare(GRANT),
    db.prepare(`INSERT INTO oauth_access VALUES ('access', 'grant', 9e12)`),
    db.prepare(
      `INSERT INTO oauth_devices (code_hash, user_code_hash, client, site, asked_at, expires_at, wait_seconds) VALUES ('hash-of-device', 'hash-of-user-code', 'kept', 's', 1, 9e12, 5)`,
    ),
    // More than a page, and than a statement takes.
    db.prepare(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234)
      INSERT INTO audit SELECT 'done', i, i, 'login', 'acme', 'user-ada', NULL, 0, '{"site":"s"}' FROM n`),
    db.prepare(
      `INSERT INTO attempts VALUES ('anybody', 1, 'x', 1, 'sign-in', 'h', NULL, 'r', NULL, NULL, NULL, '{}', '[]', NULL)`,
    ),
  ])
}

/** As a new database: without a row. Triggers write while others are deleted, so it goes through twice. */
async function empty(db: D1Database): Promise<void> {
  const { tables } = await readSchema(db)
  const removed = tables.toReversed().map(({ name }) => db.prepare(`DELETE FROM "${name}"`))
  await db.batch([...removed, ...removed])
}

beforeAll(async () => {
  stage = await createStage()
  path = join(stage.directory, 'gatehouse.backup')
  await stage.withStore(fill)
})
afterAll(() => stage?.remove())

const inFile = async (): Promise<string> => gunzipSync(await readFile(path)).toString('utf8')

describe('backup', () => {
  it('writes a file that only its owner can read, with every table but those that let somebody in', async () => {
    const { run, withStore } = must(stage)
    const before = await withStore(dump)
    const made = await run(['backup', path])
    expect([made.code, made.err]).toEqual([0, ''])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    // The database is as it was: no snapshot is left behind.
    expect(await withStore(dump)).toEqual(before)
    const text = await inFile()
    for (const hidden of ['session-ada', 'hash-of-code', 'hash-of-refresh', 'hash-of-device'])
      expect(text).not.toContain(hidden)
    const { end } = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as {
      end: Readonly<Record<string, { rows: number }>>
    }
    for (const [table, rows] of Object.entries(before)) {
      const isLeftOut = Object.hasOwn(leftOut, table)
      expect([table, end[table]?.rows]).toEqual([table, isLeftOut ? 0 : rows.length])
    }
    expect(Object.keys(before)).toEqual(expect.arrayContaining(Object.keys(leftOut)))
  })

  it('does not write over a file', async () => {
    const before = await readFile(path)
    const { code, err } = await must(stage).run(['backup', path])
    expect([code, err]).toEqual([1, expect.stringContaining('is there already')])
    expect(await readFile(path)).toEqual(before)
  })
})

describe('restore', () => {
  it('brings every table into an empty database as it was, with its indexes and triggers, and without what lets somebody in', async () => {
    const to = must(stage)
    const [from, shape] = [await to.withStore(dump), await to.withStore(shapeOf)]
    await to.withStore(empty)
    expect(Object.values(await to.withStore(dump)).flat()).toEqual([])
    const done = await to.run(['restore', path])
    expect([done.err, done.code]).toEqual(['', 0])
    expect(done.out).toContain('The database was empty')
    const restored = await to.withStore(dump)
    for (const [table, rows] of Object.entries(from)) {
      if (
        [
          'audit',
          'admin_tokens',
          'hand_overs',
          'webhooks',
          'webhook_messages',
          'service_tokens',
          'oauth_clients',
        ].includes(table)
      )
        continue
      expect([table, restored[table]]).toEqual([table, Object.hasOwn(leftOut, table) ? [] : rows])
    }
    // The restore itself is on record, and webhooks hear of it.
    expect(restored['audit']).toHaveLength(1235)
    expect(restored['webhook_messages']).toHaveLength(1)
    expect(restored['webhooks']?.[0]).toContain('"waiting":1,"omitted":0,')
    expect(restored['admin_tokens']?.[0]).not.toContain('"revoked_at":null')
    expect(restored['service_tokens']?.filter((row) => row.includes('"revoked_at":null'))).toEqual(
      [],
    )
    expect(restored['service_tokens']).toHaveLength(3)
    expect(restored['oauth_clients']?.map((row) => JSON.parse(row).id)).toEqual(['public'])
    for (const ended of [
      'sign-ins, grants of OAuth',
      'service tokens are revoked',
      'clients of OAuth that have a secret are removed',
    ]) {
      expect(done.out).toContain(ended)
    }
    expect(restored['hand_overs']?.[0]).toContain('"ended_why":"revoked"')
    expect(await to.withStore(shapeOf)).toEqual(shape)
    // Triggers count again, and foreign keys hold.
    await to.withStore(async (db) => {
      await db.prepare(`DELETE FROM connections WHERE id = 'acme'`).run()
      expect(await db.prepare('SELECT count(*) AS n FROM scim_users').first('n')).toBe(0)
      expect(await db.prepare('SELECT count(*) AS n FROM user_words').first('n')).toBe(0)
      await empty(db)
      await fill(db)
    })
  })

  it('asks before it replaces anything', async () => {
    const before = await must(stage).withStore(dump)
    const { code, err } = await must(stage).run(['restore', path])
    expect([code, err]).toEqual([1, expect.stringContaining('3 rows of users')])
    expect(err).toContain('Add --yes')
    expect(await must(stage).withStore(dump)).toEqual(before)
  })

  it('brings back nobody who is out, no token that is revoked, and no id that is used up', async () => {
    const { run, withStore } = must(stage)
    await withStore((db) =>
      db.batch([
        db.prepare(`UPDATE users SET active = 0, barred = 1 WHERE id = 'user-ada'`),
        db.prepare(`DELETE FROM users WHERE id = 'user-bob'`),
        db.prepare(
          `INSERT INTO users SELECT 'user-new', connection, 'new', 'new', NULL, NULL, 0, 'jit', 1, 1, 1, NULL, 1 FROM users WHERE id = 'user-ada'`,
        ),
        db.prepare(`UPDATE scim_tokens SET revoked_at = 5 WHERE id = 't1'`),
        db.prepare(`INSERT INTO taken VALUES ('acme', 'assertion', '_new', 9)`),
        db.prepare(`INSERT INTO signals_taken VALUES ('s', 'j2', 'w', 9)`),
        db.prepare(`UPDATE sp_generations SET state = 'last'`),
        db.prepare(`INSERT INTO sp_generations VALUES (2, 'current', 2)`),
        db.prepare(`DELETE FROM signing_keys`),
        db.prepare(`INSERT INTO signing_keys VALUES ('k2', '{}', 'newer', 1, 1, 9)`),
        db.prepare(`UPDATE connections SET enabled = 0`),
        db.prepare(`UPDATE service_tokens SET revoked_at = 5 WHERE id = 's1'`),
        db.prepare(`UPDATE service_secrets SET hash = 'h3' WHERE hash = 'h2'`),
        db.prepare(`DELETE FROM service_tokens WHERE id = 's3'`),
        db.prepare(`DELETE FROM oauth_clients WHERE id IN ('removed', 'public')`),
        db.prepare(`UPDATE oauth_clients SET secret_hash = 'newer' WHERE id = 'other'`),
        db.prepare(`DELETE FROM scim_groups`),
      ]),
    )
    const done = await run(['restore', path, '--yes', '--as', 'Grace'])
    expect([done.err, done.code]).toEqual(['', 0])
    const read = (sql: string) =>
      withStore(async (db) =>
        (await db.prepare(sql).all()).results.map((row) => Object.values(row).join(' ')),
      )
    expect(await read('SELECT id, active, barred FROM users ORDER BY id')).toEqual([
      'user-ada 0 1',
      'user-bob 0 1',
      'user-cyd 0 1',
      'user-new 0 1',
    ])
    expect(await read('SELECT id, revoked_at FROM scim_tokens ORDER BY id')).toEqual([
      't1 5',
      't2 ',
    ])
    expect(await read('SELECT id FROM taken ORDER BY id')).toEqual(['_new', '_old'])
    expect(await read('SELECT jti FROM signals_taken ORDER BY jti')).toEqual(['j1', 'j2'])
    expect(await read('SELECT generation, state FROM sp_generations ORDER BY 1')).toEqual([
      '1 last',
      '2 current',
    ])
    expect(await read('SELECT kid FROM signing_keys')).toEqual(['k2'])
    expect(await read('SELECT enabled FROM connections')).toEqual(['0'])
    expect(await read('SELECT id FROM sessions UNION ALL SELECT id FROM sign_ins')).toEqual([])
    expect(await read('SELECT id, revoked_at IS NULL FROM service_tokens ORDER BY id')).toEqual([
      's1 0',
      's2 1',
      's3 0',
    ])
    expect(await read('SELECT hash, token FROM service_secrets ORDER BY hash')).toEqual([
      'h1 s1',
      'h3 s2',
      'h4 s3',
    ])
    expect(await read('SELECT id, secret_hash FROM oauth_clients ORDER BY id')).toEqual([
      'kept secret 1',
      'public ',
    ])
    for (const table of ['oauth_grants', 'oauth_access', 'oauth_devices']) {
      expect([table, await read(`SELECT * FROM ${table}`)]).toEqual([table, []])
    }
    expect(await read('SELECT revoked_at IS NULL FROM admin_tokens')).toEqual(['1'])
    // What was lost is there again.
    expect(await read('SELECT id FROM scim_groups')).toEqual(['g1'])
    expect(await read(`SELECT facts ->> 'operator' FROM audit WHERE kind = 'operator'`)).toContain(
      'Grace',
    )
  })

  it('brings back nothing that lets somebody in from a backup that has it', async () => {
    const { run, withStore, directory } = must(stage)
    const older = join(directory, 'older.backup')
    const rows: Placed[] = []
    const read = await readBackup(path, (row) => void rows.push(row))
    if (!read.ok) throw new Error(read.error)
    const { head } = read.value
    await withStore(async (db) => {
      await db.batch([
        db.prepare(GRANT),
        db.prepare(`INSERT INTO oauth_access VALUES ('access', 'grant', 9e12)`),
      ])
      for (const [place, table] of head.tables.entries()) {
        if (!['oauth_grants', 'oauth_access'].includes(table.name)) continue
        for await (const row of readRows(db, table, table.name)) rows.push([place, ...row])
      }
      await db.prepare('DELETE FROM oauth_grants').run()
    })
    const ofGrants = (backup: Totals) =>
      ['oauth_grants', 'oauth_access'].map((name) => backup[name]?.rows)
    expect(ofGrants(await writeBackup(older, head, Readable.from(rows)))).toEqual([1, 1])
    expect((await run(['restore', older, '--yes'])).code).toBe(0)
    const { oauth_grants: grants, oauth_access: access, users } = await withStore(dump)
    expect([grants, access, users?.length]).toEqual([[], [], 4])
  })

  it.each([
    [
      'cut off',
      'is cut off',
      (text: string) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1),
    ],
    ['cut off in a line', 'is not a backup', (text: string) => text.slice(0, -200)],
    ['changed', 'is damaged', (text: string) => text.replace('"user-cyd"', '"user-eve"')],
    ['of something else', 'is not a backup', () => '{"hello":"world"}\n'],
    ['empty', 'is cut off', () => ''],
  ])('refuses a file that is %s', async (_, says, change) => {
    const bad = join(must(stage).directory, 'bad.backup')
    await writeFile(bad, gzipSync(change(await inFile())))
    expect(await readBackup(bad)).toEqual({ ok: false, error: expect.stringContaining(says) })
    const text = await readFile(path)
    await writeFile(bad, text.subarray(0, text.length - 20))
    expect(await readBackup(bad)).toMatchObject({ ok: false })
  })

  it('refuses a backup of a newer Gatehouse, and changes nothing', async () => {
    const { run, withStore, directory } = must(stage)
    const before = await withStore(dump)
    const bad = join(directory, 'newer.backup')
    const text = await inFile()
    await writeFile(bad, gzipSync(text.replace('"0024_token_makers.sql"]', '"9999_new.sql"]')))
    const { code, err } = await run(['restore', bad, '--yes'])
    expect([code, err]).toEqual([1, expect.stringContaining('9999_new.sql is not known here')])
    expect(await withStore(dump)).toEqual(before)
  })

  it('leaves the database as it is when it cannot be finished', async () => {
    const { withStore, directory } = must(stage)
    const text = await inFile()
    // Its last statement fails, so the transaction that exchanges the tables does.
    const [first = '', ...others] = text.split('\n')
    const head = JSON.parse(first) as { others: string[] }
    head.others.push('CREATE INDEX wrong ON no_such_table (id)')
    const bad = join(directory, 'late.backup')
    await writeFile(bad, gzipSync([JSON.stringify(head), ...others].join('\n')))
    const before = await withStore(dump)
    const read = await readBackup(bad)
    if (!read.ok) throw new Error(read.error)
    await withStore((db) =>
      expect(putBackup(db, bad, read.value, now())).rejects.toThrow('no_such_table'),
    )
    expect(await withStore(dump)).toEqual(before)
  })

  it('works through Cloudflare’s API as it does here', async () => {
    const { shell, directory, withStore } = must(stage)
    const remote = join(directory, 'remote.backup')
    await withStore(async (db) => {
      const api = await startApi(db)
      const env = {
        CLOUDFLARE_API_BASE_URL: api.url,
        CLOUDFLARE_API_TOKEN: TOKEN,
        CLOUDFLARE_ACCOUNT_ID: '',
      }
      const to = ['--remote', '--config', join(directory, 'gatehouse.config.ts')]
      try {
        const before = await dump(db)
        expect(await shell.run(['backup', remote, ...to], { env })).toMatchObject({
          code: 0,
          err: '',
        })
        expect(await shell.run(['restore', remote, '--yes', ...to], { env })).toMatchObject({
          code: 0,
          err: '',
        })
        const after = await dump(db)
        expect(after['users']).toEqual(before['users'])
        expect(after['audit']).toHaveLength((before['audit'] ?? []).length + 1)
      } finally {
        await api.stop()
      }
    })
  })
})

it('every migration is in a backup: a table is either in it, or among those that are left out', async () => {
  const sql = (await readMigrations()).join('\n')
  expect(Object.keys(leftOut).filter((name) => !sql.includes(`CREATE TABLE ${name} `))).toEqual([])
})
