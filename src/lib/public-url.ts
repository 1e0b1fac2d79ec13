/** URLs that an operator gives and that Gatehouse asks by itself. They must not lead into a private network. */
import { err, ok, type Result } from './result.ts'

const MOST_CHARACTERS = 2048

/** Names that public DNS never has (RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`). */
const PRIVATE_NAMES = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'lan',
  'home',
  'home.arpa',
  'corp',
  'test',
  'invalid',
]

/**
 * An https URL at a public name. The URL parser writes every spelling of an address in one form, so
 * a host that is an address shows: IPv6 has brackets, and the last part of IPv4 is a number. Public
 * addresses are refused too: a list of private ranges goes out of date, and Cloudflare asks no host
 * by its address. What a name resolves to is not known here; on Cloudflare it leads to no private
 * network.
 *
 * @returns the problem goes on from the name of the field: "must be an https URL".
 */
export function parsePublicUrl(text: string): Result<URL, string> {
  if (text.length > MOST_CHARACTERS) return err(`must have ${MOST_CHARACTERS} characters at most`)
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol !== 'https:') return err('must be an https URL')
  if (url.username !== '' || url.password !== '') {
    return err('must have no user name or password in it')
  }
  // `https://localhost./` is the same host.
  const name = url.hostname.replace(/\.+$/, '')
  if (name.startsWith('[') || /(^|\.)\d+$/.test(name)) {
    return err('must have the name of a host in it, not an IP address')
  }
  if (!name.includes('.') || PRIVATE_NAMES.some((end) => `.${name}`.endsWith(`.${end}`))) {
    return err(`must be at a public host; "${name}" is a name of a private network`)
  }
  return ok(url)
}

/**
 * Whether a URL is at one of these hosts, whatever its port. On Cloudflare a Worker's own request to
 * its zone passes by the Worker, so it would reach what stands behind the gate around it.
 *
 * @param names `*.example.com` stands for every name below it.
 */
export function isAtOneOf({ hostname }: URL, names: readonly string[]): boolean {
  const own = hostname.replace(/\.+$/, '')
  return names.some((name) => (name.startsWith('*.') ? own.endsWith(name.slice(1)) : own === name))
}
