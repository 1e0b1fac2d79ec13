/**
 * `gatehouse deploy`: first it refuses what cannot work, then it applies the migrations, then it
 * deploys the Worker. The very first deploy makes the database, so there the migrations come last. A
 * Worker without tables lets nobody in.
 */
import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import { unstable_readConfig } from 'wrangler'
import type { Config } from '../../src/config.ts'
import { readArguments } from '../arguments.ts'
import { checkConfig } from '../check.ts'
import { importing, writeEntry } from '../entry.ts'
import { completeHints, quote } from '../hint.ts'
import { configFile, project, root, wranglerCommand, wranglerFile } from '../project.ts'
import { openRemoteD1 } from '../remote.ts'
import { keepDeployed } from '../policy/deployed.ts'
import { readExported, readSettings } from '../settings.ts'
import { hasTables, migrateArguments, needsMigration } from '../store.ts'
import { complain, say } from '../terminal.ts'
import { runWrangler } from '../wrangler.ts'
import { confirmChange } from './change.ts'
import { faultsOfDeploy, type Bound } from './faults.ts'

const named = v.array(v.object({ binding: v.string() }))
const bindings = v.object({
  kv_namespaces: named,
  d1_databases: named,
  services: v.optional(named, []),
  vpc_services: v.optional(named, []),
  vpc_networks: v.optional(named, []),
  mtls_certificates: v.optional(named, []),
  assets: v.optional(v.object({ binding: v.optional(v.string()) })),
})

const HELP = `npm run deploy: checks gatehouse.config.ts, applies migrations, deploys the Worker.

  --config <file>   instead of gatehouse.config.ts
  --env <name>      an environment of wrangler.toml: its Worker, its database
  --dry-run         checks and builds; writes nothing
  --yes             does not ask before it changes who may do what
  --despite-check   deploy although a rule names something that the store does not have

All other options go to wrangler deploy (npx wrangler deploy --help).`

function end(message: string, code: number): never {
  complain(message)
  process.exit(code)
}

interface Asked {
  readonly settings: Config
  /** The value of --config. */
  readonly config: string | undefined
  readonly isDespite: boolean
}

export async function deploy(argv: readonly string[]): Promise<void> {
  const given = readArguments(argv, ['config', 'env'], ['dry-run', 'despite-check', 'yes', 'help'])
  if (!given.ok) end(given.error, 2)
  const { texts, switches, others } = given.value
  if (switches.has('help')) {
    say(HELP)
    process.exit(0)
  }
  const isDry = switches.has('dry-run')
  // Every command of wrangler reads CLOUDFLARE_ENV, so migrations and Worker are of one environment.
  const environment = texts.get('env')
  if (environment !== undefined) process.env['CLOUDFLARE_ENV'] = environment

  const config = texts.get('config')
  const settings = await readSettings(config ?? configFile)
  if (!settings.ok) end(settings.error.message, 1)
  const faults = faultsOfDeploy(settings.value, readBindings())
  if (faults.length > 0) {
    end(`Nothing was deployed:\n${faults.map((fault) => `  ${fault}`).join('\n')}`, 1)
  }

  const asked = { settings: settings.value, config, isDespite: switches.has('despite-check') }
  // The project's own entry has the usual config.
  const entry = config === undefined ? [] : [await writeOwnEntry(config)]
  const opened = await openRemoteD1(process.env, settings.value.bindings.database)
  const isFirst = !opened.ok && opened.error.facts['database'] === null
  if (!opened.ok && !isFirst && !isDry) end(`Nothing was deployed: ${opened.error.message}`, 1)
  if (!opened.ok) {
    say(`The names in the rules are not checked. ${opened.error.message}\n`)
  }
  const db = opened.ok ? opened.value : null
  const isChecked = db !== null && (await hasTables(db)) && (await check(db, asked))

  const mayAsk = !isDry && !switches.has('yes')
  if (db && isChecked && !(await confirmChange(db, settings.value, { mayAsk }))) {
    end('Nothing was deployed.', 1)
  }

  if (isDry) {
    if (db) say(await describePending(db))
    process.exit(deployWorker([...entry, '--dry-run', ...others]))
  }
  const migrate = () =>
    runWrangler([...migrateArguments(settings.value.bindings.database), '--remote'])
  if (isFirst) {
    say('There is no database yet: the first deploy makes it.')
    const code = deployWorker([...entry, ...others])
    if (code !== 0) process.exit(code)
    const migrated = await migrate()
    if (!migrated.ok) {
      end(
        `The Worker is deployed, but the migrations failed, so nobody gets in:\n${migrated.error}\nTry again.`,
        1,
      )
    }
    await keepConfig(asked)
    process.exit(0)
  }
  say('Migrations …')
  const migrated = await migrate()
  if (!migrated.ok)
    end(`Nothing was deployed, because the migrations failed:\n${migrated.error}`, 1)
  if (db && !isChecked) await check(db, asked)
  const code = deployWorker([...entry, ...others])
  if (code === 0) await keepConfig(asked)
  process.exit(code)
}

