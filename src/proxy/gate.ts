import type { Audit } from '../audit/event.ts'
import type { Identify } from '../identity/identify.ts'
import type { Instant } from '../lib/instant.ts'
import { decide } from '../policy/decide.ts'
import type { Policy } from '../policy/policy.ts'
import type { LiveSession, SessionEnd, SessionReading } from '../session/session.ts'
import { nameOfOrigin } from '../site/site.ts'
import type { Visit } from '../site/visit.ts'
import {
  ambiguous,
  askToLogIn,
  denied,
  foreign,
  loops,
  noRoute,
  noTrace,
  originFailed,
  unreadable,
} from './answers.ts'
import { cutWhenOver, isEventStream } from './event-stream.ts'
import { forward, type OriginFetch } from './forward.ts'
import { isLoop } from './loop.ts'
import { readReach, type Reach } from './reach.ts'
import { changeToVisitor } from './response-headers.ts'
import { limitServiceWorker } from './service-worker.ts'
import { createWatch, type Standing } from './standing.ts'
import { relayWebSocket } from './websocket.ts'

export type ReadSession = (request: Request, visit: Visit) => Promise<SessionReading>

export interface GateDeps {
  readonly readSession: ReadSession
  /** For answers that stay open: past every cache, and no sign of life of the visitor. */
  readonly readSessionAgain: ReadSession
  readonly revocationSeconds: number
  readonly identify: Identify
  readonly fetchOrigin: OriginFetch
  readonly audit: (visit: Visit) => Audit
  readonly clock: () => Instant
}

/** A request for the site behind: path → route → session → policy → origin. */
export async function gate(request: Request, visit: Visit, deps: GateDeps): Promise<Response> {
  const { site } = visit
  if (request.method === 'TRACE') return noTrace(request, visit)
  if (isLoop(request.headers, site)) {
    auditOrigin(visit, 'loop', deps)
    return loops(request, visit)
  }
  const reach = readReach(request, site, visit.url.pathname)
  switch (reach.kind) {
    case 'judged':
      return judge(request, visit, reach, deps)
    case 'ambiguous':
      return ambiguous(request, visit)
    case 'no-route':
      return noRoute(request, visit)
    case 'unreadable':
      return unreadable(request, visit, reach.header)
    case 'foreign':
      return foreign(request, visit, reach.header)
  }
}

type Judged = Extract<Reach, { kind: 'judged' }>

async function judge(
  request: Request,
  visit: Visit,
  reach: Judged,
  deps: GateDeps,
): Promise<Response> {
  const { policy } = reach
  const { site } = visit
  const reading = policy.kind === 'public' ? nobody : await deps.readSession(request, visit)
  const decision = decide(policy, reading, site.connections)

  switch (decision.kind) {
    case 'allow':
      return letIn(request, visit, { reach, live: decision.live }, deps)
    case 'login':
      auditEnd(visit, reading, deps)
      return askToLogIn(request, visit)
    case 'deny':
      auditDenial(visit, decision, deps)
      return denied(request, visit, decision.live)
  }
}

const nobody: SessionReading = { kind: 'none' }

/** To the origin and back. `live` is null on a public route. */
async function letIn(
  request: Request,
  visit: Visit,
  { reach, live }: { readonly reach: Judged; readonly live: LiveSession | null },
  deps: GateDeps,
): Promise<Response> {
  const identity = live && (await deps.identify(live, visit))
  const say = { identity, resources: reach.headers }
  const forwarded = await forward(request, visit, say, deps.fetchOrigin)
  if (!forwarded.ok) {
    const { status, reason } = forwarded.error
    auditOrigin(visit, reason, deps)
    return originFailed(request, visit, status)
  }
  const answer = forwarded.value
  const toVisitor = (headers: Headers, isProtected: boolean) => {
    changeToVisitor(headers, visit, { isProtected })
    limitServiceWorker(headers, visit.url, visit.site, reach.route)
  }
  if (!live) {
    const shown = new Response(answer.body, answer)
    toVisitor(shown.headers, false)
    return shown
  }
  const watch = createWatch(
    () => lookAgain(request, visit, reach.policy, live, deps),
    deps.revocationSeconds,
  )
  const { webSocket, body } = answer
  const stays = body && isEventStream(answer.headers)
  // An answer that was switched to another protocol cannot be made anew without its socket.
  const shown = webSocket
    ? relayWebSocket(webSocket, answer.headers, watch)
    : new Response(stays ? cutWhenOver(body, watch, visit.waitUntil) : body, answer)
  toVisitor(shown.headers, true)
  return shown
}

async function lookAgain(
  request: Request,
  visit: Visit,
  policy: Policy,
  { session }: LiveSession,
  deps: GateDeps,
): Promise<Standing> {
  const later: Visit = { ...visit, now: deps.clock() }
  const reading = await deps.readSessionAgain(request, later)
  const decision = decide(policy, reading, visit.site.connections)
  if (decision.kind === 'allow') return 'good'
  const { reason } = decision
  deps.audit(later)({
    kind: 'session-ended',
    site: visit.site.host,
    user: session.userId,
    session: session.id,
    reason,
  })
  return 'over'
}

const auditOrigin = (visit: Visit, reason: string, deps: GateDeps): void =>
  deps.audit(visit)({
    kind: 'origin-failed',
    site: visit.site.host,
    origin: nameOfOrigin(visit.site),
    reason,
  })

/** That a session ran out, or its cookie is of none, is everyday; that it was taken away is not. */
function auditEnd(visit: Visit, reading: SessionReading, deps: GateDeps): void {
  if (reading.kind !== 'ended' || !reading.session || !takenAway.has(reading.reason)) return
  const { id: session, userId: user, connection } = reading.session
  const { reason } = reading
  deps.audit(visit)({
    kind: 'session-refused',
    site: visit.site.host,
    connection,
    user,
    session,
    reason,
  })
}

const takenAway: ReadonlySet<SessionEnd> = new Set([
  'revoked',
  'user-disabled',
  'connection-disabled',
])

function auditDenial(
  visit: Visit,
  { live, reason }: { readonly live: LiveSession; readonly reason: string },
  deps: GateDeps,
): void {
  deps.audit(visit)({
    kind: 'access-denied',
    site: visit.site.host,
    user: live.session.userId,
    session: live.session.id,
    path: visit.url.pathname,
    reason,
  })
}
