/** The headers of an answer of the origin, as the visitor gets them. */
import { knowNames } from '../lib/known-headers.ts'
import type { LiveSession } from '../session/session.ts'
import type { Route } from '../site/site.ts'
import type { SiteVisit } from '../site/visit.ts'
import { changeToVisitor } from './response-headers.ts'
import { limitServiceWorker } from './service-worker.ts'
import { announceEnd } from './session-end.ts'
import { showTimes, type Onlookers } from './timing.ts'

export interface Shown {
  /** null on a public route. */
  readonly live: LiveSession | null
  readonly route: Route
  readonly onlookers: Onlookers
}

export function changeHeaders(
  shown: Headers,
  request: Request,
  visit: SiteVisit,
  { live, route, onlookers }: Shown,
): void {
  const headers = knowNames(shown)
  changeToVisitor(headers, visit, { isProtected: live !== null, isProgram: !!live?.via })
  limitServiceWorker(headers, visit.url, visit.site, route)
  announceEnd(headers, request, visit, live)
  showTimes(headers, request, visit, { live, onlookers })
}
