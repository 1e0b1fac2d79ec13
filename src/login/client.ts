/** The client that the gate gives to the scripts of a site's pages. */
import { ownHeaders } from '../lib/own-headers.ts'
import { corsHeaders } from '../site/cors.ts'
import type { Visit } from '../site/visit.ts'
import { clientScript, clientTag } from './client-script.ts'

/** An hour, after which the browser asks whether the script has changed. */
const CLIENT_MAX_AGE_SECONDS = 3600

export function clientResponse(request: Request, { host }: Visit): Response {
  const isKnown = request.headers.get('If-None-Match')?.includes(clientTag)
  return new Response(isKnown ? null : clientScript, {
    status: isKnown ? 304 : 200,
    headers: {
      ...ownHeaders,
      ...corsHeaders(request, host),
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': `public, max-age=${CLIENT_MAX_AGE_SECONDS}`,
      ETag: clientTag,
      Vary: 'Origin',
    },
  })
}
