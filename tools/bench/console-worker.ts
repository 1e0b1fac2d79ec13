/** The Worker of bench:gate with the console and the API, for its start. */
import { admin } from '../../src/admin-entry.ts'
import { createGatehouse } from '../../src/app.ts'
import config from './console-worker.config.ts'

export default createGatehouse(config, { admin }) satisfies ExportedHandler
