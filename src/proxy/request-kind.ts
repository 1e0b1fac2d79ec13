import type { Site } from '../site/site.ts'

/**
 * `page`: a person has gone to an address. `form`: has sent a form there. `background`: a script,
 * an image, a frame, a prefetch or a program asks, and a page to sign in on would help nobody.
 */
export type RequestKind = 'page' | 'form' | 'background'

export function kindOf(request: Request): RequestKind {
  const { headers } = request
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (isUpgrade(request)) return 'background'
  const mode = headers.get('Sec-Fetch-Mode')
  if (mode !== null) {
    const isTopLevel = mode === 'navigate' && headers.get('Sec-Fetch-Dest') === 'document'
    if (!isTopLevel || headers.get('Sec-Purpose')?.includes('prefetch')) return 'background'
    return reads ? 'page' : 'form'
  }
  // No browser of today. Only what says that it wants a page gets one.
  const isScript = headers.get('X-Requested-With')?.toLowerCase() === 'xmlhttprequest'
  const wantsPage = headers.get('Accept')?.toLowerCase().includes('text/html') ?? false
  return reads && wantsPage && !isScript ? 'page' : 'background'
}

/** RFC 6455 §4.1: by GET only. Of any other method, the runtime would make one. */
export const isUpgrade = ({ method, headers }: Request): boolean =>
  method === 'GET' && headers.get('Upgrade')?.toLowerCase() === 'websocket'

/**
 * RFC 6455 §10.2: cookies go with a WebSocket whatever page opens it, and no preflight asks before.
 * A browser always says which page it was. Without an Origin it is a program, which has no cookies
 * but its own.
 */
export function mayOpenSockets({ headers }: Request, { url, corsOrigins }: Site): boolean {
  const origin = headers.get('Origin')
  return origin === null || origin === url || corsOrigins.includes(origin)
}

/** CORS §4.8: sent by the browser itself, without cookies, so never with a session. */
export const isPreflight = (request: Request): boolean =>
  request.method === 'OPTIONS' &&
  request.headers.has('Origin') &&
  request.headers.has('Access-Control-Request-Method')
