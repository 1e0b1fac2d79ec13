/** Finds the connection that a person signs in with. */
import { patternOf } from '../lib/pattern.ts'
import type { Connection } from './connection.ts'

/** Letters of any script, beside what ASCII has. */
const anyLetters = patternOf(String.raw`^[!-~\p{L}\p{M}\p{N}]+$`, 'u')
const anyLabels = patternOf(String.raw`^[\p{L}\p{M}\p{N}.-]+\.[\p{L}\p{M}\p{N}-]+$`, 'u')

/** One email address, without white space around it; null if the text is not one. */
export function parseEmail(text: string): string | null {
  const email = text.trim()
  const isWritten = email.length <= 320 && (/^[!-~]+$/.test(email) || anyLetters().test(email))
  return isWritten && emailDomain(email) !== null ? email : null
}

/**
 * The domain of an email address, in the form that is stored; null if the text is not an address.
 */
export function emailDomain(email: string): string | null {
  const [name, host, ...rest] = email.trim().split('@')
  if (!name || !host || rest.length > 0) return null
  return toDomain(host)
}

/**
 * The domain in lower case and ASCII, as the URL Standard writes it (`Bücher.example` →
 * `xn--bcher-kva.example`); null if the text is not a domain.
 */
export function toDomain(host: string): string | null {
  const hasLabels = /^[A-Za-z\d.-]+\.[A-Za-z\d-]+$/.test(host) || anyLabels().test(host)
  if (!hasLabels) return null
  const url = `https://${host}`
  if (!URL.canParse(url)) return null
  const domain = new URL(url).hostname
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain) && !/\.\d+$/.test(domain) ? domain : null
}

/**
 * The enabled connections of a site, in the order of its config.
 *
 * @param allowed the ids in the config; null: every connection.
 */
export function offered(
  connections: readonly Connection[],
  allowed: readonly string[] | null,
): readonly Connection[] {
  const enabled = connections.filter((connection) => connection.enabled)
  if (allowed === null) return enabled
  return allowed.flatMap((id) => enabled.find((connection) => connection.id === id) ?? [])
}

/**
 * The connection for an email address. If the sign-in page does not list connections, an unknown
 * domain gets the first connection, so that strangers cannot find out which domains are known.
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
