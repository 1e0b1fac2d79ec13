/** The D1 database that a command works on: wrangler dev's on this machine, or the real one. */
import { join, resolve } from 'node:path'
import { ok, type Result } from '../src/lib/result.ts'
import { StoreUnavailable } from '../src/lib/store-error.ts'
import { refused, usage, type Failure } from './command.ts'
import { makeTables } from './migrations.ts'
import { createPatientD1, usualPatience } from './patient-d1.ts'
import { environmentName, noDatabase, stateFolder, wranglerFile } from './project.ts'
import { openRemoteD1 } from './remote.ts'
import { complain } from './terminal.ts'
import { readWranglerFile } from './wrangler-file.ts'

export interface Store {
  readonly db: D1Database
  readonly close: () => Promise<void>
}

export interface StoreChoice {
  readonly isLocal: boolean
  readonly isRemote: boolean
  readonly persistTo: string | null
  /** The name of the binding. */
  readonly database: string
}

export async function openStore(choice: StoreChoice): Promise<Result<Store, Failure>> {
  if (choice.isLocal === choice.isRemote) {
    return usage(
      choice.isLocal
        ? '--local and --remote contradict each other: give one.'
        : 'Say which store: --local (the store of npm run dev, on this machine) or --remote (the store of the deployed Worker).',
    )
  }
  if (!choice.isLocal) {
    return choice.persistTo === null
      ? openRemote(choice.database)
      : usage('--persist-to goes with --local only.')
  }
  return openLocal(choice.persistTo, choice.database)
}

async function openRemote(database: string): Promise<Result<Store, Failure>> {
  const db = await openRemoteD1(process.env, database)
  if (!db.ok) return db
  return (await hasTables(db.value))
    ? ok({ db: db.value, close: async () => undefined })
    : refused(`The database has no tables yet. Create them: ${migrate(['--remote'], database)}`)
}

/** A new dev store gets its tables at once: it has no data that a migration could damage. */
async function openLocal(
  persistTo: string | null,
  database: string,
): Promise<Result<Store, Failure>> {
  const directory = persistTo === null ? stateFolder : resolve(persistTo)
  const store = await openPlatform(directory, database)
  if (!store.ok) return store
  try {
    if (await hasTables(store.value.db)) return store
    complain('The dev store is new: its tables are being made.')
    await makeTables(store.value.db, database)
    return store
  } catch (error) {
    // An open store would keep the command from ending.
    await store.value.close()
    throw error
  }
}

async function openPlatform(directory: string, database: string): Promise<Result<Store, Failure>> {
  const file = await readWranglerFile()
  if (!file.ok) return refused(file.error)
  const { getPlatformProxy } = await import('wrangler')
  const { env, dispose } = await getPlatformProxy<Readonly<Record<string, D1Database>>>({
    configPath: wranglerFile,
    ...(environmentName() === null ? {} : { environment: environmentName() ?? '' }),
    // wrangler dev adds v3 to its --persist-to.
    persist: { path: join(directory, 'v3') },
    remoteBindings: false,
    envFiles: [],
  })
  const db = env[database]
  if (db) return ok({ db: createPatientD1(db, usualPatience), close: dispose })
  await dispose()
  return refused(noDatabase(database))
}

export async function hasTables(db: D1Database): Promise<boolean> {
  const table = await db
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'connections'")
    .first()
  return table !== null
}

/** Whether a statement failed because a migration is missing. */
export const needsMigration = (error: unknown): boolean =>
  /no such (table|column)/.test(reasonOf(error))

/** What the database itself said. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof StoreUnavailable ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}

/** What wrangler is told, for the database of that binding. */
export const migrateArguments = (database: string): readonly string[] => [
  'd1',
  'migrations',
  'apply',
  database,
]
export const migrate = (store: readonly string[], database = 'DB'): string =>
  [
    'npx wrangler',
    ...migrateArguments(database),
    ...store,
    ...(environmentName() === null ? [] : [`--env ${environmentName()}`]),
  ].join(' ')
