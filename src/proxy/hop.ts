import type { KnownHeaders } from '../lib/known-headers.ts'

/** A header for one connection only, which a proxy must not pass on (RFC 9110 §7.6.1). */
export const isOfOneHop = (name: string): boolean =>
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|http2-settings|proxy-.*)$/.test(
    name,
  )

export function removeNamedByConnection(headers: KnownHeaders): void {
  const named = headers.get('Connection')?.split(',') ?? []
  for (const name of named.map((token) => token.trim())) {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.delete(name)
  }
}

export function removeWhere(headers: KnownHeaders, isUnwanted: (name: string) => boolean): void {
  for (const name of [...headers.keys()].filter(isUnwanted)) headers.delete(name)
}
