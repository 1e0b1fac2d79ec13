/** Which connection somebody signs in with. */
import type { Connection } from './connection.ts'

/** An address of one email account, without the white space around it; null for anything else. */
export function parseEmail(text: string): string | null {
  const email = text.trim()
  const isWritten = email.length <= 320 && /^[\x21-\x7e\p{L}\p{M}\p{N}]+$/u.test(email)
  return isWritten && emailDomain(email) !== null ? email : null
}

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

/** Those open at a site, in the order of its config. @param allowed their ids; null: every one. */
export function offered(
  connections: readonly Connection[],
  allowed: readonly string[] | null,
): readonly Connection[] {
  const enabled = connections.filter((connection) => connection.enabled)
  if (allowed === null) return enabled
  return allowed.flatMap((id) => enabled.find((connection) => connection.id === id) ?? [])
}

/**
 * Where an address leads. Where the page names no connection, an unknown domain leads where those of
 * the first connection lead, so that the answer does not tell which domains are known.
 */
export function forEmail(
  connections: readonly Connection[],
  email: string,
  isListed: boolean,
): Connection | null {
  const domain = emailDomain(email)
  if (domain === null) return null
  const owner = connections.find(({ domains }) => domains.includes(domain))
  return owner ?? (isListed ? null : (connections[0] ?? null))
}
