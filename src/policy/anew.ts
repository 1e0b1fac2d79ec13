import type { Instant } from '../lib/instant.ts'
import { explain, type Signed } from './explain.ts'
import { leavesOf } from './leaves.ts'
import type { Rule } from './policy.ts'

/** What to ask of the identity provider, so that the rule holds. */
export interface Anew {
  /** AuthnContextClassRefs, each of which is enough; null: any. */
  readonly contexts: readonly string[] | null
}

/** A way to sign in that no rule names. */
const OTHER = ''

/** null: the rule would not hold after another sign-in either. */
export function findAnew(rule: Rule, { person, asks }: Signed, now: Instant): Anew | null {
  const wouldHold = (authnContext: string) => {
    const again = { ...person, signedInAt: now, authnInstant: now, authnContext }
    return explain(rule, { person: again, asks }, now).holds === true
  }
  if (wouldHold(OTHER)) return { contexts: null }
  const contexts = [...new Set(contextsIn(rule))].filter(wouldHold)
  return contexts.length > 0 ? { contexts } : null
}

const contextsIn = (rule: Rule): readonly string[] =>
  leavesOf(rule).flatMap((leaf) => (leaf.kind === 'authn-context' ? leaf.classes : []))
