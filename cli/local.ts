/** A config as `npm run dev` serves it: each site of the public internet at an address here. */
import type { GatehouseConfig } from '../src/config.ts'
import { isLoopback } from '../src/site/address.ts'
import { authorityOf } from '../src/site/host.ts'
import type { Site } from '../src/site/site.ts'

export interface LocalAddress {
  readonly scheme: 'http' | 'https'
  readonly port: number
}

const usualPort = 8787

/** The port that a site of this machine names; the first of them counts. */
export function portOf(urls: readonly string[]): number {
  const local = urls.map((url) => new URL(url)).find(isLoopback)
  return Number(local?.port) || usualPort
}

/**
 * A config without a fault. The origins stay as they are, but for the Host that they see: only
 * Cloudflare can send the public one elsewhere than to the public address.
 */
export function toLocal(config: GatehouseConfig, address: LocalAddress): GatehouseConfig {
  const urls = toLocalUrls(
    config.sites.map(({ url }) => url),
    address,
  )
  return {
    ...config,
    sites: config.sites.map((site, i) => ({
      ...site,
      url: urls[i] ?? site.url,
      originHost: 'origin',
    })),
  }
}

/** Sites at their local addresses. @param address null: `npm run dev` is not running; its usual one. */
export function toLocalSites(
  sites: readonly Site[],
  address: LocalAddress | null,
): readonly Site[] {
  const urls = sites.map(({ url }) => url)
  const local = toLocalUrls(urls, address ?? { scheme: 'http', port: portOf(urls) })
  return sites.map((site, i) => {
    const url = local[i] ?? site.url
    return { ...site, url, authority: authorityOf(new URL(url)) }
  })
}

/** One is `localhost`, the others are hosts below it, which browsers take for this machine too. */
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
