/** The Worker of bench:gate: Gatehouse by its public entry, in front of one site. */
import { createGatehouse } from '../../src/app.ts'
import config from './gate-worker.config.ts'

export default createGatehouse(config) satisfies ExportedHandler
