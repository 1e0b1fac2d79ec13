/** The first step of a sign-in: choose the connection, then send the browser to its IdP. */
import type { Connection } from '../connection/connection.ts'
import { forEmail, offered, parseEmail } from '../connection/discovery.ts'
import { listConnections } from '../connection/store.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { onDemand } from '../lib/part.ts'
import { isNavigation } from '../lib/same-origin.ts'
import type { SessionReader, SessionStores } from '../session/reader.ts'
import { liveAt, type SessionReading } from '../session/session.ts'
import type { Visit } from '../site/visit.ts'
import { isLoginHost } from '../site/host.ts'
import { leaveForLogin } from './leave.ts'
import { anewOf, type Fresh } from './fresh.ts'
import { choosePage, loginUrl, noConnectionPage, onwardPage } from './pages.ts'
import { passOn } from './pass-on.ts'
import { isGivenInVain, readPending, type PendingLogin } from './pending.ts'
import { nobody, refuseLogin } from './refuse.ts'
import { readRemembered } from './remembered.ts'
import { toUrl, type ReturnTo } from './return-to.ts'
import { seeOther } from './see-other.ts'
import type { StartDeps } from './start.ts'
import { targetOf } from './target.ts'
import type { RefuseDeps } from './told.ts'
import { keepTie } from './window-pages.ts'

/** It writes SAML, which no page before the IdP needs. */
const findStart = onDemand('start', () => import('./start.ts'))

export interface Begin {
  readonly returnTo: ReturnTo
  /** The id of a connection; null: the request names none. */
  readonly connection: string | null
  /** The email address that the person typed or the site gave (`login_hint`); null: none. */
  readonly email: string | null
  readonly fresh: Fresh
  /** Whether the person confirmed to continue to another host with the same account. */
  readonly isConfirmed: boolean
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
  // Otherwise an image or a frame of another site could begin logins until the person's own login is
  // pushed out of the browser's cookies.
  if (!isNavigation(request)) return notNavigation(visit.requestId)
  const response = await answer(request, visit, begin, deps)
  return keepTie(response, request, visit.host, begin.returnTo)
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
  begin: Begin,
  deps: BeginDeps,
): Promise<Response> {
  const { returnTo, connection, email, fresh, isConfirmed, by } = begin
  const { host } = visit
  const { hosts } = deps
  if (!isLoginHost(host, hosts)) return leave(request, visit, begin, deps)
  const target = targetOf(returnTo, hosts)
  if (target && fresh === false) {
    const isForm = by === 'form'
    const passed = await passOn(request, visit, { target, connection, isForm, isConfirmed }, deps)
    if (passed) return passed
  }
  const known = email === null ? null : parseEmail(email)
  // The page leads on to this address with `go=1`, where the connections are read.
  if (by === 'link') return onwardPage(visit, loginUrl(connection, returnTo, fresh, known))
  const wanted = target?.host ?? host
  const connections = offered(await listConnections(deps.stores.db), wanted.connections)
  if (connections.length === 0) return noConnectionPage(visit)
  const isListed = wanted.choice === 'list'
  const chosen =
    connections.find(({ id }) => id === connection) ??
    (email === null ? null : forEmail(connections, email, isListed)) ??
    (connections.length === 1 ? connections[0] : null) ??
    null
  if (!chosen) {
    const last = readRemembered(request.headers, connections)
    return choosePage(visit, {
      last,
      listed: isListed ? connections.filter((each) => each !== last) : [],
      isEmailAsked: !isListed || connections.some(({ domains }) => domains.length > 0),
      returnTo,
      isFresh: fresh !== false,
      unknownEmail: by === 'form' ? (email?.slice(0, 320) ?? null) : null,
    })
  }
  const others = await readPending(request.headers, deps.sealer, visit)
  const stopped = await stopRounds(request, visit, { ...begin, chosen, others }, deps)
  if (stopped) return stopped
  // Any page and any email can link to this address, but only the person can send a form of this
  // site. So every other login is treated as one that another site may have begun.
  const ask = {
    connection: chosen,
    returnTo,
    fresh,
    email: known,
    isForm: by === 'form',
    isForeign: by !== 'form',
    others,
  }
  const { startLogin } = await findStart()
  return startLogin(request, visit, ask, deps)
}

/** At a host that leaves sign-in to the login host. */
async function leave(
  request: Request,
  visit: Visit,
  begin: Begin,
  deps: BeginDeps,
): Promise<Response> {
  const { returnTo, connection, email, fresh, by } = begin
  const hint = email === null ? null : parseEmail(email)
  if (by === 'link') {
    return onwardPage(visit, loginUrl(connection, returnTo, fresh, hint))
  }
  const others = await readPending(request.headers, deps.sealer, visit)
  const stopped = await stopRounds(request, visit, { ...begin, chosen: null, others }, deps)
  const ask = { returnTo, connection, fresh, isForm: by === 'form' }
  return stopped ?? leaveForLogin(request, visit, { ...ask, email: hint, others }, deps)
}

interface Rounds extends Begin {
  readonly chosen: Connection | null
  readonly others: readonly PendingLogin[]
}

/** null: this browser keeps the sessions that it is given. */
async function stopRounds(
  request: Request,
  visit: Visit,
  { fresh, returnTo, chosen, others }: Rounds,
  deps: BeginDeps,
): Promise<Response | null> {
  if (fresh === true || !isGivenInVain(others, visit.now)) return null
  const reading = await deps.readSession(request, visit)
  const connection = chosen ?? connectionIn(reading)
  if (anewOf(fresh) !== null) {
    const refusal = nobody({ reason: 'anew-in-vain' })
    return refuseLogin(visit, { connection, refusal, returnTo }, deps)
  }
  if (liveAt(reading, visit.host.connections) && !targetOf(returnTo, deps.hosts)) {
    return seeOther(toUrl(visit.host.url, returnTo))
  }
  const found = reading.kind === 'ended' ? reading.reason : reading.kind
  const error = { reason: 'session-not-kept', found } as const
  return refuseLogin(visit, { connection, refusal: nobody(error), returnTo }, deps)
}

/** The id of the connection of the session that was read, whether it counts or has ended. */
function connectionIn(reading: SessionReading): string | null {
  const session = reading.kind === 'live' ? reading.live.session : null
  return (reading.kind === 'ended' ? reading.session : session)?.connection ?? null
}
