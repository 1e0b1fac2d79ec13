/** The Worker of bench:gate with sessions that are bound to a device. */
import { createGatehouse } from '../../src/app.ts'

/** Set by the bundler. */
declare const ORIGIN_URL: string

export default createGatehouse({
  sites: [
    {
      url: 'http://app.localhost',
      origin: ORIGIN_URL,
      deviceBinding: 'require',
      routes: [{ path: '/', access: 'signed-in' }],
    },
  ],
}) satisfies ExportedHandler
