/** What a browser keeps of Set-Cookie and sends again. Of dates only those long gone matter here. */

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly sameSite: 'lax' | 'none'
}

/** How a request came about: by the site itself, by a link from elsewhere, by a form from elsewhere. */
export type Sender = 'own' | 'link' | 'form'

export interface CookieJar {
  /** Name and value pairs for a request to that address. */
  readonly pairsFor: (url: URL, sender: Sender) => readonly string[]
  readonly keep: (url: URL, headers: readonly string[]) => void
  readonly copy: () => CookieJar
}

type Cookies = Map<string, Cookie>

/** Every cookie belongs to one host: nobody here sets a Domain. Localhost counts as secure. */
export function createCookieJar(byHost = new Map<string, Cookies>()): CookieJar {
  return {
    pairsFor: ({ hostname, pathname }, sender) =>
      [...(byHost.get(hostname)?.values() ?? [])]
        .filter(({ path }) => pathname.startsWith(path))
        .filter(({ sameSite }) => sender !== 'form' || sameSite === 'none')
        .map(({ name, value }) => `${name}=${value}`),
    keep({ hostname }, headers) {
      const cookies: Cookies = byHost.get(hostname) ?? new Map()
      byHost.set(hostname, cookies)
      for (const header of headers) {
        const [pair = '', ...attributes] = header.split(/;\s*/)
        const cookie = toCookie(pair, attributes)
        if (!isAllowed(cookie.name, header, attributes)) continue
        if (isGone(attributes)) cookies.delete(cookie.name)
        else cookies.set(cookie.name, cookie)
      }
    },
    copy: () =>
      createCookieJar(new Map([...byHost].map(([host, cookies]) => [host, new Map(cookies)]))),
  }
}

function toCookie(pair: string, attributes: readonly string[]): Cookie {
  const equals = pair.indexOf('=')
  return {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    path: valueOf('path', attributes) ?? '/',
    // Absent is Lax to browsers of today.
    sameSite: valueOf('samesite', attributes)?.toLowerCase() === 'none' ? 'none' : 'lax',
  }
}

/** Browsers drop a cookie that is too long, or whose prefix promises more than it keeps. */
function isAllowed(name: string, header: string, attributes: readonly string[]): boolean {
  if (header.length > 4096) return false
  if (!name.startsWith('__Host-')) return true
  return (
    attributes.some((attribute) => attribute.toLowerCase() === 'secure') &&
    valueOf('path', attributes) === '/' &&
    valueOf('domain', attributes) === null
  )
}

function isGone(attributes: readonly string[]): boolean {
  const maxAge = valueOf('max-age', attributes)
  if (maxAge !== null) return Number(maxAge) <= 0
  const expires = valueOf('expires', attributes)
  // 1970, as servers write it; the clock of a server here may be an hour off.
  return expires !== null && new Date(expires).getUTCFullYear() < 1980
}

function valueOf(name: string, attributes: readonly string[]): string | null {
  const found = attributes.find((attribute) => attribute.toLowerCase().startsWith(`${name}=`))
  return found === undefined ? null : found.slice(name.length + 1)
}
