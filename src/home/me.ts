/** Tells programs on the site which person is signed in. */
import { groupsToTell } from '../identity/told.ts'
import { toIso } from '../lib/instant.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { HOME_PATH } from '../lib/paths.ts'
import { readAsks } from '../policy/asks.ts'
import { liveAt, type SessionReading } from '../session/session.ts'
import { corsHeaders } from '../site/cors.ts'
import type { Visit } from '../site/visit.ts'
import type { HomeDeps } from './deps.ts'
import { openSites } from './open-sites.ts'

/**
 * Pages of this host and of its `corsOrigins` may read it. To ask is no activity, so a page that
 * asks again and again stays idle.
 */
export async function meResponse(
  request: Request,
  visit: Visit,
  deps: HomeDeps,
): Promise<Response> {
  const reading = await deps.readSession.again(request, visit)
  return Response.json(toMe(reading, request, visit, deps), {
    headers: {
      ...ownHeaders,
      ...corsHeaders(request, visit.host),
      // Other hosts of the domain could load it as an image or a script, and measure its length.
      'Cross-Origin-Resource-Policy': 'same-origin',
      Vary: 'Cookie, Origin',
    },
  })
}

function toMe(
  reading: SessionReading,
  request: Request,
  { host, now }: Visit,
  { sites, loginHost }: HomeDeps,
): Readonly<Record<string, unknown>> {
  const live = liveAt(reading, host.connections)
  if (!live) {
    // A page may have been opened with the session that has ended.
    const ended = reading.kind === 'ended' ? reading.session : null
    return { signedIn: false, id: ended?.userId ?? null }
  }
  const { userId, userName, email, displayName, signedInAt, expiresAt } = live.session
  const open = openSites(sites, { live, asks: readAsks(request, ['GET']), now })
  return {
    signedIn: true,
    id: userId,
    userName,
    email,
    name: displayName,
    groups: groupsToTell(live.groups),
    signedInSince: toIso(signedInAt),
    expires: toIso(expiresAt),
    sites: open.map(({ name, description, url }) => ({ name, description, url })),
    home: loginHost.url + HOME_PATH,
  }
}
