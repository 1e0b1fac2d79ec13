import { ownHeaders } from '../lib/own-headers.ts'
import { corsHeaders } from '../site/cors.ts'
import type { SiteVisit } from '../site/visit.ts'

/**
 * A preflight never carries a cookie, so the gate would always refuse it. For the site's own origin
 * and its `corsOrigins` the gate answers in the origin's place; the request that follows still
 * needs a session. The origin's own answer to OPTIONS stays behind the gate.
 */
export function answerPreflight(request: Request, visit: SiteVisit): Response {
  const cors = corsHeaders(request, visit.host)
  const { headers } = request
  const allowed = {
    ...cors,
    'Access-Control-Allow-Methods': headers.get('Access-Control-Request-Method') ?? '',
    'Access-Control-Allow-Headers': headers.get('Access-Control-Request-Headers') ?? '',
    'Access-Control-Max-Age': '600',
  }
  const isAllowed = 'Access-Control-Allow-Origin' in cors
  return new Response(null, {
    status: isAllowed ? 204 : 403,
    headers: {
      ...ownHeaders,
      ...(isAllowed ? allowed : {}),
      Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    },
  })
}
