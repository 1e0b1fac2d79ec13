/** What can be known of an address by looking at it. */

/** This machine. */
export const isLoopback = (url: URL): boolean =>
  /^(.+\.)?localhost\.?$|^127\.[\d.]+$|^\[::1\]$/.test(url.hostname)

/** RFC 1918, RFC 6598, RFC 4193 and link-local: addresses that no packet from the internet is for. */
export const isPrivate = (url: URL): boolean =>
  isLoopback(url) ||
  /^(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/.test(
    url.hostname,
  ) ||
  /^\[f([cd]|e[89ab])/.test(url.hostname)

/** Two addresses with one name reach one server: by a dot at the end, or by a name of this machine. */
export function serverOf(url: URL): string {
  const name = isLoopback(url) ? 'localhost' : url.hostname.replace(/\.$/, '')
  return `${name}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`
}
