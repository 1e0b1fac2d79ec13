/** The first step of a sign-in: choose the connection, then send the browser to its IdP. */
import type { Connection } from '../connection/connection.ts'
import { forEmail, offered, parseEmail } from '../connection/discovery.ts'
import { listConnections } from '../connection/store.ts'
import { ownHeaders } from '../lib/page.ts'
import type { SessionReader, SessionStores } from '../session/reader.ts'
import type { SessionReading } from '../session/session.ts'
import type { Visit } from '../site/visit.ts'
import { choosePage, loginUrl, noConnectionPage, onwardPage } from './pages.ts'
import { isGivenInVain, readPending } from './pending.ts'
import { nobody, refuseLogin, type RefuseDeps } from './refuse.ts'
import { readRemembered } from './remembered.ts'
import { toUrl, type ReturnTo } from './return-to.ts'
import { startLogin, type StartDeps } from './start.ts'
import { keepTie } from './window-pages.ts'

export interface Begin {
  readonly returnTo: ReturnTo
  /** The id of a connection; null: the request names none. */
  readonly connection: string | null
  /** The email address that the person typed or the site gave (`login_hint`); null: none. */
  readonly email: string | null
  /** Whether the IdP must ask the person to sign in again, even if they are signed in there. */
  readonly isFresh: boolean
  /**
   * `form`: the browser posted a form of this site. `link`: it followed a link or the gate's
   * redirect, and a page of ours must still pick up the fragment of its address; or it posted a
   * form of another site. `onward`: any other request.
   */
  readonly by: 'link' | 'form' | 'onward'
}

export interface BeginDeps extends StartDeps, RefuseDeps {
  readonly stores: SessionStores
  readonly readSession: SessionReader
}

export async function beginLogin(
  request: Request,
  visit: Visit,
  begin: Begin,
  deps: BeginDeps,
): Promise<Response> {
  if (!isNavigation(request)) return notNavigation(visit.requestId)
  const response = await answer(request, visit, begin, deps)
  return keepTie(response, request, visit.host, begin.returnTo)
}

/**
 * Whether a person opens this address in a tab or window, according to the browser (Fetch Metadata
 * §2). Otherwise an image or a frame of another site could begin logins until the person's own
 * login is pushed out of the browser's cookies.
 */
function isNavigation({ headers }: Request): boolean {
  const mode = headers.get('Sec-Fetch-Mode')
  if (mode === null) return true
  const isDocument = mode === 'navigate' && headers.get('Sec-Fetch-Dest') === 'document'
  return isDocument && !headers.get('Sec-Purpose')?.includes('prefetch')
}

const notNavigation = (requestId: string): Response =>
  Response.json(
    {
      error: 'not-a-navigation',
      message: 'Sign-in begins in a tab or window of its own. Open this address there.',
      requestId,
    },
    { status: 403, headers: ownHeaders },
  )

async function answer(
  request: Request,
  visit: Visit,
  { returnTo, connection, email, isFresh, by }: Begin,
  deps: BeginDeps,
): Promise<Response> {
  const { requestId, host, now } = visit
  const connections = offered(await listConnections(deps.stores.db), host.connections)
  if (connections.length === 0) return noConnectionPage(requestId)
  const known = email === null ? null : parseEmail(email)
  const isListed = host.choice === 'list'
  const chosen =
    connections.find(({ id }) => id === connection) ??
    (email === null ? null : forEmail(connections, email, isListed)) ??
    (connections.length === 1 ? connections[0] : null) ??
    null
  if (by === 'link') {
    return onwardPage(requestId, loginUrl(chosen?.id ?? null, returnTo, isFresh, known))
  }
  if (!chosen) {
    const last = readRemembered(request.headers, connections)
    return choosePage({
      requestId,
      last,
      listed: isListed ? connections.filter((each) => each !== last) : [],
      isEmailAsked: !isListed || connections.some(({ domains }) => domains.length > 0),
      returnTo,
      isFresh,
      unknownEmail: by === 'form' ? (email?.slice(0, 320) ?? null) : null,
    })
  }
  const others = await readPending(request.headers, deps.sealer, visit)
  if (!isFresh && isGivenInVain(others, now)) {
    const reading = await deps.readSession(request, visit)
    if (isUsable(reading, visit)) {
      const headers = { ...ownHeaders, Location: toUrl(host.url, returnTo) }
      return new Response(null, { status: 303, headers })
    }
    const found = reading.kind === 'ended' ? reading.reason : reading.kind
    const error = { reason: 'session-not-kept', found } as const
    return refuseLogin(visit, { connection: chosen, refusal: nobody(error), returnTo }, deps)
  }
  // Any page and any email can link to this address, but only the person can send a form of this
  // site. So every other login is treated as one that another site may have begun.
  const ask = {
    connection: isFresh ? askedAnew(chosen) : chosen,
    returnTo,
    email: known,
    isForm: by === 'form',
    isForeign: by !== 'form',
    others,
  }
  return startLogin(request, visit, ask, deps)
}

/** Whether the session counts at this host: it is live, and the host accepts its connection. */
export const isUsable = (reading: SessionReading, { host }: Visit): boolean =>
  reading.kind === 'live' &&
  (host.connections === null || host.connections.includes(reading.live.session.connection))

const askedAnew = (connection: Connection): Connection => ({
  ...connection,
  settings: { ...connection.settings, forceAuthn: true },
})
