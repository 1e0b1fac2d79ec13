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
  if (isIpv4(address)) {
    return parseInt(address, 10) < 240 ? address.replace(/\d+$/, '0/24') : null
  }
  return toPrefix(address, 3)
}

/**
 * The client that a limit counts: an IPv4 address, or a /64 of IPv6, because the owner of one
 * address has them all. Cloudflare writes the header, so no client can pose as another. null: not
 * known.
 */
export function clientOf({ headers }: Request): string | null {
  const address = headers.get('CF-Connecting-IP') ?? ''
  return isIpv4(address) ? address : toPrefix(address, 4)
}

const isIpv4 = (address: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(address)

/** @param groups of 16 bits that are kept. null: no IPv6 address. */
function toPrefix(address: string, groups: number): string | null {
  const url = `http://[${address}]`
  if (!/^[\da-f:]+$/i.test(address) || !URL.canParse(url)) return null
  // The URL parser writes one form, with `::` for the zeros.
  const [before = [], after = []] = new URL(url).hostname
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter(Boolean))
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  return `${[...before, ...zeros, ...after].slice(0, groups).join(':')}::/${groups * 16}`
}
