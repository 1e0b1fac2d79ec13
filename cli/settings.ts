/** gatehouse.config.ts, as the Worker reads it. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { explainFaults, parseConfig, type Config } from '../src/config.ts'
import { ok, type Result } from '../src/lib/result.ts'
import type { Host } from '../src/site/host.ts'
import { refused, usage, type Failure } from './command.ts'
import type { ConfigRead } from './config-read.ts'

export async function readSettings(file: string): Promise<Result<Config, Failure>> {
  const read = await readConfig(file)
  return read.ok ? ok(read.value.config) : read
}

export async function readConfig(path: string): Promise<Result<ConfigRead, Failure>> {
  const file = resolve(path)
  const exported = await readExported(file)
  return exported.ok ? toConfigRead(file, exported.value) : exported
}

export function toConfigRead(file: string, exported: unknown): Result<ConfigRead, Failure> {
  const config = parseConfig(exported)
  return config.ok
    ? ok({ file, exported, config: config.value })
    : refused(`${file}:\n${explainFaults(config.error)}`)
}

async function readExported(path: string): Promise<Result<unknown, Failure>> {
  if (!existsSync(path)) return refused(`There is no ${path}. --config names another file.`)
  const exported = await importDefault(path)
  if (!exported.ok) return exported
  return exported.value
    ? exported
    : refused(`${path} has no default export: export default defineConfig({ … })`)
}

/** @param url the value of --site; null: not given, so there must be exactly one site. */
export function chooseHost(sites: readonly Host[], url: string | null): Result<Host, Failure> {
  const [only, ...others] = sites
  const wanted = url === null ? null : URL.canParse(url) ? new URL(url).origin : url.toLowerCase()
  const site =
    wanted === null
      ? others.length === 0
        ? only
        : undefined
      : sites.find((each) => each.url === wanted || each.authority === wanted)
  if (site) return { ok: true, value: site }
  const list = sites.map((each) => `  --site ${each.url}`).join('\n')
  return url === null
    ? usage(`There are several sites. Choose one:\n${list}`)
    : usage(`"${url}" is not the host where people sign in. That is:\n${list}`)
}

/** @param path of a module that is there. The value is null where it has no default export. */
export async function importDefault(path: string): Promise<Result<unknown, Failure>> {
  const module: unknown = await import(pathToFileURL(path).href).catch(whyNot)
  if (typeof module === 'string') return refused(`${path} does not load: ${module}`)
  return ok(typeof module === 'object' && module && 'default' in module ? module.default : null)
}

/** With the file and the line, where the stack names one: Node's message of a wrong character has neither. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [within = ''] = (error.stack ?? '').split(import.meta.url)
  // Of a wrong character the first line is the place, and of an error a line that begins with "at".
  const [, wrong, at] =
    /^(?:file:\/\/)?((?:\/|[A-Z]:\\).+:\d+)\n|\n +at .*file:\/\/(\S+?:\d+)/.exec(within) ?? []
  const place = wrong ?? at
  return place === undefined ? error.message : `${error.message} (${place})`
}
