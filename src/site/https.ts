import { targetOf } from '../lib/paths.ts'
import type { Host } from './host.ts'

/**
 * An https site is never served over plain http: the request has already been sent unencrypted, but
 * the answer is not.
 */
export function refusePlainHttp(request: Request, url: URL, host: Host): Response | null {
  if (url.protocol === 'https:' || !host.url.startsWith('https:')) return null
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response('This site works over https only.\n', { status: 403 })
  }
  const location = host.url + targetOf(url)
  return new Response(null, { status: 308, headers: { Location: location } })
}
