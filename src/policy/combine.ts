import type { Policy, Rule } from './policy.ts'

/** One policy that allows a session only if all the given policies allow it. */
export function allOf(policies: readonly Policy[]): Policy {
  const rules = new Map<string, Rule>()
  for (const policy of policies) {
    if (policy.kind === 'rule') rules.set(JSON.stringify(policy.rule), policy.rule)
  }
  const [rule, ...others] = rules.values()
  if (rule)
    return { kind: 'rule', rule: others.length > 0 ? { kind: 'all', of: [rule, ...others] } : rule }
  return { kind: policies.some(({ kind }) => kind === 'signed-in') ? 'signed-in' : 'public' }
}
