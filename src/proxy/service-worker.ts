/** How much of a site the service workers of its origin may take over. */
import { grantedPath } from '../site/match.ts'
import type { Route, Site } from '../site/site.ts'

const HEADER = 'Service-Worker-Allowed'

/**
 * A service worker sees every request of the pages in its scope. By itself that is the folder of its
 * script; an origin widens it by a header. Here no further than the policy goes that the script was
 * served under: a script of a public folder would else read what only members may.
 */
export function limitServiceWorker(headers: Headers, url: URL, site: Site, route: Route): void {
  const allowed = headers.get(HEADER)
  if (allowed === null) return
  const granted = grantedPath(site, route)
  const folder = url.pathname.slice(0, url.pathname.lastIndexOf('/') + 1)
  const isParsed = URL.canParse(allowed, url.href)
  const wanted = isParsed ? new URL(allowed, url.href) : url
  if (!isParsed || wanted.host !== url.host) headers.delete(HEADER)
  else if ([granted, folder].some((path) => wanted.pathname.startsWith(path))) return
  else if (folder.startsWith(granted)) headers.set(HEADER, granted)
  else headers.delete(HEADER)
}
