import type { FormDeps, Incoming } from '../form/keep.ts'
import { readSent, useUp } from '../form/sent.ts'
import type { Identify } from '../identity/identify.ts'
import type { Instant } from '../lib/instant.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { isTokenInQuery, readCredential } from '../program/credential.ts'
import type { Arrival } from '../program/reader.ts'
import { readAsks } from '../policy/asks.ts'
import { decide } from '../policy/decide.ts'
import { toFacts, type Asks } from '../policy/facts.ts'
import { lacksDevice } from '../session/bound-cookie.ts'
import type { LiveSession, Session, SessionEnd, SessionReading } from '../session/session.ts'
import { nameOfOrigin } from '../site/site.ts'
import type { SiteVisit } from '../site/visit.ts'
import { askToLogIn } from './ask-to-log-in.ts'
import { mayEndByItself, watchedBody } from './body.ts'
import { stolenOf } from './device.ts'
import { forward, type OriginFetch } from './forward.ts'
import { isLoop } from './loop.ts'
import { isForOther } from './person.ts'
import type { Programs } from './program.ts'
import { readReach, type Reach } from './reach.ts'
import { loadMissing, refuse } from './refuse.ts'
import {
  barePreflight,
  isPreflight,
  isReading,
  isUpgrade,
  kindOf,
  mayOpenSockets,
} from './request-kind.ts'
import { changeHeaders } from './shown-headers.ts'
import type { Onlookers } from './timing.ts'
import type { Watch } from './watch.ts'
import type { Unsent } from './unsent.ts'
import { hearing, watchOver, type ReadSession, type WatchDeps } from './watch-over.ts'
import { relayWebSocket } from './websocket.ts'

export interface GateDeps extends WatchDeps {
  readonly readSession: ReadSession
  /** Loads what admits programs. */
  readonly findPrograms: () => Promise<Programs>
  readonly identify: Identify
  readonly fetchOrigin: OriginFetch
  /** One for all requests of this isolate. */
  readonly unsent: Unsent
  readonly forms: FormDeps
  readonly onlookers: Onlookers
  readonly endStolen: (session: Session, now: Instant) => Promise<unknown>
}

/** A request for the site behind: path → route → session → policy → origin. */
export async function gate(request: Request, visit: SiteVisit, deps: GateDeps): Promise<Response> {
  const { site } = visit
  if (request.method === 'TRACE') return refuse(request, visit, { kind: 'trace' })
  if (isLoop(request.headers, site)) {
    auditOrigin(visit, 'loop', deps)
    return refuse(request, visit, { kind: 'loop' })
  }
  if (isTokenInQuery(visit.url)) return refuse(request, visit, { kind: 'token-in-query' })
  const isForm = !isReading(request) && kindOf(request) === 'form'
  const read = isForm ? await readSent(request, visit, deps.forms) : { request, sent: null }
  return read ? routeRequest(read, visit, deps) : refuse(request, visit, { kind: 'form-spoilt' })
}

/** @param asked `request` is the original one, if a form is sent that the browser kept. */
async function routeRequest(asked: Incoming, visit: SiteVisit, deps: GateDeps): Promise<Response> {
  const { request } = asked
  const reach = readReach(request, visit.site, visit.url.pathname)
  if (reach.kind !== 'judged') return refuse(request, visit, reach)
  const isPublic = reach.policy.kind === 'public'
  const credential = isPublic ? null : readCredential(request.headers)
  return credential
    ? applyToProgram({ request, credential }, visit, reach, deps)
    : applyPolicy(asked, visit, reach, deps)
}

type Judged = Extract<Reach, { kind: 'judged' }>

async function applyPolicy(
  { request, sent }: Incoming,
  visit: SiteVisit,
  reach: Judged,
  deps: GateDeps,
): Promise<Response> {
  const { policy, methods } = reach
  const asks = readAsks(request, methods)
  const reading = policy.kind === 'public' ? nobody : await deps.readSession(request, visit)
  const decision = decide(policy, toFacts(reading, visit.site.connections, asks), visit.now)

  switch (decision.kind) {
    case 'allow': {
      const { live } = decision
      if (live && isForOther(request, live)) {
        auditDenial(visit, { live, reason: 'the request is for another person' }, deps)
        return refuse(request, visit, { kind: 'other-person' })
      }
      if (live && lacksDevice(visit.site, live, visit.now)) {
        auditDenial(visit, { live, reason: 'the session is not bound to a device' }, deps)
        return refuse(request, visit, { kind: 'device-needed' })
      }
      const refused = sent && (await useUp(sent, live, visit, deps.forms))
      if (refused) return refused
      return letIn(request, visit, { reach, asks, live }, deps)
    }
    case 'login':
      if (visit.site.preflights === 'pass' && isPreflight(request)) {
        const to = { reach: { ...reach, headers: [] }, asks, live: null }
        return letIn(barePreflight(request), visit, to, deps)
      }
      await endStolen(request, visit, reading, deps)
      auditEnd(visit, reading, deps)
      return askToLogIn(request, visit, { reading, sent, anew: null }, deps.forms)
    case 'anew':
      return askToLogIn(request, visit, { reading, sent, anew: decision.anew }, deps.forms)
    case 'deny':
      auditDenial(visit, { live: decision.live, reason: await loadMissing(decision.why) }, deps)
      return refuse(request, visit, decision)
  }
}

