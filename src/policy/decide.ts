import type { Instant } from '../lib/instant.ts'
import { findAnew, type Anew } from './anew.ts'
import type { Facts, Nobody } from './facts.ts'
import { explain, type Explained } from './explain.ts'
import type { SettledPolicy } from './policy.ts'

/** `why` is the rule, explained part by part; null: the policy has no rule. */
export type Decision<Live = unknown> =
  /** `live` is null on a public route: sessions are not read there. */
  | { readonly kind: 'allow'; readonly live: Live | null; readonly why: Explained | null }
  | { readonly kind: 'login'; readonly reason: Nobody['reason'] }
  /** Another sign-in would let the person in. */
  | { readonly kind: 'anew'; readonly live: Live; readonly why: Explained; readonly anew: Anew }
  | { readonly kind: 'deny'; readonly live: Live; readonly why: Explained }

/** May this person make this request. A missing fact lets nobody in. */
export function decide<Live>(
  policy: SettledPolicy,
  facts: Facts<Live>,
  now: Instant,
): Decision<Live> {
  if (policy.kind === 'public') return { kind: 'allow', live: null, why: null }
  const { who, asks } = facts
  if (who.kind === 'nobody') return { kind: 'login', reason: who.reason }
  const { person, live } = who
  switch (policy.kind) {
    case 'signed-in':
      return { kind: 'allow', live, why: null }
    case 'rule': {
      const why = explain(policy.rule, { person, asks }, now)
      if (why.holds === true) return { kind: 'allow', live, why }
      const anew = findAnew(policy.rule, { person, asks }, now)
      return anew ? { kind: 'anew', live, why, anew } : { kind: 'deny', live, why }
    }
  }
}
