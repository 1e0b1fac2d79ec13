/**
 * `gatehouse deploy`: refuses what cannot work, makes what the account lacks, applies migrations,
 * deploys the Worker, and asks the gate. Each step first looks at what is there. So a deploy that
 * failed goes on where it stopped, and a second one changes nothing.
 */
import { join } from 'node:path'
import { readArguments } from '../arguments.ts'
import type { ConfigRead } from '../config-read.ts'
import { importing, writeEntry } from '../entry.ts'
import { keepDeployed } from '../policy/deployed.ts'
import { listMigrations } from '../migrations.ts'
import { configFile } from '../project.ts'
import { openDatabase } from '../remote.ts'
import { SECRET } from '../secret.ts'
import { readConfig } from '../settings.ts'
import { hasTables, migrateArguments } from '../store.ts'
import { complain, pause, say } from '../terminal.ts'
import { runWrangler } from '../wrangler.ts'
import { findDeployedWorker } from './account.ts'
import { confirmChange } from './change.ts'
import { checkNames, chosenBy } from './check.ts'
import { faultsOfDeploy } from './faults.ts'
import { askGate, askOverNetwork, questionsOf } from './gate.ts'
import { sayHosts } from './hosts.ts'
import { lookAround, type Asked, type Looked, type There } from './look.ts'
import { findPending, isSealed } from './migrations.ts'
import { findWhatIsThere, nextSteps } from './next.ts'
import { buildModules } from './modules.ts'
import { readPlan, writeFilled } from './plan.ts'
import { digestOf, findDone, keepDone } from './record.ts'
import { makeDatabase, makeNamespace } from './stores.ts'
import { upload } from './upload.ts'

const WAIT_SECONDS = 120
const NEW_NAME_SECONDS = 5

const HELP = `npm run deploy: makes what the account lacks, applies migrations, deploys the Worker, asks it.

  --config <file>   instead of gatehouse.config.ts
  --env <name>      an environment of wrangler.toml: its Worker, its database
  --dry-run         checks and builds; writes nothing
  --yes             does not ask before it changes the access of people
  --despite-check   deploy although a rule names something that the store does not have
  --wait <seconds>  how long to ask the deployed gate until it answers (${WAIT_SECONDS}; 0: once)

All other options go to wrangler deploy (npx wrangler deploy --help).`

function end(message: string, code: number): never {
  complain(message)
  process.exit(code)
}

const stop = (message: string): never =>
  end(
    `${message}\nWhat was done so far stays. Run the same command again: it goes on from there.`,
    1,
  )

export async function deploy(argv: readonly string[]): Promise<void> {
  const given = readArguments(
    argv,
    ['config', 'env', 'wait'],
    ['dry-run', 'despite-check', 'yes', 'help'],
  )
  if (!given.ok) end(given.error, 2)
  const { texts, switches, others } = given.value
  if (switches.has('help')) {
    say(HELP)
    process.exit(0)
  }
  if (others.some((word) => /^--name(=|$)/.test(word))) {
    end('--name is not taken: the name of the Worker is in the file of wrangler.', 2)
  }
  const wait = texts.get('wait') ?? String(WAIT_SECONDS)
  if (!/^\d{1,4}$/.test(wait)) end(`--wait must be a number of seconds; it is "${wait}".`, 2)
  // Every command of wrangler reads CLOUDFLARE_ENV, so migrations and Worker are of one environment.
  const environment = texts.get('env')
  if (environment !== undefined) process.env['CLOUDFLARE_ENV'] = environment

  const config = texts.get('config')
  const read = await readConfig(config ?? configFile)
  if (!read.ok) end(read.error.message, 1)
  const { config: settings, exported } = read.value
  const plan = readPlan(settings)
  if (!plan.ok) end(`Nothing was deployed: ${plan.error}`, 1)
  const faults = faultsOfDeploy(settings, plan.value.bound)
  if (faults.length > 0) {
    end(`Nothing was deployed:\n${faults.map((fault) => `  ${fault}`).join('\n')}`, 1)
  }
  const asked: Asked = {
    settings,
    exported,
    plan: plan.value,
    config,
    isDespite: switches.has('despite-check'),
    mayAsk: !switches.has('dry-run') && !switches.has('yes'),
    waitSeconds: Number(wait),
    ...(await buildOwn(plan.value.entry, read.value, { config, others })),
  }
  const there = await lookAround(asked)
  if (switches.has('dry-run')) return rehearse(asked, there)
  if (!there.ok) end(`Nothing was deployed: ${there.error}`, 1)
  await carryOut(asked, there.value)
}

