export type Pairs = readonly (readonly [string, string])[]

/** Headers from a list, in which a name may occur twice, or from a record. */
export function headersOf(given: Record<string, string> | Pairs): Headers {
  const headers = new Headers()
  const pairs: Pairs = Array.isArray(given) ? given : Object.entries(given)
  for (const [name, value] of pairs) headers.append(name, value)
  return headers
}

/**
 * Headers for one connection only (RFC 9110 §7.6.1), and those that the Connection header names.
 */
export const ofOneHop = {
  Connection: 'keep-alive, X-One-Hop, close',
  'X-One-Hop': '1',
  'Keep-Alive': 'timeout=5',
  TE: 'trailers',
  Trailer: 'X-Sum',
  'Transfer-Encoding': 'chunked',
  Upgrade: 'h2c',
  'HTTP2-Settings': 'AAMAAABkAARAAAAAAAIAAAAA',
  'Proxy-Connection': 'keep-alive',
  'Proxy-Authorization': 'Basic x',
  'Proxy-Authenticate': 'Basic',
  'Proxy-Authentication-Info': 'x',
}
