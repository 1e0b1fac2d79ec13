import type { KnownHeaders } from '../lib/known-headers.ts'
import { targetOf } from '../lib/paths.ts'
import { isPrefix } from '../site/pattern.ts'
import type { Site } from '../site/site.ts'
import type { SiteVisit } from '../site/visit.ts'
import { isOfOneHop, removeNamedByConnection, removeWhere } from './hop.ts'

/** Turns the origin's headers into those for the visitor. */
export function changeToVisitor(
  headers: KnownHeaders,
  visit: SiteVisit,
  { isProtected, isProgram }: { readonly isProtected: boolean; readonly isProgram: boolean },
): void {
  removeNamedByConnection(headers)
  removeWhere(headers, (name) => !everydayAnswer.has(name) && isNotForVisitor(name, isProtected))
  rewriteAddresses(headers, visit)
  keepTransportSecurity(headers)
  filterCookies(headers, visit)
  filterClearSiteData(headers)
  if (isProtected) keepFromSharedCaches(headers)
  if (isProgram) headers.append('Vary', 'Authorization, CF-Access-Client-Secret')
}

/** Headers that origins always send and that are safe to pass on: they skip the patterns below. */
export const everydayAnswer: ReadonlySet<string> = new Set([
  'accept-ranges',
  'age',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-length',
  'content-security-policy',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'location',
  'referrer-policy',
  'server',
  'set-cookie',
  'strict-transport-security',
  'vary',
  'x-content-type-options',
  'x-frame-options',
])

/** Headers of one hop, of the whole host, and on a protected route those that caches obey. */
export const isNotForVisitor = (name: string, isProtected: boolean): boolean =>
  isOfOneHop(name) || isForHost(name) || (isProtected && isForCaches(name))

/**
 * Browsers apply these to the whole host, so to our own pages too: other servers, and where to send
 * reports.
 */
const isForHost = (name: string): boolean => /^(alt-svc|nel|report-to)$/.test(name)

