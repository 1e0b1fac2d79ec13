import type { Leaf, Policy, Rule } from './policy.ts'

/** The rule that a policy has for some method; null: it has none. */
export function ruleOf(policy: Policy): Rule | null {
  const settled = policy.kind === 'by-method' ? policy.otherwise : policy
  return settled.kind === 'rule' ? settled.rule : null
}

/** The parts of a rule that have no parts themselves. */
export function leavesOf(rule: Rule): readonly Leaf[] {
  switch (rule.kind) {
    case 'any':
    case 'all':
      return rule.of.flatMap(leavesOf)
    case 'not':
    case 'named':
      return leavesOf(rule.rule)
    default:
      return [rule]
  }
}
