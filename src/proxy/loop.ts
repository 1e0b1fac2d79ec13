/**
 * Finds loops: each gate adds its site to a header, and refuses a request that has passed the site
 * before.
 */
import type { Site } from '../site/site.ts'

/**
 * A header of our own, because Cloudflare writes the standard one (CDN-Loop, RFC 8586) itself. A
 * client that sends this header can only get itself refused.
 */
const PASSED = 'X-Gatehouse-Passed'
const MOST_SITES = 8

const passedBy = (headers: Pick<Headers, 'get'>): readonly string[] =>
  headers
    .get(PASSED)
    ?.split(',')
    .map((name) => name.trim()) ?? []

/**
 * Whether the request has passed this site before, directly or through others, or too many sites.
 */
export function isLoop(headers: Pick<Headers, 'get'>, { authority }: Site): boolean {
  const passed = passedBy(headers)
  return passed.includes(authority) || passed.length >= MOST_SITES
}

/** The header to send to the origin: the sites of the incoming header, and this one. */
export const passedWith = (
  headers: Pick<Headers, 'get'>,
  { authority }: Site,
): readonly [string, string] => [PASSED, [...passedBy(headers), authority].join(', ')]
