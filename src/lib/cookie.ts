export interface Cookie {
  /** With the prefix `__Host-`: browsers take it only from this very host, over TLS, for all paths. */
  readonly name: string
  readonly value: string
  readonly sameSite: 'Lax' | 'None'
  readonly maxAgeSeconds: number
}

/** The value of the cookie of that name; null when there is none, or more than one. */
export function readCookie(headers: Headers, name: string): string | null {
  const values = (headers.get('Cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  // Which of two is ours, the other's author would like us to guess.
  return values.length === 1 ? (values[0] ?? null) : null
}

/** A Set-Cookie header. HttpOnly always: no script of a site has business with a cookie of ours. */
export const setCookie = ({ name, value, sameSite, maxAgeSeconds }: Cookie): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; Secure; SameSite=${sameSite}`
