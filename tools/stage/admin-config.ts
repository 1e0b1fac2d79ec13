/** The config of the Worker with the console and the API, and of commands that speak to it. */
import type { GatehouseConfig } from '../../src/config.ts'

export const adminConfig = (loginHost: string): GatehouseConfig => ({
  revocationSeconds: 20,
  loginHost: { url: loginHost },
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
})
