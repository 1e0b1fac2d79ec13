import { countryOf } from '../lib/country.ts'
import type { Asks } from './facts.ts'
import { parseIp, type Ip } from './ip.ts'

/** What a rule may ask of the request itself. Read only when a rule asks. */
export const readAsks = (request: Request, methods: readonly string[]): Asks => ({
  methods,
  get country() {
    return countryOf(request)
  },
  get ip() {
    return readIp(request.headers)
  },
})

/**
 * Cloudflare writes the header itself, over whatever a visitor sends. Its Pseudo IPv4 gives every
 * visitor with IPv6 an address of 240.0.0.0/4, which says nothing about the visitor.
 */
function readIp(headers: Headers): Ip | null {
  const found = parseIp(headers.get('CF-Connecting-IP') ?? '')
  return found === null || found.startsWith('41111') ? null : found
}
