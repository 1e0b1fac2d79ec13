import { onDemand } from '../lib/part.ts'
import type { Visit } from '../site/visit.ts'
import type { LoginError, Refusal } from './error.ts'
import type { RefusedLogin, RefuseDeps } from './refused.ts'

const findRefused = onDemand('refused', () => import('./refused.ts'))

/** What explains a refusal loads with the first one. */
export async function refuseLogin(
  visit: Visit,
  refused: RefusedLogin,
  deps: RefuseDeps,
): Promise<Response> {
  const { answerRefused } = await findRefused()
  return answerRefused(visit, refused, deps)
}

/** A refusal before any assertion was verified, so it names no person. */
export const nobody = (error: LoginError): Refusal => ({ error, named: null, seen: null })
