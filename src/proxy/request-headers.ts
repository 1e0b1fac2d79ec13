import { couldBeIdentity, couldBeNamed, plainName, type HeaderPair } from '../identity/profiles.ts'
import { knowNames, type KnownHeaders } from '../lib/known-headers.ts'
import { isOurs } from '../program/credential.ts'
import type { SiteVisit } from '../site/visit.ts'
import { isOfOneHop, removeNamedByConnection, removeWhere } from './hop.ts'
import { passedWith } from './loop.ts'
import { isWordOfProxy } from './proxy-words.ts'
import { namesResource } from './reach.ts'
import { isUpgrade } from './request-kind.ts'

/**
 * The client's headers as the origin gets them: without those that only the gate may set, and with
 * ours. They are copied once, because copying costs most here.
 */
export function headersToOrigin(
  { method, headers: theirs }: Request,
  visit: SiteVisit,
  say: ToSay,
): Headers {
  const copy = new Headers(theirs)
  const headers = knowNames(copy)
  const ip = headers.get('CF-Connecting-IP')
  const upgrades = isUpgrade({ method, headers })
  const passed = passedWith(headers, visit.site)
  removeNamedByConnection(headers)
  removeWhere(headers, (name) => isOursToSay(name) || couldBeNamed(name, visit.site.headers))
  removeOurCookies(headers)
  // A token of ours would open this site to any reader of the origin's log.
  if (isOurs(headers.get('Authorization') ?? '')) headers.delete('Authorization')
  if (upgrades) copy.set('Upgrade', 'websocket')
  setForwarded(copy, visit, ip)
  copy.set(...passed)
  copy.set('X-Gatehouse-Request', visit.requestId)
  for (const [name, value] of say.resources) copy.set(name, value)
  if (say.identity) for (const [name, value] of say.identity) copy.set(name, value)
  return copy
}

export interface ToSay {
  /** Null on a public route. */
  readonly identity: readonly HeaderPair[] | null
  /** Headers that name other resources, after their policies were checked. */
  readonly resources: readonly HeaderPair[]
}

/**
 * Cloudflare's edge sets these on every request, whatever a client sends, so they are passed on.
 */
const fromCloudflare: readonly string[] = ['cf-connecting-ip', 'cf-ipcountry', 'cf-ray']

/** Headers that browsers always send and that are safe to pass on: they skip the patterns below. */
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

/**
 * Whether a site's config may use this name for an identity header. A name that the gate always
 * removes is allowed only if it is for identity. A header that applications need from the client
 * itself (CSRF tokens, X-Requested-With) is not allowed.
 */
export function isNameable(name: string): boolean {
  if (
    !/^(x|remote)(-[a-z0-9]+)+$/i.test(name) ||
    /method|gatehouse|csrf|xsrf|requested-with/i.test(name)
  )
    return false
  const plain = plainName(name)
  if (plain.startsWith('x-forwarded-')) {
    return /^x-forwarded-(user|email|name|groups|preferred-username)$/.test(plain)
  }
  return couldBeIdentity(name) || !isNotTheirs(plain)
}

export function isNotTheirs(name: string): boolean {
  if (fromCloudflare.includes(name)) return false
  const plain = plainName(name)
  return (
    // In any spelling: a server that reads `Transfer_Encoding` as framing would end the body elsewhere.
    isOfOneHop(plain) ||
    // The runtime writes these for its own connection to the origin.
    /^(host|expect|sec-websocket-(accept|extensions|key|version))$/.test(plain) ||
    (plain === 'content-length' && name !== plain) ||
    couldBeIdentity(name) ||
    isWordOfProxy(plain) ||
    namesResource(plain)
  )
}

/**
 * Our cookies, and what an origin could take for one of them. Software skips different characters
 * before a cookie's name, so we skip every character that cannot begin a name (RFC 9110 §5.6.2).
 * The runtime joins two Cookie headers with a comma, and our cookie must not hide behind it.
 */
const ourCookies = /(^|[;,])[^;,\w!#$%&'*+.^`|~-]*__host-gatehouse[^;,]*/gi

function removeOurCookies(headers: KnownHeaders): void {
  const cookies = headers.get('Cookie')
  if (cookies === null) return
  const others = cookies.replace(ourCookies, '').replace(/^[;, \t]+/, '')
  if (others === '') headers.delete('Cookie')
  else if (others !== cookies) headers.set('Cookie', others)
}

function setForwarded(headers: Headers, { site }: SiteVisit, ip: string | null): void {
  const isHttps = site.url.startsWith('https:')
  headers.set('X-Forwarded-Proto', isHttps ? 'https' : 'http')
  headers.set('X-Forwarded-Host', site.authority)
  headers.set('X-Forwarded-Port', /:(\d+)$/.exec(site.authority)?.[1] ?? (isHttps ? '443' : '80'))
  const node = ip === null ? '' : `for="${ip.includes(':') ? `[${ip}]` : ip}";`
  headers.set('Forwarded', `${node}host="${site.authority}";proto=${isHttps ? 'https' : 'http'}`)
  if (ip === null) return
  headers.set('X-Forwarded-For', ip)
  headers.set('X-Real-IP', ip)
}
