import type { DeployedConfig } from '../admin/context.ts'
import { takesConnection } from '../site/host.ts'

/** The address that people of the connection open first: the first site that takes it. */
export const siteUrlFor = ({ loginHost, sites }: DeployedConfig, connection: string): string =>
  sites.find((site) => takesConnection(site, connection) && !site.url.includes('*'))?.url ??
  loginHost.url
