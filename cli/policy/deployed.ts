/** The config that runs at Cloudflare, as the last deploy kept it in Workers KV. */
import { explainFaults, parseConfig, type Config } from '../../src/config.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { openRemoteValue } from '../remote-kv.ts'

const KEY = 'config:deployed'

/** @param current names the binding of the namespace. null: no deploy has kept one yet. */
export async function findDeployed({ bindings }: Config): Promise<Result<Config | null, Failure>> {
  const value = await openRemoteValue(process.env, bindings.sessions, KEY)
  if (!value.ok) return value
  const text = await value.value.read()
  if (!text.ok) return text
  if (text.value === null) return ok(null)
  const parsed = parseConfig(toJson(text.value))
  return parsed.ok
    ? parsed
    : refused(`The deployed config cannot be read by this version:\n${explainFaults(parsed.error)}`)
}

/** @param config as the file exports it. */
export async function keepDeployed(
  config: unknown,
  binding: string,
): Promise<Result<null, Failure>> {
  const value = await openRemoteValue(process.env, binding, KEY)
  return value.ok ? value.value.write(toKept(config)) : value
}

/**
 * JSON has no functions, and an origin of labels may be one. Where people are let in does not depend
 * on it, so another origin stands in its place.
 */
export const toKept = (config: unknown): string =>
  JSON.stringify(config, (_, value: unknown) =>
    typeof value === 'function' ? 'https://*.invalid' : value,
  )

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
