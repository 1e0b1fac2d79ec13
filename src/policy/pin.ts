import { describeRule } from './decide.ts'
import type { Policy, Rule } from './policy.ts'

/**
 * The parts of a policy that go by what an identity provider says, and do not say which one. The id
 * of a group is the directory's own, so no other directory has it.
 */
export const unpinnedParts = (policy: Policy): readonly string[] =>
  policy.kind === 'rule' ? unpinned(policy.rule) : []

function unpinned(rule: Rule): readonly string[] {
  switch (rule.kind) {
    case 'group':
    case 'email':
    case 'email-domain':
    case 'attribute':
      return rule.connection === null ? [describeRule(rule)] : []
    case 'any':
      return rule.of.flatMap(unpinned)
    case 'all':
      return rule.of.some(({ kind }) => kind === 'connection') ? [] : rule.of.flatMap(unpinned)
    case 'group-id':
    case 'connection':
      return []
  }
}
