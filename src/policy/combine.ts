import type { Policy, Rule } from './policy.ts'

/** What all of the policies ask for together. */
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