/** --dry-run. It builds first, because wrangler prints much, even where Cloudflare cannot be asked. */
async function rehearse(asked: Asked, there: Looked): Promise<void> {
  const { plan, others, built: main } = asked
  const filled =
    main === null ? [] : ['--config', await writeFilled(plan, { ids: null, built: main })]
  const built = await upload(['--dry-run', ...others, ...filled], { secret: false })
  if (!built.ok) process.exit(1)
  say('')
  if (there.ok) {
    const { stores, store, hasSecret } = there.value
    if (!store) say('The names in the rules are not checked: there is no database yet.')
    else if (await hasTables(store.db)) await confirmAll(store.db, asked)
    const missing = [
      ...(stores.kv === null ? [`the KV namespace ${plan.kv.title}`] : []),
      ...(stores.d1 === null ? [`the D1 database ${plan.d1.name}`] : []),
      ...(hasSecret ? [] : [SECRET]),
    ]
    say(`To make: ${missing.join(', ') || 'nothing'}.`)
    const pending = await (store ? findPending(store.db) : listMigrations())
    say(`Migrations to apply: ${pending.join(', ') || 'none'}.`)
  } else say(`The names in the rules are not checked. ${there.error}`)
  sayHosts(asked)
  say('Nothing was written. The same command without --dry-run deploys it.')
  process.exit(0)
}

async function carryOut(asked: Asked, there: There): Promise<void> {
  const { settings, plan, config, others, built } = asked
  const before = there.store?.db
  const isJudged =
    before !== undefined && (await hasTables(before)) && (await confirmAll(before, asked))
  if (before && !there.hasSecret && (await isSealed(before))) {
    end(
      `Nothing was deployed: the database has keys that are sealed under a ${SECRET}, and the Worker ${plan.worker} has none. Give it the one that it had: npx wrangler secret put ${SECRET}. If that is lost, a new one does, and the keys of the old one are made anew (docs/deploying.md).`,
      1,
    )
  }
  const ids = await makeStores(asked, there)
  const db = openDatabase(there.account.call, there.account.path, ids.d1)
  const file = await writeFilled(plan, { ids, built })
  const isMigrated = await migrate(db, asked, file)
  if (!isJudged) await checkNames(db, asked)
  const uploading = { asked, there, file, args: [...others, '--config', file] }
  const digest = await digestOf(uploading.args, { file, assets: plan.assets })
  if (!digest.ok) return stop(`The Worker does not build:\n${digest.error}`)
  const isSame = await runsAlready(digest.value, uploading)
  if (isSame) say(`Worker ${plan.worker}: runs this code with this configuration already.`)
  else await deployWorker(digest.value, uploading)
  if (isSame && !isMigrated) {
    say('\nNothing is new: no store, secret, migration or code was changed.')
  }
  sayHosts(asked)
  // A resolver remembers for half an hour that a name was not there. So a new one is given time first.
  if (there.version === null) await pause(Math.min(NEW_NAME_SECONDS, asked.waitSeconds))
  const faults = await askTheGate(asked)
  if (faults.length > 0 && isSame) {
    say(`The gate is not as it was deployed, so it is deployed again:${listed(faults)}`)
    await deployWorker(digest.value, uploading)
  }
  const left = faults.length > 0 && isSame ? await askTheGate(asked) : faults
  if (left.length > 0) {
    end(
      `The Worker is deployed, but not all is well:${listed(left)}\nA new host name and its certificate may take some minutes. Run the same command again: it asks again.`,
      1,
    )
  }
  say('The gate is ready, and lets nobody in without a session.')
  say(`\n${nextSteps(settings, await findWhatIsThere(db), chosenBy(config))}`)
}

const listed = (lines: readonly string[]): string => lines.map((line) => `\n  ${line}`).join('')

/** Ends the process where a rule matches nothing, or where the person at the terminal says no. */
async function confirmAll(db: D1Database, asked: Asked): Promise<boolean> {
  const isChecked = await checkNames(db, asked)
  if (isChecked && !(await confirmChange(db, asked.settings, { mayAsk: asked.mayAsk }))) {
    end('Nothing was deployed.', 1)
  }
  return isChecked
}

