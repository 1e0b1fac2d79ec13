/** What the flows run: Gatehouse by its own entry, in front of two sites by URL and one by service. */
import { createGatehouse } from '../../src/app.ts'

/** Put in by the bundler. */
declare const ORIGIN_URL: string
declare const REVOCATION_SECONDS: number

export default createGatehouse({
  revocationSeconds: REVOCATION_SECONDS,
  sites: [
    {
      url: 'http://app.localhost',
      origin: ORIGIN_URL,
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/public', access: 'public' },
        { path: '/engineering', access: { group: 'engineering', connection: 'okta' } },
      ],
      session: { absoluteSeconds: 3600, idleSeconds: null },
    },
    {
      url: 'http://app.corp.localhost',
      origin: ORIGIN_URL,
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/public', access: 'public' },
      ],
    },
    {
      url: 'http://bound.localhost',
      origin: { service: 'BOUND' },
      routes: [{ path: '/', access: 'signed-in' }],
    },
  ],
}) satisfies ExportedHandler
