/** The Worker of bench:gate with sessions that are bound to a device. */
import { createGatehouse } from '../../src/app.ts'
import config from './bound-worker.config.ts'

export default createGatehouse(config) satisfies ExportedHandler
