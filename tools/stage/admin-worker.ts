/** A Worker with the console and the API, whose login host is on this machine. */
import { admin } from '../../src/admin-entry.ts'
import { createGatehouse } from '../../src/app.ts'

/** Set by the bundler. */
declare const LOGIN_HOST: string

export default createGatehouse(
  {
    revocationSeconds: 20,
    loginHost: { url: LOGIN_HOST },
    sites: [
      {
        url: 'https://app.example.com',
        origin: 'https://origin.example.net',
        routes: [
          { path: '/', access: 'signed-in' },
          { path: '/admin', access: { group: 'Staff', connection: 'acme' } },
        ],
      },
    ],
  },
  { admin },
) satisfies ExportedHandler
