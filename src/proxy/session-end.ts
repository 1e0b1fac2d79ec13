/** Tells the pages of a site when the visitor's session ends, where the site asks for it. */
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import type { KnownHeaders } from '../lib/known-headers.ts'
import type { LiveSession } from '../session/session.ts'
import { corsHeaders } from '../site/cors.ts'
import type { SiteVisit } from '../site/visit.ts'

export const EXPIRES_HEADER = 'Gatehouse-Session-Expires'

/**
 * An HTTP-date (RFC 9110 §5.6.7), not a number of seconds: it stays true while the browser's own
 * cache keeps the answer. Only the gate may set this header, so the origin's is removed.
 *
 * @param live null on a public route, where nobody looks at the session.
 */
export function announceEnd(
  headers: KnownHeaders,
  request: Request,
  visit: SiteVisit,
  live: LiveSession | null,
): void {
  headers.delete(EXPIRES_HEADER)
  if (!live || !visit.site.announceSessionEnd) return
  headers.set(EXPIRES_HEADER, new Date(endOf(live, visit.now)).toUTCString())
  if ('Access-Control-Allow-Origin' in corsHeaders(request, visit.host)) {
    headers.append('Access-Control-Expose-Headers', EXPIRES_HEADER)
  }
}

/** When the session ends if this request is the visitor's last. */
const endOf = ({ session: { expiresAt, idleSeconds } }: LiveSession, now: Instant): Instant =>
  idleSeconds === null ? expiresAt : toInstant(Math.min(expiresAt, plusSeconds(now, idleSeconds)))
