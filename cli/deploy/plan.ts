/** What is to be deployed, as the file of wrangler says it for one environment. */
import { rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import * as v from 'valibot'
import { experimental_readRawConfig } from 'wrangler'
import type { Config } from '../../src/config.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import {
  environmentName,
  inProject,
  project,
  workerName,
  wranglerFile,
  wranglerFileName,
} from '../project.ts'
import { USUAL_DATABASE } from '../remote.ts'
import { tryWranglerFile } from '../wrangler-file.ts'
import type { Bound } from './faults.ts'

export interface Plan {
  /** Name of the Worker. */
  readonly worker: string
  readonly accountId: string | undefined
  readonly kv: { readonly binding: string; readonly id: string | null; readonly title: string }
  readonly d1: {
    readonly binding: string
    readonly id: string | null
    readonly name: string
    readonly jurisdiction: string | null
  }
  readonly bound: Bound
  /** Of routes and custom domains. */
  readonly patterns: readonly string[]
  /** Custom domains, as wrangler sends them. */
  readonly domains: readonly object[]
  /** The folder of the console's files; null: there is none. */
  readonly assets: string | null
  /** The project's entry; null: the file names none, or tells wrangler's bundler more. */
  readonly entry: string | null
}

const named = v.optional(v.array(v.looseObject({ binding: v.string() })), [])
const route = v.union([
  v.string(),
  v.looseObject({ pattern: v.string(), custom_domain: v.optional(v.boolean()) }),
])
const section = v.looseObject({
  name: v.optional(v.string()),
  main: v.optional(v.string()),
  account_id: v.optional(v.string()),
  route: v.optional(route),
  routes: v.optional(v.array(route)),
  kv_namespaces: named,
  d1_databases: v.optional(
    v.array(
      v.looseObject({
        binding: v.string(),
        database_id: v.optional(v.string()),
        database_name: v.optional(v.string()),
        jurisdiction: v.optional(v.string()),
      }),
    ),
    [],
  ),
  services: named,
  vpc_services: named,
  vpc_networks: named,
  mtls_certificates: named,
  assets: v.optional(
    v.looseObject({ binding: v.optional(v.string()), directory: v.optional(v.string()) }),
  ),
})
const file = v.looseObject({
  ...section.entries,
  env: v.optional(v.record(v.string(), section), {}),
})
type File = v.InferOutput<typeof file>
type Section = v.InferOutput<typeof section>

export function readPlan({ bindings }: Pick<Config, 'bindings'>): Result<Plan, string> {
  const read = tryWranglerFile(() => experimental_readRawConfig({ config: wranglerFile }))
  if (!read.ok) return read
  const parsed = v.safeParse(file, read.value.rawConfig)
  if (!parsed.success) {
    return err(`${wranglerFileName} cannot be read: npx wrangler deploy --dry-run says why.`)
  }
  const top = parsed.output
  const environment = environmentName()
  const own = environment === null ? top : top.env[environment]
  if (!own) {
    const names = Object.keys(top.env)
    return err(
      `${wranglerFileName} has no [env.${environment}], so production's database and addresses would be used. ${names.length === 0 ? 'Add the section (docs/deploying.md, Staging).' : `It has: ${names.join(', ')}.`}`,
    )
  }
  const shared = environment === null ? null : findShared(top, own, environment)
  if (shared !== null) return err(shared)
  const worker = workerName(
    own.name ?? (environment === null ? top.name : `${top.name}-${environment}`),
  )
  const d1 = own.d1_databases.find(({ binding }) => binding === bindings.database)
  const kv = own.kv_namespaces.find(({ binding }) => binding === bindings.sessions)
  const kvId = kv?.['id']
  const assets = own.assets ?? top.assets
  const routes = routesOf(own) ?? routesOf(top) ?? []
  const names = (list: readonly { readonly binding: string }[]) => list.map((each) => each.binding)
  return ok({
    worker,
    accountId: own.account_id ?? top.account_id,
    kv: {
      binding: bindings.sessions,
      id: typeof kvId === 'string' && kvId !== '' ? kvId : null,
      // As wrangler names those that it makes.
      title: `${worker}-${bindings.sessions.toLowerCase().replaceAll('_', '-')}`,
    },
    d1: {
      binding: bindings.database,
      id: d1?.database_id || null,
      name: d1?.database_name ?? USUAL_DATABASE,
      jurisdiction: d1?.jurisdiction ?? null,
    },
    bound: {
      kv: names(own.kv_namespaces),
      d1: names(own.d1_databases),
      services: [
        ...[own.services, own.vpc_services, own.vpc_networks, own.mtls_certificates].flatMap(names),
        ...(assets?.binding === undefined ? [] : [assets.binding]),
      ],
    },
    patterns: routes.map((each) => (typeof each === 'object' ? each.pattern : each)),
    domains: routes.flatMap((each) =>
      typeof each === 'object' && each.custom_domain === true
        ? [{ hostname: each.pattern, zone_id: each['zone_id'], zone_name: each['zone_name'] }]
        : [],
    ),
    assets: assets?.directory === undefined ? null : inProject(assets.directory),
    entry: entryOf({ ...top, ...own }),
  })
}

