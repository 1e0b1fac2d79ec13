/** `gatehouse dev`: the Worker on this machine, in front of your own site, by your own config. */
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { readArguments } from '../arguments.ts'
import { importing, writeEntry } from '../entry.ts'
import { findFreePort } from '../free-port.ts'
import { portOf, toLocalUrls, type LocalAddress } from '../local.ts'
import {
  configFile,
  project,
  root,
  stateFolder,
  wranglerCommand,
  wranglerFileName,
} from '../project.ts'
import { readSettings } from '../settings.ts'
import { migrateArguments } from '../store.ts'
import { complain, say } from '../terminal.ts'
import { runWrangler } from '../wrangler.ts'
import { keepDevAddress } from './address.ts'
import { followConfig } from './config.ts'
import { prepareEnvironment } from './environment.ts'

const HELP = `npm run dev: your gate on this machine, by gatehouse.config.ts.

A site with a public url answers at http://localhost:8787; several answer at hosts below
localhost, such as http://wiki.example.com.localhost:8787. The config is read again when it
is saved.

  --config <file>          instead of gatehouse.config.ts
  --port <number>          instead of 8787, or of the port of a local url in the config
  --local-protocol https   with a certificate that wrangler makes; Safari needs it
  --persist-to <dir>       where the store is, as commands with --local take it
  --env <name>             an environment of wrangler.toml

All other options go to wrangler dev (npx wrangler dev --help).`

function end(message: string, code: number): never {
  complain(message)
  process.exit(code)
}

export async function dev(argv: readonly string[]): Promise<void> {
  const given = readArguments(
    argv,
    ['config', 'port', 'local-protocol', 'persist-to', 'env'],
    ['help'],
  )
  if (!given.ok) end(given.error, 2)
  const { texts, switches, others } = given.value
  if (switches.has('help')) {
    say(HELP)
    process.exit(0)
  }
  const environment = texts.get('env')
  if (environment !== undefined) process.env['CLOUDFLARE_ENV'] = environment
  const config = resolve(texts.get('config') ?? configFile)
  const settings = await readSettings(config)
  if (!settings.ok) end(settings.error.message, 1)

  const wanted = texts.get('port')
  if (wanted !== undefined && !(/^[1-9]\d*$/.test(wanted) && Number(wanted) <= 65_535)) {
    end(`--port must be a number from 1 to 65535; it is "${wanted}".`, 2)
  }
  const scheme = texts.get('local-protocol') ?? 'http'
  if (scheme !== 'http' && scheme !== 'https') end('--local-protocol must be http or https.', 2)
  const problem = await prepareEnvironment(settings.value, others)
  if (problem !== null) end(problem, 1)
  const { sites, loginHost } = settings.value
  const urls = [...new Set([...sites, loginHost].map(({ url }) => url))]
  const address: LocalAddress = { scheme, port: Number(wanted ?? portOf(urls)) }
  // wrangler says what else is wrong with a port.
  const free = await findFreePort(address.port).catch(() => address.port)
  if (free !== address.port) {
    end(
      `Port ${address.port} is taken by another program, perhaps by npm run demo or another npm run dev. Stop it, or give another: npm run dev -- --port ${free}`,
      1,
    )
  }
  const directory = texts.get('persist-to')
  const persist = directory === undefined ? [] : ['--persist-to', resolve(directory)]
  const migrated = await runWrangler([
    ...migrateArguments(settings.value.bindings.database),
    '--local',
    ...persist,
  ])
  if (!migrated.ok) {
    const store = directory === undefined ? stateFolder : resolve(directory)
    end(
      `The dev store cannot be brought up to date: ${migrated.error}\nmigrations_dir in ${wranglerFileName} must lead to ${join(root, 'migrations')}. If it does, and no other program uses the store, the store is damaged: remove ${store}, and the next start makes a new one.`,
      1,
    )
  }

  const bundled = await followConfig(config, `config-${address.port}.mjs`)
  const [file, module, served] = [config, bundled, address].map((value) => JSON.stringify(value))
  const entry = await writeEntry(`dev-${address.port}.ts`, [
    importing('{ createDevWorker }', join(import.meta.dirname, 'worker')),
    // Not at the top of the module: an error there would end wrangler dev.
    `const load = () => import(${module})`,
    `export default await createDevWorker(load, ${file}, ${served})`,
  ])
  keepDevAddress(directory ?? null, address)
  for (const [i, local] of toLocalUrls(urls, address).entries()) {
    say(urls[i] === local ? `Gatehouse is at ${local}` : `Gatehouse is at ${local}, for ${urls[i]}`)
  }
  const where = ['--port', String(address.port), '--ip', 'localhost', '--local-protocol', scheme]
  const child = spawn(
    process.execPath,
    // Otherwise the Worker would see the host of a route in wrangler.toml.
    [
      wranglerCommand(),
      'dev',
      entry,
      ...where,
      '--infer-origin-from-routes=false',
      ...persist,
      ...others,
    ],
    { cwd: project, stdio: 'inherit', env: { ...process.env, WRANGLER_LOG: 'log' } },
  )
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code) => process.exit(code ?? 1))
}
