/** WWW-Authenticate of the answers 401: what the client may authenticate with (RFC 9110 §11.6.1). */
import { resourceMetadataUrl } from '../site/resource-metadata.ts'
import type { SiteVisit } from '../site/visit.ts'

/**
 * git and Docker ask for a password only if the first challenge is Basic. A browser would open a
 * dialog of its own for it, and send the password with requests of other sites' pages, too.
 *
 * @param last a challenge that is not for programs.
 */
export function challenge(request: Request, visit: SiteVisit, last: string): string {
  const { site } = visit
  const oauth = site.oauth ? [`Bearer ${metadataOf(visit)}`] : []
  return [...basicFor(request, visit), ...oauth, last].join(', ')
}

/** The challenge to a program whose token does not count (RFC 6750 §3.1). */
export const invalidToken = (request: Request, visit: SiteVisit): string =>
  [...basicFor(request, visit), bearer(visit, 'invalid_token')].join(', ')

/** To a client of OAuth: the person has to sign in again (RFC 9470). */
export const signInAnew = (visit: SiteVisit): string =>
  bearer(visit, 'insufficient_user_authentication')

function bearer(visit: SiteVisit, error: string): string {
  const { authority, oauth } = visit.site
  const said = `Bearer realm="${authority}", error="${error}"`
  return oauth ? `${said}, ${metadataOf(visit)}` : said
}

/** Where a client learns how to get a token (RFC 9728 §5.1). */
const metadataOf = ({ site, url }: SiteVisit): string =>
  `resource_metadata="${resourceMetadataUrl(site, url.pathname)}", scope="access"`

const basicFor = (request: Request, { site }: SiteVisit): readonly string[] =>
  isBrowser(request) ? [] : [`Basic realm="${site.authority}"`]

/** Old browsers send no Sec-Fetch headers. All call themselves Mozilla. */
const isBrowser = ({ headers }: Request): boolean =>
  headers.has('Sec-Fetch-Mode') ||
  headers.has('Origin') ||
  headers.has('X-Requested-With') ||
  /^mozilla\//i.test(headers.get('User-Agent') ?? '')
