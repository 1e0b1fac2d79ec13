/** Which connection somebody signs in with. */
import type { Connection } from './connection.ts'

/** The domain of an address in the form it is stored in; null for what is no address. */
export function emailDomain(email: string): string | null {
  const [name, host, ...rest] = email.trim().split('@')
  if (!name || !host || rest.length > 0) return null
  return toDomain(host)
}

/** Lower case and ASCII, as the URL standard makes it (`Bücher.example` → `xn--bcher-kva.example`). */
export function toDomain(host: string): string | null {
  if (!/^[\p{L}\p{M}\p{N}.-]+\.[\p{L}\p{M}\p{N}-]+$/u.test(host)) return null
  const url = `https://${host}`
  if (!URL.canParse(url)) return null
  const domain = new URL(url).hostname
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain) && !/\.\d+$/.test(domain) ? domain : null
}

/** Those open at a site. @param allowed ids of the site's config; null: every one. */
export const offered = (
  connections: readonly Connection[],
  allowed: readonly string[] | null,
): readonly Connection[] =>
  connections.filter(
    (connection) => connection.enabled && (allowed === null || allowed.includes(connection.id)),
  )

export const forDomain = (connections: readonly Connection[], domain: string): Connection | null =>
  connections.find((connection) => connection.domains.includes(domain)) ?? null
