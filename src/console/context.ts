/** The context of operations that an admin calls. */
import type { Context, Operator } from '../admin/context.ts'
import type { AdminDeps } from '../admin/part.ts'
import { workerContext } from '../admin/worker-context.ts'
import type { Visit } from '../site/visit.ts'

/** @param note a sentence for the admin, beside the result. */
export const contextOf = (
  operator: Operator,
  visit: Visit,
  deps: AdminDeps,
  note: (sentence: string) => void,
): Context =>
  workerContext(visit, deps, {
    operator,
    onUnaudited: (error) => {
      console.error(error.message)
      note('The change was made, but the audit could not keep it.')
    },
  })
