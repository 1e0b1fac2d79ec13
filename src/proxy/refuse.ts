/** What the gate answers itself. Pages and texts load when the first is needed. */
import type { FormDeps } from '../form/keep.ts'
import { onDemand } from '../lib/part.ts'
import type { Explained } from '../policy/explain.ts'
import type { SiteVisit } from '../site/visit.ts'
import type { Asking } from './login-path.ts'
import type { GateRefusal } from './refusal.ts'

const findRefusals = onDemand('refusals', () => import('./refusals.ts'))

export const refuse = async (
  request: Request,
  visit: SiteVisit,
  refusal: GateRefusal,
): Promise<Response> => (await findRefusals()).answerRefusal(request, visit, refusal)

/** For a visitor who must sign in, where a redirect is no help. */
export const refuseUntilLogin = async (
  request: Request,
  visit: SiteVisit,
  asking: Asking,
  forms: FormDeps,
): Promise<Response> => (await findRefusals()).refuseUntilLogin(request, visit, asking, forms)

/**
 * The missing part, for the audit. If the words for it do not load, the audit has the event all the
 * same, and says only that the rule is not met.
 */
export async function loadMissing(why: Explained): Promise<string> {
  const refusals = await findRefusals().catch(() => null)
  return refusals ? `needs ${refusals.describeMissing(why)}` : 'the rule of the route is not met'
}
