import type { Site } from '../site/site.ts'

/**
 * `page`: a person opened an address. `form`: a person sent a form. `background`: a script, an
 * image, a frame, a prefetch or a program asks, and cannot use a sign-in page.
 */
export type RequestKind = 'page' | 'form' | 'background'

/** GET and HEAD read. No form that these send is kept. */
export const isReading = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD'

export function kindOf(request: Request): RequestKind {
  const { headers } = request
  const reads = isReading(request)
  if (isUpgrade(request)) return 'background'
  const mode = headers.get('Sec-Fetch-Mode')
  if (mode !== null) {
    const isTopLevel = mode === 'navigate' && headers.get('Sec-Fetch-Dest') === 'document'
    if (!isTopLevel || headers.get('Sec-Purpose')?.includes('prefetch')) return 'background'
    return reads ? 'page' : 'form'
  }
  // Every current browser sends Sec-Fetch-Mode. Any other client gets a page only if it asks for
  // one.
  const isScript = headers.get('X-Requested-With')?.toLowerCase() === 'xmlhttprequest'
  const wantsPage = headers.get('Accept')?.toLowerCase().includes('text/html') ?? false
  return reads && wantsPage && !isScript ? 'page' : 'background'
}

/** All request headers that an answer of ours to one address may depend on. */
export const Vary =
  'Cookie, Authorization, Origin, Accept, X-Requested-With, Sec-Fetch-Mode, Sec-Fetch-Dest, Sec-Purpose'

interface Upgrading {
  readonly method: string
  readonly headers: Pick<Headers, 'get'>
}

/** RFC 6455 §4.1: only a GET upgrades. The runtime would turn any other method into a GET. */
export const isUpgrade = ({ method, headers }: Upgrading): boolean =>
  method === 'GET' && headers.get('Upgrade')?.toLowerCase() === 'websocket'

/**
 * RFC 6455 §10.2: a browser sends cookies with a WebSocket whichever page opens it, without a
 * preflight. It always sends the page's Origin. A request without an Origin comes from a program,
 * which has only its own cookies.
 */
export function mayOpenSockets({ headers }: Request, { url, corsOrigins }: Site): boolean {
  const origin = headers.get('Origin')
  return origin === null || origin === url || corsOrigins.includes(origin)
}

/** CORS §4.8: the browser sends a preflight by itself, without cookies, so never with a session. */
export const isPreflight = (request: Request): boolean =>
  request.method === 'OPTIONS' &&
  request.headers.has('Origin') &&
  request.headers.has('Access-Control-Request-Method')

/**
 * A preflight as browsers send it, for the site behind. Nobody is signed in, so nothing else of the
 * request is passed on: a body, or a header such as X-HTTP-Method-Override, could make the site do
 * more than answer a preflight.
 */
export function barePreflight(request: Request): Request {
  const headers = new Headers()
  for (const [name, value] of request.headers) if (ofPreflight.test(name)) headers.set(name, value)
  return new Request(request.url, { method: 'OPTIONS', headers })
}

const ofPreflight =
  /^(accept|access-control-request-.*|cf-connecting-ip|origin|user-agent|x-gatehouse-passed)$/
