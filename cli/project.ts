/** Two folders: the operator's project, and Gatehouse itself. In Gatehouse's repository they are one. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

/** In the order in which wrangler looks for them. */
const WRANGLER_FILES = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml']

/** Gatehouse's own package.json and migrations are here; the built command line is a folder deeper. */
export const root = nearestWith(import.meta.dirname, ['package.json'])

/** As git does: the working directory, or the nearest folder above it that is a project. */
export const project = nearestWith(process.cwd(), [...WRANGLER_FILES, 'gatehouse.config.ts'])

export const inProject = (...path: readonly string[]): string => join(project, ...path)
export const configFile = inProject('gatehouse.config.ts')
export const stateFolder = inProject('.wrangler', 'state')

/** The name of wrangler's file, for messages. The project may not have the file yet. */
export const wranglerFileName =
  WRANGLER_FILES.find((name) => existsSync(inProject(name))) ?? 'wrangler.toml'
export const wranglerFile = inProject(wranglerFileName)

/** The project's wrangler: the package names it as a peer. Only some commands need it. */
export const wranglerCommand = (): string =>
  resolve(createRequire(import.meta.url).resolve('wrangler'), '../../bin/wrangler.js')

/** Wrangler's environment, from --env or as wrangler itself is told; null: the top of its file. */
export const environmentName = (): string | null => process.env['CLOUDFLARE_ENV'] || null

/** As wrangler chooses it: an environment may have its own. */
export function devVarsFile(): string {
  const [usual, environment] = [inProject('.dev.vars'), environmentName()]
  const own = `${usual}.${environment}`
  return environment !== null && existsSync(own) ? own : usual
}

/** The name of the Worker. Workers Builds has a name of its own for it, which wrangler takes too. */
export const workerName = (configured: string | undefined): string =>
  process.env['WRANGLER_CI_OVERRIDE_NAME'] || configured || 'gatehouse'

export const noDatabase = (binding: string): string =>
  `${wranglerFileName} has no D1 database with the binding "${binding}". Add it, or name yours in gatehouse.config.ts: bindings: { database: '…' }.`

function nearestWith(folder: string, names: readonly string[]): string {
  for (let at = folder; ; at = dirname(at)) {
    if (names.some((name) => existsSync(join(at, name)))) return at
    if (dirname(at) === at) return folder
  }
}
