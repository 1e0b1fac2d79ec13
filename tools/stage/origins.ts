/** Gatehouse in front of several servers: each is behind three sites, which differ in their routes. */
import { createGatehouse } from '../../src/app.ts'
import type { GatehouseConfig } from '../../src/config.ts'

/** Set by build.ts: the URL of each server by name, as JSON. */
declare const ORIGINS: string
declare const REVOCATION_SECONDS: number

const engineers = { group: 'engineering', connection: 'okta' } as const
type Site = GatehouseConfig['sites'][number]

const origins: Readonly<Record<string, string>> = JSON.parse(ORIGINS)
const sites = Object.entries(origins).flatMap(([name, origin]): Site[] => [
  {
    url: `http://open.${name}.localhost`,
    origin,
    routes: [
      { path: '/', access: 'public' },
      { path: '/guarded', access: engineers },
    ],
    connections: ['okta'],
  },
  {
    url: `http://shut.${name}.localhost`,
    origin,
    routes: [
      { path: '/', access: engineers },
      { path: '/public', access: 'public' },
    ],
    headers: 'oauth2-proxy',
    connections: ['okta'],
  },
  {
    url: `http://three.${name}.localhost`,
    origin,
    routes: [
      { path: '/', access: 'signed-in' },
      { path: '/public', access: 'public' },
      { path: '/guarded', access: engineers },
    ],
    headers: { 'X-WEBAUTH-USER': 'email', 'X-Name': { value: 'name', encoding: 'raw' } },
    connections: ['okta'],
  },
  {
    url: `http://below.${name}.localhost`,
    origin: { url: origin, path: '/public' },
    routes: [{ path: '/', access: 'public' }],
    connections: ['okta'],
  },
])

export default createGatehouse({
  revocationSeconds: REVOCATION_SECONDS,
  loginHost: 'http://app.localhost',
  sites: [
    {
      url: 'http://app.localhost',
      origin: 'http://127.0.0.1:9',
      routes: [{ path: '/', access: 'signed-in' }],
    },
    ...sites,
  ],
}) satisfies ExportedHandler
