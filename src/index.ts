/** The library's entry. A project's Worker is `export default createGatehouse(config)`. */
export { createGatehouse } from './app.ts'
export type { Gatehouse } from './app.ts'
export { defineConfig } from './config.ts'
export type { AccessConfig, GatehouseConfig, RuleConfig } from './config.ts'
