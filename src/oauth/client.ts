/** A program that asks for access (RFC 6749 §2), and where its answers may go. */
import { hasHidden } from '../lib/plain.ts'

/**
 * `listed`: an operator registered it. `document`: it describes itself at its client_id, an https
 * URL. `loopback`: it registered itself, and runs on the person's own computer.
 */
export const clientKinds = ['listed', 'document', 'loopback'] as const
export type ClientKind = (typeof clientKinds)[number]

export interface Client {
  /** `client_id` */
  readonly id: string
  readonly kind: ClientKind
  readonly name: string
  readonly redirects: readonly string[]
  readonly device: boolean
  /** null: a public client, which has none. */
  readonly secretHash: string | null
}

export const MOST_REDIRECTS = 10
const MOST_REDIRECT = 300
const MOST_NAME = 80

/** One line of visible characters; null: it is none, or too long. */
export function parseClientName(text: unknown): string | null {
  const name = typeof text === 'string' ? text.trim() : ''
  return name !== '' && name.length <= MOST_NAME && !hasHidden(name) ? name : null
}

/**
 * http on the person's own computer (RFC 8252 §7.3). Programs also write `localhost`, though the RFC
 * advises against it (§8.3), so it is taken. Each of the three is another address than the others.
 */
const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?((?:[/?].*)?)$/

export const isLoopbackRedirect = (redirect: string): boolean => loopback.test(redirect)

/** null: answers cannot go there. https, or http to the person's own computer. */
export function parseRedirect(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > MOST_REDIRECT) return null
  // Only what a URL may have (RFC 3986 §2): browsers take "\" for "/", and drop tabs.
  if (!/^[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=%]+$/.test(text) || !URL.canParse(text)) return null
  if (isLoopbackRedirect(text)) return text
  const { protocol, username, password } = new URL(text)
  return protocol === 'https:' && username === '' && password === '' ? text : null
}

/** null: there is none, there are too many, or one of them is no such address. */
export function parseRedirects(given: unknown): readonly string[] | null {
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST_REDIRECTS) return null
  const redirects = given.map(parseRedirect).filter((each) => each !== null)
  return redirects.length === given.length ? redirects : null
}

/**
 * The registered address that this is, or null. Compared as text (RFC 9700 §2.1); only the port of an
 * address on the person's own computer may be another, because the system chooses it.
 */
export function matchRedirect(client: Client, text: string): string | null {
  const redirect = parseRedirect(text)
  if (redirect === null) return null
  const withoutPort = (each: string) => each.replace(loopback, '$1$2')
  return client.redirects.some((each) => withoutPort(each) === withoutPort(redirect))
    ? redirect
    : null
}
