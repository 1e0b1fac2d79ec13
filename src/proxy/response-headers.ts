import type { Visit } from '../site/visit.ts'
import { isOfOneHop, removeNamedByConnection, removeWhere } from './hop.ts'

/** From an origin's headers to what the visitor is sent. */
export function changeToVisitor(
  headers: Headers,
  visit: Visit,
  { isProtected }: { readonly isProtected: boolean },
): void {
  removeNamedByConnection(headers)
  removeWhere(
    headers,
    (name) => isOfOneHop(name) || namesPorts(name) || (isProtected && isForCaches(name)),
  )
  rewriteLocation(headers, visit)
  filterCookies(headers, visit)
  filterClearSiteData(headers)
  if (isProtected) keepFromSharedCaches(headers)
}

/** Ports of the origin, as if they were ours. */
const namesPorts = (name: string): boolean => name === 'alt-svc'

/** An absolute address of the origin's own, or of the site over plain http, is one of the site. */
function rewriteLocation(headers: Headers, { site }: Visit): void {
  const location = headers.get('Location')
  if (location === null || site.origin.kind !== 'url') return
  if (!URL.canParse(location, site.origin.url) || !/^([a-z]+:|[/\\]{2})/i.test(location)) return
  const target = new URL(location, site.origin.url)
  if (!/^https?:$/.test(target.protocol)) return
  const isOwn = target.host === new URL(site.origin.url).host || target.host === site.host
  if (isOwn) headers.set('Location', site.url + target.pathname + target.search + target.hash)
}

/** Our cookies, with anything before the name that cannot begin one (RFC 9110 §5.6.2). */
const ourCookie = /^[^\w!#$%&'*+.^`|~-]*__host-gatehouse/i

/** An origin can set any cookie but ours, and none for its own host, which browsers never see. */
function filterCookies(headers: Headers, { site }: Visit): void {
  const cookies = headers.getSetCookie()
  if (cookies.length === 0) return
  const originHost = site.origin.kind === 'url' ? new URL(site.origin.url).hostname : null
  headers.delete('Set-Cookie')
  for (const cookie of cookies) {
    if (ourCookie.test(cookie)) continue
    const kept = cookie
      .split(';')
      .filter((attribute) => !originHost || !isDomain(attribute, originHost))
    headers.append('Set-Cookie', kept.join(';'))
  }
}

const isDomain = (attribute: string, host: string): boolean =>
  /^\s*domain\s*=\s*\.?(.*?)\s*$/i.exec(attribute)?.[1]?.toLowerCase() === host

/** `"cookies"` would take ours as well; `"*"` is given as what is left of it without. */
function filterClearSiteData(headers: Headers): void {
  const value = headers.get('Clear-Site-Data')
  if (value === null) return
  const kept = value
    .split(',')
    .map((type) => type.trim())
    .flatMap((type) => (type === '"*"' ? ['"cache"', '"storage"'] : type))
    .filter((type) => type.toLowerCase() !== '"cookies"')
  if (kept.length === 0) headers.delete('Clear-Site-Data')
  else headers.set('Clear-Site-Data', [...new Set(kept)].join(', '))
}

/** What shared caches heed before Cache-Control. */
const isForCaches = (name: string): boolean =>
  /^(surrogate-control|edge-control|x-accel-expires|(.*-)?cdn-cache-control)$/.test(name)

/** Whatever the origin says: only the visitor's own browser may keep a protected answer. */
function keepFromSharedCaches(headers: Headers): void {
  const directives = (headers.get('Cache-Control') ?? '').match(/[^\s,"][^,"]*("[^"]*")?/g) ?? []
  const kept = directives
    .map((directive) => directive.trim())
    .filter((it) => !/^(public|private|s-maxage|proxy-revalidate)\b/i.test(it))
  headers.set('Cache-Control', ['private', ...kept].join(', '))
  const vary = headers.get('Vary')
  if (vary === null) headers.set('Vary', 'Cookie')
  else if (!/(^|,)\s*(\*|cookie)\s*(,|$)/i.test(vary)) headers.set('Vary', `${vary}, Cookie`)
}
