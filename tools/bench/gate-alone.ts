/** The Worker of a project without the console, for its size. */
import config from '../../gatehouse.config.ts'
import { createGatehouse } from '../../src/index.ts'

export default createGatehouse(config) satisfies ExportedHandler
