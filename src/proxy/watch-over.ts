/**
 * Checks the visitor's access again while a request is open, and records WebSocket messages as
 * activity.
 */
import type { Audit } from '../audit/event.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import { decide, type Decision } from '../policy/decide.ts'
import { toFacts, type Asks } from '../policy/facts.ts'
import type { SettledPolicy } from '../policy/policy.ts'
import type { LiveSession, SessionReading } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import { lateAfterSeconds } from './forward.ts'
import { loadMissing } from './refuse.ts'
import { startWatch, type VisitState, type Watch } from './watch.ts'

export type ReadSession = (request: Request, visit: SiteVisit) => Promise<SessionReading>

export interface WatchDeps {
  /** Reads the session past every cache. This reading is not an activity of the visitor. */
  readonly readSessionAgain: ReadSession
  /**
   * Records an activity of the visitor, for the idle limit, if that is due.
   *
   * @returns when the next is due.
   */
  readonly noteLife: (live: LiveSession, visit: SiteVisit) => Instant
  readonly revocationSeconds: number
  readonly audit: (visit: SiteVisit) => Audit
  readonly clock: () => Instant
}

export interface Watched {
  readonly watch: Watch
  /** The decision of the last check; null: there was no check yet, or it failed. */
  readonly verdict: () => Decision<LiveSession> | null
}

/** What the decision was made of, for the next one. */
export interface Judging {
  readonly policy: SettledPolicy
  readonly asks: Asks
  readonly live: LiveSession | null
}

/** Checks the access while the request is open, by a new reading of the session. */
export function watchOver(
  request: Request,
  visit: SiteVisit,
  { policy, asks, live }: Judging,
  deps: WatchDeps,
): Watched {
  const { clock, revocationSeconds } = deps
  let verdict: Decision<LiveSession> | null = null
  let readAt = live ? live.readAt : visit.now

  async function look(session: LiveSession['session']): Promise<VisitState> {
    const later: SiteVisit = { ...visit, now: clock() }
    verdict = null
    const reading = await deps.readSessionAgain(request, later)
    verdict = decide(policy, toFacts(reading, visit.site.connections, asks), later.now)
    if (verdict.kind === 'allow') {
      readAt = later.now
      return 'good'
    }
    const reason = verdict.kind === 'login' ? verdict.reason : await loadMissing(verdict.why)
    deps.audit(later)({
      kind: 'session-ended',
      site: visit.site.authority,
      connection: session.connection,
      user: session.userId,
      session: session.id,
      reason,
    })
    return 'over'
  }

  const watch = startWatch({
    look: live && (() => look(live.session)),
    leftSeconds: () => leftOf(readAt, clock(), revocationSeconds),
    everySeconds: revocationSeconds,
    isSending: request.body !== null,
    lateAfterSeconds: lateAfterSeconds(request, visit.site),
  })
  return { watch, verdict: () => verdict }
}

/** 0 where the clock was set back, because nobody knows how old the reading is then. */
function leftOf(readAt: Instant, now: Instant, seconds: number): number {
  const age = secondsBetween(readAt, now)
  return age < 0 ? 0 : Math.max(0, seconds - age)
}

/**
 * A message from the visitor on a WebSocket is an activity, like a request, and is recorded as
 * rarely.
 */
export function hearing(visit: SiteVisit, live: LiveSession, deps: WatchDeps): () => void {
  let due: Instant | null = null
  return () => {
    const now = deps.clock()
    if (due === null || now >= due) due = deps.noteLife(live, { ...visit, now })
  }
}
