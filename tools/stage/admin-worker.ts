/** A Worker with the console and the API, whose login host is on this machine. */
import { admin } from '../../src/admin-entry.ts'
import { createGatehouse } from '../../src/app.ts'
import { adminConfig } from './admin-config.ts'

/** Set by build.ts. */
declare const LOGIN_HOST: string

export default createGatehouse(adminConfig(LOGIN_HOST), { admin }) satisfies ExportedHandler
