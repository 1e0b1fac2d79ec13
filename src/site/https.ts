import { targetOf } from '../lib/paths.ts'
import type { Host } from './host.ts'

/** A site of https is never served in the clear: what could leak has leaked, but it ends here. */
export function refusePlainHttp(request: Request, url: URL, host: Host): Response | null {
  if (url.protocol === 'https:' || !host.url.startsWith('https:')) return null
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response('This site works over https only.\n', { status: 403 })
  }
  const location = host.url + targetOf(url)
  return new Response(null, { status: 308, headers: { Location: location } })
}
