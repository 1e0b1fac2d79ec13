import { areAmong } from './explain.ts'
import type { Policy, Rule, SettledPolicy } from './policy.ts'

/** @param methods every method that the origin may read in the request. */
export function settle(policy: Policy, methods: readonly string[]): SettledPolicy {
  if (policy.kind !== 'by-method') return policy
  return areAmong(methods, policy.methods) ? { kind: 'public' } : policy.otherwise
}

/** One policy that allows a session only if all the given policies allow it. */
export function allOf(policies: readonly SettledPolicy[]): SettledPolicy {
  const rules = new Map<string, Rule>()
  for (const policy of policies) {
    if (policy.kind === 'rule') rules.set(JSON.stringify(policy.rule), policy.rule)
  }
  const [rule, ...others] = rules.values()
  if (rule)
    return { kind: 'rule', rule: others.length > 0 ? { kind: 'all', of: [rule, ...others] } : rule }
  return { kind: policies.some(({ kind }) => kind === 'signed-in') ? 'signed-in' : 'public' }
}
