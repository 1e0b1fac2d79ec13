/** WWW-Authenticate of the answers 401: what the client may authenticate with (RFC 9110 §11.6.1). */
import type { SiteVisit } from '../site/visit.ts'

/**
 * git and Docker ask for a password only if the first challenge is Basic. A browser would open a
 * dialog of its own for it, and send the password with requests of other sites' pages, too.
 *
 * @param last a challenge that is not for programs; null: none.
 */
export function challenge(request: Request, { site }: SiteVisit, last: string | null): string {
  const basic = isBrowser(request) ? [] : [`Basic realm="${site.authority}"`]
  return [...basic, ...(last === null ? [] : [last])].join(', ')
}

/** The challenge to a program whose token does not count (RFC 6750 §3.1). */
export const invalidToken = (request: Request, visit: SiteVisit): string =>
  challenge(request, visit, `Bearer realm="${visit.site.authority}", error="invalid_token"`)

/** Old browsers send no Sec-Fetch headers. All call themselves Mozilla. */
const isBrowser = ({ headers }: Request): boolean =>
  headers.has('Sec-Fetch-Mode') ||
  headers.has('Origin') ||
  headers.has('X-Requested-With') ||
  /^mozilla\//i.test(headers.get('User-Agent') ?? '')
