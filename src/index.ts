import config from '../gatehouse.config.ts'
import { createGatehouse } from './app.ts'

export default createGatehouse(config) satisfies ExportedHandler