/** RFC 6797 §6.1.1: max-age=0 would cancel the HSTS of our own pages. */
function keepTransportSecurity(headers: KnownHeaders): void {
  const value = headers.get('Strict-Transport-Security') ?? ''
  if (/max-age\s*=\s*"?0+(?!\d)/i.test(value)) headers.delete('Strict-Transport-Security')
}

/** RFC 9110 §8.7, §10.2.2 · RFC 8288 §3 · HTML, "shared declarative refresh steps". */
function rewriteAddresses(headers: KnownHeaders, { site }: SiteVisit): void {
  const origin = site.origin.kind === 'url' ? site.origin.url : site.url
  if (origin === site.url && site.originTerms.path === '') return
  const toSite = (address: string): string => toSiteAddress(address, origin, site)
  rewrite(headers, 'Location', toSite)
  rewrite(headers, 'Content-Location', toSite)
  rewrite(headers, 'Link', (value) =>
    value.replace(/<([^<>]*)>/g, (_, address: string) => `<${toSite(address)}>`),
  )
  rewrite(headers, 'Refresh', (value) =>
    value.replace(
      /^(\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?["']?)([^"']*)/i,
      (_, before: string, address: string) => before + toSite(address),
    ),
  )
}

function rewrite(headers: KnownHeaders, name: string, change: (value: string) => string): void {
  const value = headers.get(name)
  if (value === null) return
  const changed = change(value)
  if (changed !== value) headers.set(name, changed)
}

/**
 * An absolute address on the origin's host, or on the site's host by http or https, becomes one of
 * the site. Where the site is a path of its origin, what is beside that path stays as it is.
 */
function toSiteAddress(address: string, origin: string, site: Site): string {
  const { path } = site.originTerms
  const isAbsolute = /^\s*([a-z]+:|[/\\]{2})/i.test(address)
  if (!isAbsolute && (path === '' || !/^\s*[/\\]/.test(address))) return address
  if (!URL.canParse(address, origin)) return address
  const target = new URL(address, origin)
  if (!/^https?:$/.test(target.protocol)) return address
  const isOwn = target.host === new URL(origin).host || target.host === site.authority
  if (!isOwn || !isPrefix(path || '/', target.pathname)) return address
  const within = targetOf(target).slice(path.length)
  return site.url + (within.startsWith('/') ? within : `/${within}`) + target.hash
}

/** Our cookies, with anything before the name that cannot begin one (RFC 9110 §5.6.2). */
const ourCookie = /^[^\w!#$%&'*+.^`|~-]*__host-gatehouse/i

/**
 * An origin can set any cookie but ours. A Domain that is the origin's own host is removed, because
 * the browser knows only the site's host.
 */
function filterCookies(headers: KnownHeaders, { site }: SiteVisit): void {
  const cookies = headers.getSetCookie()
  if (cookies.length === 0) return
  const originHost = site.origin.kind === 'url' ? new URL(site.origin.url).hostname : null
  headers.delete('Set-Cookie')
  for (const cookie of cookies) {
    if (ourCookie.test(cookie)) continue
    const kept = cookie
      .split(';')
      .filter((attribute) => !originHost || !isDomain(attribute, originHost))
      .map((attribute) => withoutPrefix(attribute, site.originTerms.path))
    headers.append('Set-Cookie', kept.join(';'))
  }
}

/** The cookie's Path as the browser knows the site. */
function withoutPrefix(attribute: string, prefix: string): string {
  if (prefix === '') return attribute
  const [, before = '', path = ''] = /^(\s*path\s*=\s*)(.*?)\s*$/i.exec(attribute) ?? []
  return isPrefix(prefix, path) ? before + (path.slice(prefix.length) || '/') : attribute
}

function isDomain(attribute: string, host: string): boolean {
  const [name = '', ...value] = attribute.split('=')
  return (
    name.trim().toLowerCase() === 'domain' &&
    value.join('=').trim().replace(/^\./, '').toLowerCase() === host
  )
}

/**
 * `"cookies"` would delete ours as well, so it is removed, and `"*"` becomes the other types. A
 * value that is not a plain word is removed too: Firefox ignores white space, so it reads `"coo
 * kies"` as `"cookies"`.
 */
function filterClearSiteData(headers: KnownHeaders): void {
  const value = headers.get('Clear-Site-Data')
  if (value === null) return
  const kept = value
    .split(',')
    .map((type) => type.trim())
    .flatMap((type) => (type === '"*"' ? ['"cache"', '"storage"'] : type))
    .filter((type) => /^"[\w:-]+"$/.test(type) && type.toLowerCase() !== '"cookies"')
  if (kept.length === 0) headers.delete('Clear-Site-Data')
  else headers.set('Clear-Site-Data', [...new Set(kept)].join(', '))
}

/** Shared caches obey these headers rather than Cache-Control. */
const isForCaches = (name: string): boolean =>
  /^(surrogate-control|edge-control|x-accel-expires|(.*-)?cdn-cache-control)$/.test(name)

/** Whatever the origin says: only the visitor's own browser may keep a protected answer. */
function keepFromSharedCaches(headers: KnownHeaders): void {
  const directives = (headers.get('Cache-Control') ?? '').match(/[^\s,"][^,"]*("[^"]*")?/g) ?? []
  const kept = directives
    .map((directive) => directive.trim())
    .filter((it) => !/^(public|private|s-maxage|proxy-revalidate)\b/i.test(it))
  // Without a lifetime a browser guesses one from Last-Modified (RFC 9111 §4.2.2), and would show the
  // page again after the session has ended.
  const saysHowLong =
    headers.has('Expires') || kept.some((it) => /^(max-age|no-cache|no-store)\b/i.test(it))
  const asked = saysHowLong ? kept : ['no-cache', ...kept]
  headers.set('Cache-Control', ['private', ...asked].join(', '))
  const vary = headers.get('Vary')
  if (vary === null) headers.set('Vary', 'Cookie')
  else if (!/(^|,)\s*(\*|cookie)\s*(,|$)/i.test(vary)) headers.set('Vary', `${vary}, Cookie`)
}
