/** What the gate answers itself. Pages and texts load when the first is needed, not to pass a request on. */
import type { FormDeps } from '../form/keep.ts'
import { onDemand } from '../lib/part.ts'
import type { SiteVisit } from '../site/visit.ts'
import type { Asking } from './login-path.ts'
import type { Denial } from './reason.ts'
import type { Refusal } from './refusal.ts'

const findRefusals = onDemand('refusals', () => import('./refusals.ts'))

export const refuse = async (
  request: Request,
  visit: SiteVisit,
  refusal: Refusal,
): Promise<Response> => (await findRefusals()).answerRefusal(request, visit, refusal)

/** To a visitor who must sign in, and whom a redirect does not help. */
export const answerLogin = async (
  request: Request,
  visit: SiteVisit,
  asking: Asking,
  forms: FormDeps,
): Promise<Response> => (await findRefusals()).answerLogin(request, visit, asking, forms)

/** For the audit. */
export const reasonOf = async (denial: Denial): Promise<string> =>
  (await findRefusals()).reasonOf(denial)
