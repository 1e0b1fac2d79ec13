import { couldBeIdentity, plainName, type HeaderPair } from '../identity/profiles.ts'
import type { Visit } from '../site/visit.ts'
import { isUpgrade } from './request-kind.ts'

/** From the client's own headers to what the origin is sent: less what is ours to say, and what we say. */
export function changeToOrigin(
  headers: Headers,
  visit: Visit,
  identity: readonly HeaderPair[],
): void {
  const ip = headers.get('CF-Connecting-IP')
  const upgrades = isUpgrade(headers)
  removeNamedByConnection(headers)
  removeWhere(headers, isOursToSay)
  removeOurCookies(headers)
  if (upgrades) headers.set('Upgrade', 'websocket')
  setForwarded(headers, visit, ip)
  for (const [name, value] of identity) headers.set(name, value)
}

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

/** RFC 9110 §7.6.1. */
const isOfOneHop = (name: string): boolean =>
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|http2-settings|proxy-.*)$/.test(
    name,
  )

/** Ports of the origin, as if they were ours. */
const namesPorts = (name: string): boolean => name === 'alt-svc'

function removeNamedByConnection(headers: Headers): void {
  const named = headers.get('Connection')?.split(',') ?? []
  for (const name of named.map((token) => token.trim())) {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.delete(name)
  }
}

function removeWhere(headers: Headers, isUnwanted: (name: string) => boolean): void {
  for (const name of [...headers.keys()].filter(isUnwanted)) headers.delete(name)
}

/** Where the client is, what it asked for: by Cloudflare or by us, never by the client. */
const forwarding =
  /^(forwarded|(x-|true-)?client-ip|x-cluster-client-ip|x-real-ip|x-(url-)?scheme|front-end-https|cf-.*)$/
/** To gunicorn, IIS and others another path than the one judged, or how much of it to leave out. */
const rerouting = /^(x-original-.*|x-rewrite-.*|x-override-url|(x-)?(script-name|path-info))$/
/** Set by Cloudflare's edge on every request, whatever a client sends; passed on as they are. */
const fromCloudflare: readonly string[] = ['cf-connecting-ip', 'cf-ipcountry', 'cf-ray']

/** What browsers always send, and is theirs: not looked at any closer. */
export const everyday: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-length',
  'content-type',
  'cookie',
  'if-modified-since',
  'if-none-match',
  'origin',
  'priority',
  'referer',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'upgrade-insecure-requests',
  'user-agent',
])

const isOursToSay = (name: string): boolean => !everyday.has(name) && isNotTheirs(name)

export function isNotTheirs(name: string): boolean {
  if (fromCloudflare.includes(name)) return false
  return (
    isOfOneHop(name) ||
    // Made anew by the runtime: for this connection, not for the client's.
    /^(host|expect|sec-websocket-(accept|extensions|key|version))$/.test(name) ||
    couldBeIdentity(name) ||
    forwarding.test(plainName(name)) ||
    rerouting.test(plainName(name)) ||
    // CGI makes it HTTP_PROXY, by which libraries go out.
    name === 'proxy'
  )
}

/** A header given twice is joined by commas, in which our cookie must not hide. */
function removeOurCookies(headers: Headers): void {
  const cookies = headers.get('Cookie')
  if (cookies === null) return
  const others = cookies
    .replace(/(^|[;,])[\s=]*__host-gatehouse[^;,]*/gi, '')
    .replace(/^[;,\s]+/, '')
  if (others === '') headers.delete('Cookie')
  else if (others !== cookies) headers.set('Cookie', others)
}

function setForwarded(headers: Headers, { site }: Visit, ip: string | null): void {
  const isHttps = site.url.startsWith('https:')
  headers.set('X-Forwarded-Proto', isHttps ? 'https' : 'http')
  headers.set('X-Forwarded-Host', site.host)
  headers.set('X-Forwarded-Port', /:(\d+)$/.exec(site.host)?.[1] ?? (isHttps ? '443' : '80'))
  const node = ip === null ? '' : `for="${ip.includes(':') ? `[${ip}]` : ip}";`
  headers.set('Forwarded', `${node}host="${site.host}";proto=${isHttps ? 'https' : 'http'}`)
  if (ip === null) return
  headers.set('X-Forwarded-For', ip)
  headers.set('X-Real-IP', ip)
}

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

/** An origin can set any cookie but ours, and none for its own host, which browsers never see. */
function filterCookies(headers: Headers, { site }: Visit): void {
  const cookies = headers.getSetCookie()
  if (cookies.length === 0) return
  const originHost = site.origin.kind === 'url' ? new URL(site.origin.url).hostname : null
  headers.delete('Set-Cookie')
  for (const cookie of cookies) {
    if (/^[\s=]*__host-gatehouse/i.test(cookie)) continue
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
