/** What is looked at again while a request is open, and what counts as a visitor's sign of life. */
import type { Audit } from '../audit/event.ts'
import { plusSeconds, secondsBetween, type Instant } from '../lib/instant.ts'
import { decide, type Decision } from '../policy/decide.ts'
import type { Policy } from '../policy/policy.ts'
import type { LiveSession, SessionReading } from '../session/session.ts'
import { touchSeconds } from '../session/standing.ts'
import type { SiteVisit } from '../site/visit.ts'
import { lateAfterSeconds } from './forward.ts'
import { startWatch, type VisitState, type Watch } from './watch.ts'

export type ReadSession = (request: Request, visit: SiteVisit) => Promise<SessionReading>

export interface WatchDeps {
  /** Past every cache, and no sign of life of the visitor. */
  readonly readSessionAgain: ReadSession
  /** Notes that the visitor lives, if that is due. Gives when it is known to have lived last. */
  readonly noteLife: (live: LiveSession, visit: SiteVisit) => Instant
  readonly revocationSeconds: number
  readonly audit: (visit: SiteVisit) => Audit
  readonly clock: () => Instant
}

export interface Watched {
  readonly watch: Watch
  /** What was decided when the standing was looked at last; null: it was not, or could not be. */
  readonly verdict: () => Decision | null
}

/** From before the origin is asked, so that an upload is watched like an answer. */
export function watchOver(
  request: Request,
  visit: SiteVisit,
  policy: Policy,
  live: LiveSession | null,
  deps: WatchDeps,
): Watched {
  const { revocationSeconds } = deps
  let verdict: Decision | null = null

  async function look(session: LiveSession['session']): Promise<VisitState> {
    const later: SiteVisit = { ...visit, now: deps.clock() }
    verdict = null
    verdict = decide(policy, await deps.readSessionAgain(request, later), visit.site.connections)
    if (verdict.kind === 'allow') return 'good'
    const { reason } = verdict
    deps.audit(later)({
      kind: 'session-ended',
      site: visit.site.authority,
      user: session.userId,
      session: session.id,
      reason,
    })
    return 'over'
  }

  const watch = startWatch({
    look: live && (() => look(live.session)),
    firstAfterSeconds: live ? leftOf(live, visit.now, revocationSeconds) : 0,
    everySeconds: revocationSeconds,
    lateAfterSeconds: lateAfterSeconds(request),
  })
  return { watch, verdict: () => verdict }
}

/** A clock that was set back must not put the look off. */
const leftOf = ({ readAt }: LiveSession, now: Instant, seconds: number): number =>
  Math.max(0, seconds - Math.abs(secondsBetween(readAt, now)))

/** What the visitor sends on a WebSocket is a sign of life, as a request is; noted as seldom. */
export function hearing(visit: SiteVisit, live: LiveSession, deps: WatchDeps): () => void {
  const { idleSeconds } = live.session
  let notedAt: Instant | null = null
  return () => {
    const now = deps.clock()
    if (notedAt !== null && now < plusSeconds(notedAt, touchSeconds(idleSeconds))) return
    notedAt = deps.noteLife(live, { ...visit, now })
  }
}