/** For the next deploy, and for `npx gatehouse diff --against deployed`. */
async function keepConfig({ settings, config }: Asked): Promise<void> {
  const exported = await readExported(config ?? configFile)
  const kept = exported.ok
    ? await keepDeployed(exported.value, settings.bindings.sessions)
    : exported
  if (!kept.ok) complain(`The next deploy cannot show what it changes. ${kept.error.message}`)
}

/** Ends the process if a rule matches nothing. False: the migrations must be applied before this can be checked. */
async function check(store: D1Database, { settings, config, isDespite }: Asked): Promise<boolean> {
  const outcome = await checkConfig(settings, store).catch((error: unknown) => {
    if (needsMigration(error)) return null
    throw error
  })
  if (!outcome?.ok) return false
  const asked = config === undefined ? ' --remote' : ` --remote --config ${quote(config)}`
  say(`${completeHints(outcome.value.text ?? '', asked)}\n`)
  if (outcome.value.isRefusal && !isDespite) {
    end(
      'Nothing was deployed. Correct these rules, or deploy all the same: npm run deploy -- --despite-check',
      1,
    )
  }
  return true
}

async function describePending(store: D1Database): Promise<string> {
  const files = (await readdir(join(root, 'migrations'))).filter((name) => name.endsWith('.sql'))
  const rows = await store
    .prepare('SELECT name FROM d1_migrations')
    .all()
    .catch((error: unknown) => {
      if (needsMigration(error)) return { results: [] }
      throw error
    })
  const applied = v.parse(v.array(v.object({ name: v.string() })), rows.results)
  const pending = files.filter((file) => !applied.some(({ name }) => name === file)).toSorted()
  return `Migrations to apply: ${pending.join(', ') || 'none'}.\n`
}

function readBindings(): Bound {
  const found = v.parse(bindings, unstable_readConfig({ config: wranglerFile }))
  const { kv_namespaces: kv, d1_databases: d1, assets, ...fetchers } = found
  const names = (list: readonly { readonly binding: string }[]) => list.map((each) => each.binding)
  return {
    kv: names(kv),
    d1: names(d1),
    services: [
      ...names(Object.values(fetchers).flat()),
      ...(assets?.binding === undefined ? [] : [assets.binding]),
    ],
  }
}

function writeOwnEntry(file: string): Promise<string> {
  return writeEntry('deploy.ts', [
    importing('config', resolve(file)),
    importing('{ createGatehouse }', join(import.meta.dirname, '../../src/app')),
    importing('{ admin }', join(import.meta.dirname, '../../src/admin-entry')),
    'export default createGatehouse(config, { admin })',
  ])
}

function deployWorker(args: readonly string[]): number {
  const { status } = spawnSync(process.execPath, [wranglerCommand(), 'deploy', ...args], {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, WRANGLER_LOG: 'log' },
  })
  return status ?? 1
}
