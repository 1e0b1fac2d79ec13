import { onDemand } from '../lib/part.ts'
import type { Visit } from '../site/visit.ts'
import type { LoginError, Refusal } from './error.ts'
import { tellRefused, toTold, type RefusedLogin, type RefuseDeps } from './told.ts'

const findRefused = onDemand('refused', () => import('./refused.ts'))

/** The words for a refusal load with the first one. The operator finds its reason without them, too. */
export async function refuseLogin(
  visit: Visit,
  refused: RefusedLogin,
  deps: RefuseDeps,
): Promise<Response> {
  const { answerRefused } = await findRefused().catch((fault: unknown) => {
    tellRefused(visit, refused, toTold(refused.refusal, null), deps)
    throw fault
  })
  return answerRefused(visit, refused, deps)
}

/** A refusal before any assertion was verified, so it names no person. */
export const nobody = (error: LoginError): Refusal => ({ error, named: null, seen: null })
