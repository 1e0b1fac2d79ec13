/** From where a request came, as much of it as the audit keeps: no address of a person. */
import { countryOf } from './country.ts'

export interface Whence {
  /** ISO 3166-1 alpha-2, or `T1` for the Tor network. */
  readonly country: string | null
  /** The address, cut to its network: /24 of IPv4, /48 of IPv6. */
  readonly network: string | null
}

export const whenceOf = (request: Request): Whence => ({
  country: countryOf(request),
  network: toNetwork(request.headers.get('CF-Connecting-IP') ?? ''),
})

/**
 * null: not known. Cloudflare's Pseudo IPv4 gives every visitor with IPv6 an address of 240.0.0.0/4,
 * which says nothing about the visitor.
 */
export function toNetwork(address: string): string | null {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) {
    return parseInt(address, 10) < 240 ? address.replace(/\d+$/, '0/24') : null
  }
  const url = `http://[${address}]`
  if (!/^[\da-f:]+$/i.test(address) || !URL.canParse(url)) return null
  // The URL parser writes one form, with `::` for the zeros. No public network begins with them.
  const [head = ''] = new URL(url).hostname.slice(1).split('::')
  const groups = [...head.split(':'), '0', '0'].slice(0, 3)
  return `${groups.map((group) => group || '0').join(':')}::/48`
}
