/** `backup` and `restore`: all that D1 has, in a file, and back. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { toRow } from '../../src/audit/row.ts'
import { saveEvents } from '../../src/audit/store.ts'
import { count } from '../../src/admin/view.ts'
import type { Result } from '../../src/lib/result.ts'
import {
  positional,
  refused,
  said,
  switchOption,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { changeOptions, readOperator } from '../operator.ts'
import { root } from '../project.ts'
import { plain } from '../text.ts'
import { readBackup, type Backup } from './file.ts'
import { putBackup } from './put.ts'
import { takeBackup } from './take.ts'
import { leftOut, readSchema } from './tables.ts'

const options = changeOptions.filter(({ name }) => name !== 'login-host')
const file = positional('file', 'such as gatehouse.backup')

export const backupCommands: readonly Command[] = [
  {
    name: 'backup',
    summary: 'all that D1 has, into a file that only you can read',
    positionals: [file],
    options: options.filter(({ name }) => name !== 'as'),
    details:
      'Of one moment, while the Worker goes on. Private keys and other secrets stay sealed under GATEHOUSE_SECRET, which is not in the file: keep it elsewhere. The file has personal data. Sessions, sign-ins and grants of OAuth are not in it.',
    examples: [
      { says: 'of the deployed gate', line: 'npx gatehouse backup gatehouse.backup --remote' },
    ],
    run: backUp,
  },
  {
    name: 'restore',
    summary: 'put a backup in the place of what D1 has; everybody signs in again',
    positionals: [file],
    options: [switchOption('yes', 'replace what the database has'), ...options],
    details:
      'The backup is loaded and compared first, then it takes the place of all tables in one transaction. All sign-ins, grants of OAuth and hand-over links end. People who are disabled or removed in the database stay out. Tokens of the API, service tokens and secrets of clients count only if they count in the database now; SCIM tokens that it has revoked, used assertion ids and our keys stay as they are. In an empty database there is none of that: see docs/upgrading.md.',
    examples: [
      { says: 'what would be replaced', line: 'npx gatehouse restore gatehouse.backup --remote' },
      { says: 'replace it', line: 'npx gatehouse restore gatehouse.backup --yes --remote' },
    ],
    run: restore,
  },
]

async function backUp(input: Input, world: World): Promise<Outcome> {
  const [path = ''] = input.positionals
  const db = await openHere(world)
  if (!db.ok) return db
  try {
    await takeBackup(db.value, path, world.now)
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      return refused(
        error.code === 'EEXIST'
          ? `${plain(path)} is there already, or ${plain(path)}.partial of a backup that was broken off. Give another name, or remove it.`
          : `${plain(path)} cannot be written (${error.code}).`,
      )
    }
    throw error
  }
  // What counts is what can be read back.
  const written = await readBackup(path)
  if (!written.ok) return refused(`The backup failed: ${plain(path)} ${written.error}.`)
  const { totals, head } = written.value
  return said(
    `${describe(written.value)} ${head.madeAt}, in ${plain(path)}. Only you can read the file. It has personal data, which anybody who has the file can read. Only sealed keys and secrets need GATEHOUSE_SECRET.`,
    {
      file: path,
      madeAt: head.madeAt,
      migrations: head.migrations,
      rows: rowsOf(written.value),
      tables: totals,
    },
  )
}

async function restore(input: Input, world: World): Promise<Outcome> {
  const [path = ''] = input.positionals
  const read = await readBackup(path)
  if (!read.ok) return refused(`${plain(path)} ${read.error}. Nothing was changed.`)
  const backup = read.value
  const known = await readdir(join(root, 'migrations'))
  const unknown = backup.head.migrations.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    return refused(
      `The backup is of a newer Gatehouse: ${plain(unknown.join(', '))} is not known here. Install that version first. Nothing was changed.`,
    )
  }
  const db = await openHere(world)
  if (!db.ok) return db
  const operator = readOperator(input)
  if (!operator.ok) return operator
  const found = await countLive(db.value)
  if (found.length > 0 && !input.switches.has('yes')) {
    return refused(
      `The database has ${found.map(([table, rows]) => count(rows, `row of ${table}`, `rows of ${table}`)).join(', ')}. The ${describe(backup)} ${backup.head.madeAt} would replace all of it, and everybody would have to sign in again. Add --yes to do it. Make a backup of what is there first: \`npx gatehouse backup before-restore.backup\``,
      { unconfirmed: true, found: Object.fromEntries(found) },
    )
  }
  try {
    await putBackup(db.value, path, backup, world.now)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return refused(`The restore failed, and nothing was changed: ${plain(why)}`)
  }
  const facts = { madeAt: backup.head.madeAt, rows: rowsOf(backup) }
  const event = {
    kind: 'operator',
    actor: 'cli',
    operator: operator.value.name,
    command: 'restore',
    connection: null,
    user: null,
    facts,
  } as const
  const row = toRow(event, world.now, null)
  await saveEvents(db.value, row.share, { rows: [row], dropped: 0 }, world.now)
  const missing = known
    .filter((name) => name.endsWith('.sql') && !backup.head.migrations.includes(name))
    .toSorted()
  const after =
    backup.head.migrations.length > 0 && missing.length > 0
      ? `\nThe backup is of an older Gatehouse. Until ${count(missing.length, 'migration')} ${missing.length === 1 ? 'is' : 'are'} applied, nobody gets in: npm run deploy, or npx wrangler d1 migrations apply.`
      : ''
  const isEmpty = found.length === 0
  return said(
    `${describe(backup)} ${backup.head.madeAt} is restored, and was compared with the file. All sign-ins, grants of OAuth and hand-over links have ended.\n${
      isEmpty
        ? 'The database was empty, so it does not show what has ended since the backup. Tokens of the API and service tokens are revoked, and clients of OAuth that have a secret are removed: make new ones. Disable the people who must stay out, revoke SCIM tokens that you had revoked, and have the directories send everybody again (docs/upgrading.md).'
        : 'People who were disabled or removed since the backup are disabled. Tokens of the API and service tokens that did not count any more are revoked. Look at certificates of connections that you had removed since: `npx gatehouse connection list`'
    }${after}`,
    { ...facts, wasEmpty: isEmpty, migrationsMissing: missing },
  )
}

/** The API has no such operation: a backup is made at the store itself. */
const openHere = (world: World): Promise<Result<D1Database, Failure>> => world.openStore()

const rowsOf = ({ totals }: Backup): number =>
  Object.values(totals).reduce((sum, { rows }) => sum + rows, 0)

const describe = (backup: Backup): string =>
  `Backup of ${count(rowsOf(backup), 'row')} in ${count(Object.values(backup.totals).filter(({ rows }) => rows > 0).length, 'table')}, of`

/** Tables with rows that somebody would miss. The Worker makes its own keys at once, without being told. */
async function countLive(db: D1Database): Promise<readonly (readonly [string, number])[]> {
  const { tables } = await readSchema(db)
  const counted = tables
    .map(({ name }) => name)
    .filter(
      (name) =>
        !Object.hasOwn(leftOut, name) &&
        !['d1_migrations', 'signing_keys', 'sp_generations', 'sp_keys', 'audit'].includes(name),
    )
  const results = await db.batch(
    counted.map((name) => db.prepare(`SELECT count(*) AS n FROM "${name}"`)),
  )
  return counted.flatMap((name, i) => {
    const n = v.parse(v.object({ n: v.number() }), results[i]?.results[0]).n
    return n > 0 ? [[name, n] as const] : []
  })
}
