/** CORS for the gate's own answers: which other origins' pages may read them (Fetch §3.3). */
import { ownHeaders } from '../lib/page.ts'
import type { SiteVisit } from '../site/visit.ts'

/**
 * A preflight never carries a cookie, so the gate would always refuse it. For the site's own origin
 * and its `corsOrigins` the gate answers in the origin's place; the request that follows still
 * needs a session. The origin's own answer to OPTIONS stays behind the gate.
 */
export function answerPreflight(request: Request, visit: SiteVisit): Response {
  const cors = corsHeaders(request, visit)
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

export function corsHeaders(request: Request, { site }: SiteVisit): Record<string, string> {
  const origin = request.headers.get('Origin')
  if (origin === null || (origin !== site.url && !site.corsOrigins.includes(origin))) return {}
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'WWW-Authenticate',
  }
}
