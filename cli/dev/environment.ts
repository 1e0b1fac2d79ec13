/** Bindings and secrets of `npm run dev`, before wrangler starts: the Worker would refuse every request. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { parseArgs, parseEnv as readVars } from 'node:util'
import { unstable_getVarsForDev, type Unstable_Config } from 'wrangler'
import type { Config } from '../../src/config.ts'
import { parseEnv } from '../../src/env.ts'
import { explainFaults } from '../../src/site/explain-faults.ts'
import { devVarsFile, environmentName, wranglerFile, wranglerFileName } from '../project.ts'
import { SECRET } from '../secret.ts'
import { say } from '../terminal.ts'
import { readWranglerFile } from '../wrangler-file.ts'

/**
 * Makes the secret of this machine where there is none.
 *
 * @param others the options that go on to wrangler.
 * @returns what is wrong, and what to do about it; null: nothing.
 */
export async function prepareEnvironment(
  config: Config,
  others: readonly string[],
): Promise<string | null> {
  const file = await readWranglerFile()
  if (!file.ok) return file.error
  const settings = file.value
  if (varsOf(settings, others)[SECRET] === undefined) await makeSecret()
  const vars = varsOf(settings, others)
  const parsed = parseEnv({ ...vars, ...standIns(settings) }, config)
  if (parsed.ok) return null
  const secrets = parsed.error.map(({ at }) => at).filter((at) => !isBinding(at, config))
  const next = secrets.map((name) => `\n${whatToDo(name, settings)}`).join('')
  return `Gatehouse cannot start:\n${explainFaults(parsed.error)}${next}`
}

/** As wrangler dev gives them to the Worker. */
function varsOf(settings: Unstable_Config, others: readonly string[]) {
  const { values } = parseArgs({
    args: [...others],
    options: {
      'env-file': { type: 'string', multiple: true },
      var: { type: 'string', multiple: true },
    },
    strict: false,
    allowPositionals: true,
  })
  const files = values['env-file']?.filter((file) => typeof file === 'string')
  const environment = environmentName() ?? undefined
  const { vars, secrets } = settings
  const found = unstable_getVarsForDev(wranglerFile, files, vars, environment, true, secrets)
  const given = values.var?.flatMap((text) => {
    const [, name, value] = (typeof text === 'string' && /^([^:]+):(.*)$/s.exec(text)) || []
    return name === undefined ? [] : [[name, value] as const]
  })
  const named = Object.entries(found).map(([name, { value }]) => [name, value] as const)
  return Object.fromEntries<unknown>([...named, ...(given ?? [])])
}

/** A binding is recognised by a method. wrangler makes these as the file names them. */
function standIns(settings: Unstable_Config): Readonly<Record<string, object>> {
  const { kv_namespaces: kv, d1_databases: d1, services, mtls_certificates: mtls } = settings
  const fetchers = [
    ...(services ?? []),
    ...mtls,
    ...settings.vpc_services,
    ...settings.vpc_networks,
  ]
  const named = (list: readonly { readonly binding: string }[], method: string) =>
    list.map(({ binding }) => [binding, { [method]: null }] as const)
  return Object.fromEntries([
    ...named(kv, 'get'),
    ...named(d1, 'prepare'),
    ...named(fetchers, 'fetch'),
  ])
}

const isBinding = (name: string, { bindings, sites }: Config): boolean =>
  Object.values(bindings).includes(name) ||
  sites.some(({ origin }) => origin.kind === 'service' && origin.binding === name)

function whatToDo(name: string, { secrets }: Unstable_Config): string {
  if (secrets && !secrets.required?.includes(name)) {
    return `wrangler leaves ${name} out on this machine: add it to "required" in [secrets] of ${wranglerFileName}, and its line to ${devVarsFile()}.`
  }
  // Without that file wrangler reads .env, and the environment.
  const file = devVarsFile()
  const where = existsSync(file) ? file : '.env or the environment'
  return name === SECRET
    ? `Correct ${name} in ${where}. Or remove it there: npm run dev then makes a new one, which opens nothing that was sealed before.`
    : `On this machine, write ${name}=… into ${where}.`
}

/** Only once, so that what was sealed yesterday can be opened today. Git ignores the file. */
async function makeSecret(): Promise<void> {
  const file = devVarsFile()
  const vars = await readFile(file, 'utf8').catch(() => '')
  if (readVars(vars)[SECRET] !== undefined) return
  const before = vars === '' || vars.endsWith('\n') ? '' : '\n'
  const secret = randomBytes(32).toString('base64')
  await appendFile(file, `${before}${SECRET}=${secret}\n`, { mode: 0o600 })
  say(`A secret for this machine was made in ${file}.`)
}
