import { describeRule } from './decide.ts'
import type { Policy, Rule } from './policy.ts'

/**
 * The rules that depend on an IdP's claims but do not name a connection, in words. A group id is
 * excluded: Gatehouse makes these ids, so no other directory has the same one.
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
