/** The sites of gates that a request has passed, so that one that comes by again is noticed. */
import type { Site } from '../site/site.ts'

/**
 * A header of our own: RFC 8586 has CDN-Loop for this, which Cloudflare writes itself. A client that
 * sends it gets a refusal, and nothing else.
 */
const PASSED = 'X-Gatehouse-Passed'
const MOST_SITES = 8

const passedBy = (headers: Headers): readonly string[] =>
  headers
    .get(PASSED)
    ?.split(',')
    .map((name) => name.trim()) ?? []

/** Whether the origin of a site led back to it, at once or by way of others. */
export function isLoop(headers: Headers, { authority }: Site): boolean {
  const passed = passedBy(headers)
  return passed.includes(authority) || passed.length >= MOST_SITES
}

/** The header for the next one, from those of the request that came. */
export const passedWith = (headers: Headers, { authority }: Site): readonly [string, string] => [
  PASSED,
  [...passedBy(headers), authority].join(', '),
]
