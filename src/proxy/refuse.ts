/** What the gate answers itself. Pages and texts load when the first is needed. */
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

/** For a visitor who must sign in, where a redirect is no help. */
export const answerLogin = async (
  request: Request,
  visit: SiteVisit,
  asking: Asking,
  forms: FormDeps,
): Promise<Response> => (await findRefusals()).answerLogin(request, visit, asking, forms)

/** For the audit. It has its event also where the words for it do not load. */
export async function loadReason(denial: Denial): Promise<string> {
  if (denial.kind === 'login') return denial.reason
  const refusals = await findRefusals().catch(() => null)
  return refusals ? refusals.reasonOf(denial) : 'needs what a rule asks for'
}
