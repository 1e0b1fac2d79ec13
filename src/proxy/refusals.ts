import { spoiltPage } from '../form/pages.ts'
import type { SiteVisit } from '../site/visit.ts'
import {
  ambiguous,
  foreign,
  foreignPage,
  loops,
  noRoute,
  noTrace,
  originFailed,
  otherPerson,
  tokenInQuery,
  unreadable,
} from './answers.ts'
import { denied } from './denied.ts'
import { deviceNeeded } from './device-needed.ts'
import type { GateRefusal } from './refusal.ts'

export { describeMissing } from '../policy/describe.ts'
export { refuseUntilLogin } from './login-answers.ts'

/** What each refusal says. */
export function answerRefusal(
  request: Request,
  visit: SiteVisit,
  refusal: GateRefusal,
): Response | Promise<Response> {
  switch (refusal.kind) {
    case 'trace':
      return noTrace(request, visit)
    case 'loop':
      return loops(request, visit)
    case 'token-in-query':
      return tokenInQuery(request, visit)
    case 'form-spoilt':
      return spoiltPage(visit)
    case 'ambiguous':
      return ambiguous(request, visit)
    case 'no-route':
      return noRoute(request, visit)
    case 'unreadable':
      return unreadable(request, visit, refusal.header)
    case 'foreign':
      return foreign(request, visit, refusal.header)
    case 'other-person':
      return otherPerson(request, visit)
    case 'device-needed':
      return deviceNeeded(request, visit)
    case 'foreign-page':
      return foreignPage(request, visit)
    case 'deny':
      return denied(request, visit, refusal)
    case 'origin-failed':
      return originFailed(request, visit, refusal.status)
  }
}