async function makeStores(
  { plan }: Asked,
  { account, stores }: There,
): Promise<{ readonly kv: string; readonly d1: string }> {
  const d1 = stores.d1 ?? (await makeDatabase(account, plan))
  if (typeof d1 !== 'string' && !d1.ok) {
    return stop(`The D1 database ${plan.d1.name} could not be made. ${d1.error.message}`)
  }
  say(`D1 database ${plan.d1.name}: ${stores.d1 === null ? 'made' : 'is there'}.`)
  const kv = stores.kv ?? (await makeNamespace(account, plan))
  if (typeof kv !== 'string' && !kv.ok) {
    return stop(`The KV namespace ${plan.kv.title} could not be made. ${kv.error.message}`)
  }
  say(`KV namespace ${plan.kv.title}: ${stores.kv === null ? 'made' : 'is there'}.`)
  return {
    kv: typeof kv === 'string' ? kv : kv.value,
    d1: typeof d1 === 'string' ? d1 : d1.value,
  }
}

/** @returns whether there was anything to apply. */
async function migrate(db: D1Database, { settings }: Asked, file: string): Promise<boolean> {
  const pending = await findPending(db)
  if (pending.length === 0) {
    say('Migrations: all are applied.')
    return false
  }
  say(`Migrations: ${pending.length} to apply …`)
  const migrated = await runWrangler([
    ...migrateArguments(settings.bindings.database),
    '--remote',
    '--config',
    file,
  ])
  const left = migrated.ok ? [] : await findPending(db).catch(() => pending)
  if (!migrated.ok) {
    stop(
      `The Worker was not deployed, because the migrations failed. ${left.length} are left, from ${left[0] ?? 'the last one'} on; each is applied whole or not at all.\n${migrated.error}`,
    )
  }
  return true
}

interface Uploading {
  readonly asked: Asked
  readonly there: There
  /** The file of wrangler. */
  readonly file: string
  /** For `wrangler deploy`. */
  readonly args: readonly string[]
}

/** Whether the last deploy put this very code and configuration in force, and nobody changed it since. */
async function runsAlready(digest: string, { asked, there }: Uploading): Promise<boolean> {
  if (there.version === null || !there.hasSecret) return false
  const done = await findDone(asked.settings.bindings.sessions)
  return done?.digest === digest && done.version === there.version
}

async function deployWorker(digest: string, { asked, there, args }: Uploading): Promise<void> {
  const { settings, exported, plan } = asked
  const { sessions } = settings.bindings
  const how = there.hasSecret ? 'is deployed' : `is deployed with a new ${SECRET}`
  say(`Worker ${plan.worker}: ${how} …`)
  const version = await upload(args, { secret: !there.hasSecret })
  if (!version.ok) {
    const now = await findDeployedWorker(there.account, plan.worker)
    const isUp = now.ok && now.value !== null && now.value.version !== there.version
    const what = isUp
      ? 'The Worker was uploaded, but its addresses or its cron were not set'
      : 'The Worker was not deployed'
    return stop(`${what}: see above. ${version.error}`.trim())
  }
  const kept = await keepDeployed(exported, sessions)
  if (!kept.ok) complain(`The next deploy cannot show what it changes. ${kept.error.message}`)
  if (version.value === null) return
  const recorded = await keepDone({ digest, version: version.value }, sessions)
  if (!recorded.ok) complain(`The next deploy uploads the same again. ${recorded.error.message}`)
}

/** @returns what is not as it must be; empty: all is well. */
function askTheGate({ settings, waitSeconds }: Asked): Promise<readonly string[]> {
  const questions = questionsOf(settings)
  const hosts = new Set(questions.map(({ url }) => new URL(url).host))
  say(`\nAsking the gate at ${[...hosts].join(', ')} …`)
  return askGate(questions, {
    ask: askOverNetwork,
    pause,
    note: (faults) =>
      say(`Not yet, so it is asked again for ${waitSeconds} seconds:${listed(faults)}`),
    seconds: waitSeconds,
  })
}

async function buildOwn(
  entry: string | null,
  read: ConfigRead,
  { config, others }: Pick<Asked, 'config' | 'others'>,
): Promise<Pick<Asked, 'built' | 'others'>> {
  // The project's own entry has the usual config.
  const own = config === undefined ? null : await writeOwnEntry(read.file)
  const modules = await buildModules(entry && (own ?? entry), read, others)
  if (!modules.ok) end(`Nothing was deployed: ${modules.error}`, 1)
  const built = modules.value
  return { built, others: own === null || built !== null ? others : [own, ...others] }
}

const writeOwnEntry = (file: string): Promise<string> =>
  writeEntry('deploy.ts', [
    importing('config', file),
    importing('{ createGatehouse }', join(import.meta.dirname, '../../src/app')),
    importing('{ admin }', join(import.meta.dirname, '../../src/admin-entry')),
    'export default createGatehouse(config, { admin })',
  ])
