/** The one module of a Worker that a deploy writes anew: cli/config-read.ts. */
import { parseConfig, type Config, type GatehouseConfig } from './parse-config.ts'
import { explainFaults } from './site/explain-faults.ts'

/** @throws if the config has faults; the message lists all of them. */
export function readConfig(input: GatehouseConfig): Config {
  const parsed = parseConfig(input)
  if (!parsed.ok) throw new Error(`gatehouse.config.ts:\n${explainFaults(parsed.error)}`)
  return parsed.value
}
