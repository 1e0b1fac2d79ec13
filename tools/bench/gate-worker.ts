/** The Worker of bench:gate: Gatehouse by its public entry, in front of one site. */
import { createGatehouse } from '../../src/app.ts'

/** Set by the bundler. */
declare const ORIGIN_URL: string

export default createGatehouse({
  sites: [
    {
      url: 'http://app.localhost',
      origin: ORIGIN_URL,
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/public', access: 'public' },
        { path: '/engineering', access: { group: 'engineering', connection: 'okta' } },
      ],
    },
  ],
}) satisfies ExportedHandler
