/** The Worker of bench:gate with the console and the API, for its start. */
import { admin } from '../../src/admin-entry.ts'
import { createGatehouse } from '../../src/app.ts'

/** Set by the bundler. */
declare const ORIGIN_URL: string

const site = {
  url: 'http://app.localhost',
  origin: ORIGIN_URL,
  routes: [{ path: '/', access: 'signed-in' as const }],
}

export default createGatehouse({ sites: [site] }, { admin }) satisfies ExportedHandler
