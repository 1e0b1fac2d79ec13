export interface Cookie {
  /**
   * With the prefix `__Host-`: the browser accepts it only from this exact host, over TLS and with
   * Path=/.
   */
  readonly name: string
  readonly value: string
  readonly sameSite: 'Lax' | 'None'
  readonly maxAgeSeconds: number
}

/** Only this many cookies with the same start are read; further ones are ignored. */
const MOST_READ = 64

/**
 * What follows `start` in each cookie that begins with it, in the order of the header: for the start
 * `name=`, the values of the cookies of that name. There may be several. A browser without the rules of
 * `__Host-` lets other hosts of the domain add one, so the caller tests which of them is real.
 *
 * Only SP and HTAB are skipped before a name (RFC 6265 §5.2). JavaScript's `trim` skips more, such as
 * U+2000. A browser takes those for a part of the name, which is then not protected by `__Host-`.
 *
 * Two Cookie headers arrive as one, with a comma between them. Our cookies have no comma, so each ends
 * there. A cookie that follows a comma is not read: it may be a part of another cookie's value.
 */
export function readCookies(headers: Pick<Headers, 'get'>, start: string): readonly string[] {
  const found: string[] = []
  for (const pair of (headers.get('Cookie') ?? '').split(';')) {
    let at = 0
    while (pair[at] === ' ' || pair[at] === '\t') at++
    if (!pair.startsWith(start, at) || found.length === MOST_READ) continue
    const [value = ''] = pair.slice(at + start.length).split(',', 1)
    let end = value.length
    while (value[end - 1] === ' ' || value[end - 1] === '\t') end--
    found.push(value.slice(0, end))
  }
  return found
}

/** A Set-Cookie header. Always HttpOnly: no script of the site needs our cookies. */
export const setCookie = ({ name, value, sameSite, maxAgeSeconds }: Cookie): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; Secure; SameSite=${sameSite}`
