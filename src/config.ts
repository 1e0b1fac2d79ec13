/** The entry `@gatehouse/worker/config`, for `gatehouse.config.ts` and `gatehouse.test.ts`. */
import type { GatehouseConfig } from './parse-config.ts'

export { explainFaults } from './site/explain-faults.ts'
export { parseConfig } from './parse-config.ts'
export type { AccessConfig, Config, GatehouseConfig } from './parse-config.ts'
export { defineTests, type PolicyTests } from './policy/expectations.ts'
export type { RuleConfig } from './policy/rule-config.ts'
export type { ConfigFault } from './site/faults.ts'

/** Only gives the editor the types; `parseConfig` checks the config. */
export const defineConfig = (config: GatehouseConfig): GatehouseConfig => config
