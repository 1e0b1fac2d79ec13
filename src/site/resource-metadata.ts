/** The addresses of a site's metadata (RFC 9728 §3.1) and of the login host's (RFC 8414). */
import { RESOURCE_METADATA_PATH, SERVER_METADATA_PATH } from '../lib/paths.ts'
import type { Host } from './host.ts'
import type { OauthTerms } from './oauth-config.ts'
import type { Site } from './site.ts'

const MOST_PATH = 200

/** @param pathname of what was asked for: clients compare the `resource` of the document with it. */
export const resourceMetadataUrl = ({ url }: Pick<Host, 'url'>, pathname: string): string => {
  const isNamed = pathname !== '/' && pathname.length <= MOST_PATH
  return url + RESOURCE_METADATA_PATH + (isNamed ? pathname : '')
}

/** Whether the address is ours, though it is not below our own prefix: where OAuth is on. */
export function isMetadataAddress(
  { host, url: { pathname } }: { readonly host: Host; readonly url: URL },
  site: Site | null,
  { oauth, loginHost }: { readonly oauth: OauthTerms | null; readonly loginHost: Host },
): boolean {
  if (!oauth || !pathname.startsWith('/.well-known/oauth-')) return false
  const isOfSite = site?.oauth && isResourceMetadata(pathname)
  return isOfSite || (pathname === SERVER_METADATA_PATH && host.authority === loginHost.authority)
}

const isResourceMetadata = (pathname: string): boolean =>
  pathname === RESOURCE_METADATA_PATH || pathname.startsWith(`${RESOURCE_METADATA_PATH}/`)
