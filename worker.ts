import config from './gatehouse.config.ts'
import { admin } from './src/admin-entry.ts'
import { createGatehouse } from './src/index.ts'

export default createGatehouse(config, { admin }) satisfies ExportedHandler
