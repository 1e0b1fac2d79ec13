/** The Worker of the flow tests: Gatehouse by its public entry. */
import { createGatehouse } from '../../src/app.ts'
import config from './worker.config.ts'

export default createGatehouse(config) satisfies ExportedHandler
