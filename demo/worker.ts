/** The Worker of the demo: Gatehouse as it is deployed, with the demo's config. */
import { admin } from '../src/admin-entry.ts'
import { createGatehouse } from '../src/app.ts'
import { demoConfig, type DemoSettings } from './gatehouse.config.ts'

/** Put in by the bundler: ports are known only when the demo starts. */
declare const DEMO_SETTINGS: DemoSettings

export default createGatehouse(demoConfig(DEMO_SETTINGS), { admin }) satisfies ExportedHandler
