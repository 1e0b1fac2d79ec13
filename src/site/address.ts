/** Facts about an address that its URL alone shows. */

/** Whether the URL leads to the machine that asks for it. */
export const isLoopback = (url: URL): boolean =>
  /^(.+\.)?localhost\.?$|^127\.[\d.]+$|^\[::1\]$/.test(url.hostname)

/**
 * Whether no packet from the internet can reach the address: RFC 1918, RFC 6598, RFC 4193 and
 * link-local.
 */
export const isPrivate = (url: URL): boolean =>
  isLoopback(url) ||
  /^(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/.test(
    url.hostname,
  ) ||
  /^\[f([cd]|e[89ab])/.test(url.hostname)

/** Whether requests may go there: encrypted, or not over the internet. */
export const isOriginAddress = (url: URL): boolean => url.protocol === 'https:' || isPrivate(url)

/** Whether the text is a URL of scheme and host only. */
export function isBareUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  return (
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.pathname === '/' &&
    !url.search &&
    !url.hash &&
    !url.username &&
    !url.password
  )
}

/**
 * A name for the server of a URL. Two URLs of one server get the same name: a dot at the end does
 * not count, and neither does the choice among the names of this machine.
 */
export function serverOf(url: URL): string {
  const name = isLoopback(url) ? 'localhost' : url.hostname.replace(/\.$/, '')
  return `${name}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`
}

/**
 * The address that was asked for; null: it is none. The runtime builds the URL from the Host header
 * and the path. A Host header with `/` or `?` in it would change the path.
 */
export const addressOf = ({ url, headers }: Request): URL | null =>
  /[/?#\\@]/.test(headers.get('Host') ?? '') ? null : URL.parse(url)