const routesOf = ({ route: one, routes }: Section) =>
  routes ?? (one === undefined ? undefined : [one])

/** What only wrangler's bundler can do. */
const ofBundler = [
  'alias',
  'base_dir',
  'build',
  'define',
  'find_additional_modules',
  'no_bundle',
  'preserve_file_names',
  'rules',
  'tsconfig',
]

const entryOf = (own: Section): string | null =>
  own.main === undefined || ofBundler.some((setting) => own[setting] !== undefined)
    ? null
    : inProject(own.main)

/** What a deploy to this environment would take from production; null: nothing. */
function findShared(top: Section, own: Section, environment: string): string | null {
  const same = own.d1_databases.find((each) =>
    top.d1_databases.some(
      (other) =>
        (each.database_id && each.database_id === other.database_id) ||
        (each.database_name ?? USUAL_DATABASE) === (other.database_name ?? USUAL_DATABASE),
    ),
  )
  if (same) {
    return `The database "${same.database_name ?? USUAL_DATABASE}" of [env.${environment}] is production's. Give it a database_name of its own.`
  }
  const hasRoutes = own.routes !== undefined || own.route !== undefined
  return (top.routes !== undefined || top.route !== undefined) && !hasRoutes
    ? `[env.${environment}] has no routes of its own, so it would take production's. Add them.`
    : null
}

const DEPLOYING = '.gatehouse-deploy.json'

/** Kept from the file of the operator where they are null. */
export interface Filling {
  readonly ids: { readonly kv: string; readonly d1: string } | null
  /** The first of the modules that were built; null: wrangler bundles. */
  readonly built: string | null
}

/**
 * The file of wrangler with the ids of both stores, and with modules in place of the entry. It stands
 * beside the original, because its paths are relative, and goes when the command ends. The operator's
 * own file is never written to.
 */
export async function writeFilled({ kv, d1 }: Plan, { ids, built }: Filling): Promise<string> {
  const raw = v.parse(file, experimental_readRawConfig({ config: wranglerFile }).rawConfig)
  const environment = environmentName()
  const withIds = (own: Section): Section => ({
    ...own,
    kv_namespaces: own.kv_namespaces.map((each) =>
      ids && each.binding === kv.binding ? { ...each, id: ids.kv } : each,
    ),
    d1_databases: own.d1_databases.map((each) =>
      ids && each.binding === d1.binding
        ? { ...each, database_id: ids.d1, database_name: d1.name }
        : each,
    ),
  })
  const fill = (own: Section): Section =>
    built === null ? withIds(own) : asBuilt(withIds(own), built)
  const own = environment === null ? undefined : raw.env[environment]
  const filled: File | Section =
    environment === null || !own
      ? fill(raw)
      : { ...raw, env: { ...raw.env, [environment]: fill(own) } }
  const path = inProject(DEPLOYING)
  process.on('exit', () => rmSync(path, { force: true }))
  await writeFile(path, JSON.stringify(filled, null, 2))
  return path
}

/** wrangler takes these modules as they are. */
function asBuilt(own: Section, built: string): Section {
  const modules = { type: 'ESModule', globs: ['*.js'] }
  // JSON leaves them out. wrangler does not take them for modules that are built already.
  const none = { minify: undefined, keep_names: undefined }
  return { ...own, ...none, main: relative(project, built), no_bundle: true, rules: [modules] }
}
