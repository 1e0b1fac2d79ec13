import type { Decision } from '../policy/decide.ts'
import { describeMissing } from '../policy/describe.ts'

export type Denial = Exclude<Decision, { readonly kind: 'allow' }>

/** For the audit. */
export const reasonOf = (decision: Denial): string =>
  decision.kind === 'login' ? decision.reason : `needs ${describeMissing(decision.why)}`
