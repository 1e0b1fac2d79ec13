/** Several sites by URL, and one by service binding. */
import { defineConfig } from '../../src/config.ts'

/** Set by build.ts. */
declare const ORIGIN_URL: string
declare const REVOCATION_SECONDS: number

export default defineConfig({
  revocationSeconds: REVOCATION_SECONDS,
  loginHost: 'http://app.localhost',
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
      signOutClears: 'storage',
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/public', access: 'public' },
      ],
      headers: { 'X-WEBAUTH-USER': 'email', 'X-Name': { value: 'name', encoding: 'raw' } },
      connections: ['okta'],
    },
    // These origins see the Host of the site: one has another name in the zone, the other is
    // behind a route of the site's own name.
    {
      url: 'http://wiki.named.localhost',
      origin: 'http://origin.named.localhost',
      originHost: 'public',
      routes: [{ path: '/', access: 'public' }],
    },
    {
      url: 'http://route.localhost',
      origin: 'http://route.localhost',
      originHost: 'public',
      routes: [{ path: '/', access: 'public' }],
    },
    {
      url: 'http://idle.localhost',
      origin: ORIGIN_URL,
      routes: [{ path: '/', access: 'signed-in' }],
      session: { absoluteSeconds: 3600, idleSeconds: 8 },
      corsOrigins: ['https://friend.example'],
      downloads: 'finish',
    },
    {
      url: 'http://bound.localhost',
      origin: { service: 'BOUND' },
      routes: [{ path: '/', access: 'signed-in' }],
    },
  ],
})
