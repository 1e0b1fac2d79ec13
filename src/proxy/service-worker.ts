/** Limits how much of a site a service worker can control. */
import type { KnownHeaders } from '../lib/known-headers.ts'
import { grantedPath } from '../site/match.ts'
import type { Route, Site } from '../site/site.ts'

const HEADER = 'Service-Worker-Allowed'

/**
 * A service worker sees every request of the pages in its scope. The scope is the folder of its
 * script, or what the origin allows in this header. The gate allows no more than the paths under
 * the same policy as the script: otherwise a script in a public folder could read what only members
 * may.
 */
export function limitServiceWorker(
  headers: KnownHeaders,
  url: URL,
  site: Site,
  route: Route,
): void {
  const allowed = headers.get(HEADER)
  if (allowed === null) return
  const granted = grantedPath(site, route, url.pathname)
  const folder = url.pathname.slice(0, url.pathname.lastIndexOf('/') + 1)
  const isParsed = URL.canParse(allowed, url.href)
  const wanted = isParsed ? new URL(allowed, url.href) : url
  if (!isParsed || wanted.host !== url.host) headers.delete(HEADER)
  else if ([granted, folder].some((path) => wanted.pathname.startsWith(path))) return
  else if (folder.startsWith(granted)) headers.set(HEADER, granted)
  else headers.delete(HEADER)
}
