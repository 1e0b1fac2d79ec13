/** A config as `npm run dev` serves it: each public site has an address on this machine. */
import type { Config, GatehouseConfig } from '../src/config.ts'
import { isLoopback } from '../src/site/address.ts'
import { authorityOf, type Host } from '../src/site/host.ts'

export interface LocalAddress {
  readonly scheme: 'http' | 'https'
  readonly port: number
}

const usualPort = 8787

/** The port of the first site that is on this machine. */
export function portOf(urls: readonly string[]): number {
  const local = urls.map((url) => new URL(url)).find(isLoopback)
  return Number(local?.port) || usualPort
}

/**
 * Expects a config without a fault. The origins stay as they are, but get their own Host: only
 * Cloudflare can send a request for the public host to another address. The login host is local too,
 * because no other Worker has the store of this machine.
 */
export function toLocal(config: GatehouseConfig, address: LocalAddress): GatehouseConfig {
  const { loginHost, sites } = config
  const alone = typeof loginHost === 'object' ? [loginHost.url] : []
  const urls = [...sites.map(({ url }) => url), ...alone]
  const local = toLocalUrls(urls, address)
  const localOf = (url: string): string => {
    const { origin } = new URL(url)
    return local[urls.findIndex((each) => new URL(each).origin === origin)] ?? url
  }
  return {
    ...config,
    ...(typeof loginHost === 'string' ? { loginHost: localOf(loginHost) } : {}),
    ...(typeof loginHost === 'object'
      ? { loginHost: { ...loginHost, url: localOf(loginHost.url), elsewhere: false } }
      : {}),
    sites: sites.map((site) => ({ ...site, url: localOf(site.url), originHost: 'origin' })),
  }
}

/** The login host at its local address. @param address null: `npm run dev` is not running, so its usual address. */
export function toLocalHost(
  { loginHost, sites }: Pick<Config, 'loginHost' | 'sites'>,
  address: LocalAddress | null,
): Host {
  const hosts = sites.some(({ url }) => url === loginHost.url) ? sites : [...sites, loginHost]
  const urls = hosts.map(({ url }) => url)
  const local = toLocalUrls(urls, address ?? { scheme: 'http', port: portOf(urls) })
  const url = local[urls.indexOf(loginHost.url)] ?? loginHost.url
  return { ...loginHost, url, authority: authorityOf(new URL(url)) }
}

/** The first site is `localhost`. The others are hosts below it, which browsers also resolve to this machine. */
export function toLocalUrls(
  urls: readonly string[],
  { scheme, port }: LocalAddress,
): readonly string[] {
  const sites = urls.map((url) => new URL(url))
  const isTaken = sites.some(({ hostname }) => hostname === 'localhost')
  const first = isTaken ? null : sites.find((site) => !isLoopback(site))
  return sites.map((site) => {
    const { hostname } = site
    const here = isLoopback(site) ? hostname : `${hostname}.localhost`
    return new URL(`${scheme}://${site === first ? 'localhost' : here}:${port}`).origin
  })
}