/** A program brings a token of ours. No cookie counts beside it. */
async function applyToProgram(
  arrival: Arrival,
  visit: SiteVisit,
  reach: Judged,
  deps: GateDeps,
): Promise<Response> {
  const { request } = arrival
  const asks = readAsks(request, reach.methods)
  const programs = await deps.findPrograms()
  const admitted = await programs.admit(arrival, visit, { policy: reach.policy, asks })
  if (!admitted.ok) return admitted.error
  const live = admitted.value
  const readSessionAgain = (_: Request, later: SiteVisit) => programs.again(arrival, later)
  const watching = { ...deps, readSessionAgain, noteLife: programs.alive }
  return letIn(request, visit, { reach, asks, live }, watching)
}

const nobody: SessionReading = { kind: 'none' }

interface Allowed {
  readonly reach: Judged
  readonly asks: Asks
  readonly live: LiveSession | null
}

/** Asks the origin and passes its answer on. `live` is null on a public route. */
async function letIn(
  request: Request,
  visit: SiteVisit,
  { reach, asks, live }: Allowed,
  deps: GateDeps,
): Promise<Response> {
  if (live && isUpgrade(request) && !mayOpenSockets(request, visit.site)) {
    auditDenial(visit, { live, reason: 'a WebSocket from a page of another origin' }, deps)
    return refuse(request, visit, { kind: 'foreign-page' })
  }
  const { meter } = visit
  const identity = live && (await meter.step('token', () => deps.identify(live, visit)))
  const say = { identity, resources: reach.headers }
  const { watch, verdict } = watchOver(request, visit, { policy: reach.policy, asks, live }, deps)
  const { fetchOrigin, onlookers } = deps
  const asking = { say, fetchOrigin, watch }
  const forwarded = await forward(request, visit, asking)
  if (!forwarded.ok) {
    const { error } = forwarded
    if (error.kind === 'failed') {
      auditOrigin(visit, error.reason, deps)
      return refuse(request, visit, { kind: 'origin-failed', status: error.status })
    }
    const found = verdict()
    if (found && live?.via) return (await deps.findPrograms()).end(request, visit, found)
    if (found?.kind === 'deny') return refuse(request, visit, found)
    if (found?.kind === 'login') {
      return askToLogIn(request, visit, { reading: nobody, sent: null, anew: null }, deps.forms)
    }
    if (found?.kind === 'anew') {
      const reading = { kind: 'live', live: found.live } as const
      return askToLogIn(request, visit, { reading, sent: null, anew: found.anew }, deps.forms)
    }
    throw new StoreUnavailable('D1', 'reading a standing again', null)
  }
  meter.pass()
  const answer = forwarded.value
  const shown = live ? showWatched(answer, visit, { live, watch }, deps) : showUnwatched(answer)
  changeHeaders(shown.headers, request, visit, { live, route: reach.route, onlookers })
  return shown
}

const showUnwatched = (answer: Response): Response => new Response(answer.body, answer)

/** The origin's answer, watched: it ends when the visitor's access ends. */
function showWatched(
  answer: Response,
  visit: SiteVisit,
  { live, watch }: { readonly live: LiveSession; readonly watch: Watch },
  deps: GateDeps,
): Response {
  const { webSocket, body, headers } = answer
  // An answer with a WebSocket cannot be copied like others, so it is relayed.
  if (webSocket) {
    const heard = hearing(visit, live, deps)
    const { unsent } = deps
    return relayWebSocket(webSocket, headers, { watch, heard, unsent, breakOff: visit.breakOff })
  }
  if (body && !mayEndByItself(headers, visit.site.downloads)) {
    return new Response(watchedBody(body, headers, watch), answer)
  }
  return showUnwatched(answer)
}

const auditOrigin = (visit: SiteVisit, reason: string, deps: GateDeps): void =>
  deps.audit(visit)({
    kind: 'origin-failed',
    site: visit.site.authority,
    origin: nameOfOrigin(visit.site),
    reason,
  })

/**
 * An operator wants to know of requests with a session that was taken away. An expired session or
 * an unknown cookie is an everyday event, and not recorded.
 */
function auditEnd(visit: SiteVisit, reading: SessionReading, deps: GateDeps): void {
  if (reading.kind !== 'ended' || !reading.session || !takenAway.has(reading.reason)) return
  const { id: session, userId: user, connection } = reading.session
  const { reason } = reading
  deps.audit(visit)({
    kind: 'session-refused',
    site: visit.site.authority,
    connection,
    user,
    session,
    reason,
  })
}

/** A stolen session ends, so that nobody tries it again. If D1 fails, the answer is 503. */
async function endStolen(
  request: Request,
  visit: SiteVisit,
  reading: SessionReading,
  deps: GateDeps,
): Promise<void> {
  const stolen = stolenOf(request, reading)
  if (!stolen) return
  // The event is on record also if the thief is gone by then.
  visit.waitUntil(visit.answered)
  await deps.endStolen(stolen, visit.now)
  const { id: session, userId: user, connection, site } = stolen
  deps.audit(visit)({ kind: 'theft-stopped', site, connection, user, session })
}

const takenAway: ReadonlySet<SessionEnd> = new Set([
  'revoked',
  'user-disabled',
  'connection-disabled',
])

function auditDenial(
  visit: SiteVisit,
  { live, reason }: { readonly live: LiveSession; readonly reason: string },
  deps: GateDeps,
): void {
  deps.audit(visit)({
    kind: 'access-denied',
    site: visit.site.authority,
    connection: live.session.connection,
    user: live.session.userId,
    session: live.session.id,
    path: visit.url.pathname,
    reason,
  })
}
