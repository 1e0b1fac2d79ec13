import { defineConfig, type GatehouseConfig } from '../src/config.ts'

/** Settings that are known only when the demo starts. */
export interface DemoSettings {
  readonly siteUrl: string
  readonly loginUrl: string
  readonly originUrl: string
  /** More sites of the same company, each with the group that it is for; null: everybody signed in. */
  readonly moreSites: readonly {
    readonly url: string
    readonly name: string
    readonly description: string
    readonly icon: string
    readonly group: string | null
  }[]
  readonly session: { readonly absoluteSeconds: number; readonly idleSeconds: number | null }
  readonly revocationSeconds: number
  readonly corsOrigins: string[]
}

export const demoConfig = (settings: DemoSettings): GatehouseConfig =>
  defineConfig({
    revocationSeconds: settings.revocationSeconds,
    loginHost:
      settings.loginUrl === settings.siteUrl ? settings.siteUrl : { url: settings.loginUrl },
    admins: {
      owner: { group: 'operations', connection: 'northwind' },
      auditor: { group: 'engineering', connection: 'northwind' },
      // The demo's own wiki: nobody else can change its scripts.
      besideSite: settings.loginUrl === settings.siteUrl,
    },
    sites: [
      {
        url: settings.siteUrl,
        name: 'Northwind Wiki',
        description: 'What we know, and who wrote it down.',
        icon: 'W',
        origin: settings.originUrl,
        routes: [
          { path: '/', access: 'signed-in' },
          { path: '/engineering', access: { group: 'engineering', connection: 'northwind' } },
          { path: '/public', access: 'public' },
          { path: '/favicon.ico', access: 'public' },
        ],
        session: settings.session,
        corsOrigins: settings.corsOrigins,
      },
      ...settings.moreSites.map(({ url, name, description, icon, group }) => ({
        url,
        name,
        description,
        icon,
        origin: settings.originUrl,
        routes: [
          {
            path: '/',
            access: group === null ? ('signed-in' as const) : { group, connection: 'northwind' },
          },
          { path: '/favicon.ico', access: 'public' as const },
        ],
        session: settings.session,
      })),
    ],
  })
