import { couldBeIdentity, plainName, type HeaderPair } from '../identity/profiles.ts'
import type { Visit } from '../site/visit.ts'
import { isUpgrade } from './request-kind.ts'

/** What the origin is sent: the client's own headers, less what is ours to say, and what we say. */
export function headersToOrigin(
  request: Request,
  visit: Visit,
  identity: readonly HeaderPair[],
): Headers {
  const headers = new Headers(request.headers)
  removeNamedByConnection(headers)
  removeWhere(headers, isOursToSay)
  removeOurCookies(headers)
  if (isUpgrade(request.headers)) headers.set('Upgrade', 'websocket')
  setForwarded(headers, visit, request.headers.get('CF-Connecting-IP'))
  for (const [name, value] of identity) headers.set(name, value)
  return headers
}

/** What the visitor is sent of an origin's answer. */
export function headersToVisitor(
  answer: Headers,
  visit: Visit,
  options: { readonly isProtected: boolean },
): Headers {
  const headers = new Headers(answer)
  removeNamedByConnection(headers)
  removeWhere(headers, isOfOneHop)
  // It names ports of the origin, as if they were ours.
  headers.delete('Alt-Svc')
  rewriteLocation(headers, visit)
  filterCookies(headers, visit)
  filterClearSiteData(headers)
  if (options.isProtected) keepFromSharedCaches(headers)
  return headers
}

/** RFC 9110 §7.6.1. */
const isOfOneHop = (name: string): boolean =>
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|http2-settings|proxy-.*)$/.test(
    name,
  )

function removeNamedByConnection(headers: Headers): void {
  const named = headers.get('Connection')?.split(',') ?? []
  for (const name of named.map((token) => token.trim())) {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.delete(name)
  }
}

function removeWhere(headers: Headers, isUnwanted: (name: string) => boolean): void {
  for (const name of Array.from(headers.keys()).filter(isUnwanted)) headers.delete(name)
}

/** Where the client is, what it asked for: by Cloudflare or by us, never by the client. */
const forwarding =
  /^(forwarded|(x-|true-)?client-ip|x-cluster-client-ip|x-real-ip|x-(url-)?scheme|front-end-https|cf-.*)$/
/** To gunicorn, IIS and others another path than the one judged, or how much of it to leave out. */
const rerouting = /^(x-original-.*|x-rewrite-.*|x-override-url|(x-)?(script-name|path-info))$/
/** Set by Cloudflare's edge on every request, whatever a client sends; passed on as they are. */
const fromCloudflare: readonly string[] = ['cf-connecting-ip', 'cf-ipcountry', 'cf-ray']

function isOursToSay(name: string): boolean {
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
  const { protocol, port } = new URL(site.url)
  const isHttps = protocol === 'https:'
  headers.set('X-Forwarded-Proto', isHttps ? 'https' : 'http')
  headers.set('X-Forwarded-Host', site.host)
  headers.set('X-Forwarded-Port', port === '' ? (isHttps ? '443' : '80') : port)
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

/** Whatever the origin says: only the visitor's own browser may keep a protected answer. */
function keepFromSharedCaches(headers: Headers): void {
  removeWhere(headers, (name) =>
    /^(surrogate-control|edge-control|x-accel-expires|(.*-)?cdn-cache-control)$/.test(name),
  )
  const directives = (headers.get('Cache-Control') ?? '').match(/[^\s,"][^,"]*("[^"]*")?/g) ?? []
  const kept = directives
    .map((directive) => directive.trim())
    .filter((it) => !/^(public|private|s-maxage|proxy-revalidate)\b/i.test(it))
  headers.set('Cache-Control', ['private', ...kept].join(', '))
  const vary = headers.get('Vary')
  if (vary === null) headers.set('Vary', 'Cookie')
  else if (!/(^|,)\s*(\*|cookie)\s*(,|$)/i.test(vary)) headers.set('Vary', `${vary}, Cookie`)
}
