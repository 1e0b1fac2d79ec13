/** What the gate gives to the scripts of a site's pages: the client, and who is signed in. */
import { ownHeaders } from '../lib/page.ts'
import { toIso } from '../lib/instant.ts'
import type { SessionReader } from '../session/reader.ts'
import type { Session, SessionReading } from '../session/session.ts'
import { corsHeaders } from '../site/cors.ts'
import type { Visit } from '../site/visit.ts'
import { isUsable } from './begin.ts'
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

/**
 * Says who is signed in, to pages of this host and of its `corsOrigins`. To ask is no activity, so a
 * page that asks again and again stays idle.
 */
export async function meResponse(
  request: Request,
  visit: Visit,
  readSession: SessionReader,
): Promise<Response> {
  const reading = await readSession.again(request, visit)
  return Response.json(toMe(reading, visit), {
    headers: {
      ...ownHeaders,
      ...corsHeaders(request, visit.host),
      // Other hosts of the domain could load it as an image or a script, and measure its length.
      'Cross-Origin-Resource-Policy': 'same-origin',
      Vary: 'Cookie, Origin',
    },
  })
}

function toMe(reading: SessionReading, visit: Visit): Readonly<Record<string, unknown>> {
  if (reading.kind === 'live' && isUsable(reading, visit)) {
    const { userId, userName, email, displayName, expiresAt } = reading.live.session
    const person = { id: userId, userName, email, name: displayName }
    return { signedIn: true, ...person, expires: toIso(expiresAt) }
  }
  return { signedIn: false, id: endedOf(reading)?.userId ?? null }
}

/** The session that has ended: a page may have been opened with it. */
const endedOf = (reading: SessionReading): Session | null =>
  reading.kind === 'ended' ? reading.session : null
