import type { LiveSession } from '../session/session.ts'
import type { Decision } from '../policy/decide.ts'
import type { Reach } from './reach.ts'

/** Why the gate does not pass a request on, with the facts that its answer says. */
export type GateRefusal =
  | {
      readonly kind:
        | 'trace'
        | 'loop'
        | 'token-in-query'
        | 'form-spoilt'
        | 'other-person'
        | 'device-needed'
        | 'foreign-page'
    }
  | Exclude<Reach, { readonly kind: 'judged' }>
  | Extract<Decision<LiveSession>, { readonly kind: 'deny' }>
  | { readonly kind: 'origin-failed'; readonly status: 502 | 504 }
