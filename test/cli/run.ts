/** Runs the real command: in a process of its own, or many on a store of their own. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { getPlatformProxy } from 'wrangler'
import { migrateArguments } from '../../cli/store.ts'
import { runWrangler } from '../../cli/wrangler.ts'
import { migrate } from '../../tools/stage/migrate.ts'
import { openShell, type Shell } from './shell.ts'

const root = resolve(import.meta.dirname, '../..')
export const vector = (name: string): string => join(root, 'test/vectors', name)

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The command as an operator starts it: a process of its own. */
export function gatehouse(
  args: readonly string[],
  options: {
    readonly stdin?: string
    readonly env?: Readonly<Record<string, string>>
    readonly cwd?: string
  } = {},
): Promise<Ran> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(root, 'bin/gatehouse.mjs'), ...args], {
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('error', failed)
    child.on('close', (code) => done({ code, out, err }))
    child.stdin.end(options.stdin ?? '')
  })
}

export interface Stage {
  readonly directory: string
  /** The command on the store of this stage, with its config. */
  readonly run: (args: readonly string[], stdin?: string) => Promise<Ran>
  /** The same, where the secret of the Worker is known. */
  readonly runKnowing: (secret: string, args: readonly string[], stdin?: string) => Promise<Ran>
  /** The same with another config. */
  readonly runWith: (config: string, args: readonly string[]) => Promise<Ran>
  /** The same with --json; what it printed. */
  readonly json: (args: readonly string[]) => Promise<{ code: number | null; json: unknown }>
  /** For commands on another store. */
  readonly shell: Shell
  /** The store itself, for what a visitor would have left there. */
  readonly withStore: <T>(use: (db: D1Database) => Promise<T>) => Promise<T>
  readonly remove: () => Promise<void>
}

/** @param by wrangler: its table of the migrations that were applied is there too, but it is slow. */
export async function createStage(by: 'us' | 'wrangler' = 'us'): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-cli-'))
  const config = join(directory, 'gatehouse.config.ts')
  await writeFile(config, CONFIG)
  const store = join(directory, 'state')
  if (by === 'wrangler') {
    const migrated = await runWrangler([
      ...migrateArguments('DB'),
      '--local',
      '--persist-to',
      store,
    ])
    if (!migrated.ok) throw new Error(migrated.error)
  }
  const { env: bindings, dispose } = await getPlatformProxy<{ DB: D1Database }>({
    configPath: join(root, 'wrangler.toml'),
    persist: { path: join(store, 'v3') },
    remoteBindings: false,
    envFiles: [],
  })
  if (by === 'us') await migrate(bindings.DB)
  const shell = openShell()
  const runWith = (
    file: string,
    args: readonly string[],
    stdin = '',
    env: Readonly<Record<string, string>> = { GATEHOUSE_SECRET: '' },
  ) => shell.run([...args, '--local', '--persist-to', store, '--config', file], { stdin, env })
  const run = (args: readonly string[], stdin?: string) => runWith(config, args, stdin)
  return {
    directory,
    run,
    runKnowing: (secret, args, stdin) => runWith(config, args, stdin, { GATEHOUSE_SECRET: secret }),
    runWith,
    shell,
    json: async (args) => {
      const { code, out, err } = await run([...args, '--json'])
      if (err !== '') throw new Error(`it spoke beside its JSON: ${err}`)
      return { code, json: JSON.parse(out) }
    },
    withStore: (use) => use(bindings.DB),
    remove: async () => {
      await Promise.all([shell.end(), dispose()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const CONFIG = `export default {
  revocationSeconds: 20,
  sites: [
    {
      url: 'https://app.example.com',
      origin: 'https://origin.example.net',
      routes: [{ path: '/', access: 'signed-in' }],
    },
  ],
}
`
