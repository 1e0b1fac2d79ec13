import type { Config, ConfigFault } from './config.ts'
import { decodeBase64, type Bytes } from './lib/bytes.ts'
import { err, ok, type Result } from './lib/result.ts'
import type { SealingSecrets } from './lib/seal.ts'

/**
 * The bindings and secrets that the platform gives the Worker, checked against what the config
 * needs.
 */
export interface Env {
  readonly kv: KVNamespace
  readonly db: D1Database
  readonly secrets: SealingSecrets
  readonly services: ReadonlyMap<string, Fetcher>
  /** The files of the console; null: not bound. */
  readonly assets: Fetcher | null
  /** Counts requests of a client; null: not bound. */
  readonly limits: RateLimit | null
  /** For metrics; null: not bound. */
  readonly metrics: AnalyticsEngineDataset | null
  /** The secrets that headers to origins have, by name. */
  readonly originSecrets: ReadonlyMap<string, string>
}

export function parseEnv(input: unknown, config: Config): Result<Env, readonly ConfigFault[]> {
  const env = toRecord(input)
  const faults: ConfigFault[] = []
  const binding = <T>(name: string, is: (value: unknown) => value is T, what: string): T | null => {
    const value = env[name]
    if (is(value)) return value
    faults.push({ at: name, problem: `is not bound: wrangler.toml needs ${what}` })
    return null
  }
  const kv = binding(config.bindings.sessions, isKv, 'a KV namespace of that name')
  const db = binding(config.bindings.database, isD1, 'a D1 database of that name')
  const services = new Map<string, Fetcher>()
  const originSecrets = new Map<string, string>()
  for (const { origin, originTerms } of config.sites) {
    for (const header of originTerms.headers) {
      if (!('secret' in header)) continue
      const value = env[header.secret]
      if (typeof value === 'string' && isHeaderValue(value)) originSecrets.set(header.secret, value)
      else
        faults.push({
          at: header.secret,
          problem: `must be set, in visible ASCII, for the header ${header.name}: npx wrangler secret put ${header.secret}`,
        })
    }
    if (origin.kind !== 'service') continue
    const service = binding(origin.binding, isFetcher, 'a service binding of that name')
    if (service) services.set(origin.binding, service)
  }
  const assets = env[config.bindings.assets]
  const limits = env[config.bindings.limits]
  const metrics = env[config.bindings.metrics]
  const current = readSecret(env, 'GATEHOUSE_SECRET')
  if (!current.ok) faults.push(current.error)
  const previous =
    env['GATEHOUSE_SECRET_PREVIOUS'] === undefined
      ? null
      : readSecret(env, 'GATEHOUSE_SECRET_PREVIOUS')
  if (previous && !previous.ok) faults.push(previous.error)

  if (faults.length > 0 || !kv || !db || !current.ok || (previous && !previous.ok))
    return err(faults)
  return ok({
    kv,
    db,
    services,
    originSecrets,
    assets: isFetcher(assets) ? assets : null,
    limits: isRateLimit(limits) ? limits : null,
    metrics: isDataset(metrics) ? metrics : null,
    secrets: { current: current.value, previous: previous?.value ?? null },
  })
}

const toRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
const isHeaderValue = (text: string): boolean =>
  /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text)

const readSecret = (env: Readonly<Record<string, unknown>>, name: string) =>
  parseSecret(name, env[name])

export function parseSecret(name: string, value: unknown): Result<Bytes, ConfigFault> {
  const bytes = typeof value === 'string' ? decodeBase64(value) : null
  if (bytes?.ok && bytes.value.length >= 32) return ok(bytes.value)
  return err({ at: name, problem: 'must be 32 random bytes in base64: openssl rand -base64 32' })
}

// A binding can only be recognised by its methods.
const has = (value: unknown, method: string): boolean =>
  typeof value === 'object' && value !== null && method in value
const isKv = (value: unknown): value is KVNamespace => has(value, 'get')
const isD1 = (value: unknown): value is D1Database => has(value, 'prepare')
const isDataset = (value: unknown): value is AnalyticsEngineDataset => has(value, 'writeDataPoint')
const isFetcher = (value: unknown): value is Fetcher => has(value, 'fetch')
const isRateLimit = (value: unknown): value is RateLimit => has(value, 'limit')
