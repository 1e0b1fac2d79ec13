import { ruleOf } from './leaves.ts'
import type { Leaf, Policy, Rule } from './policy.ts'

/**
 * The rules that depend on an IdP's claims but do not name a connection, in words. A group id is
 * excluded: Gatehouse makes these ids, so no other directory has the same one.
 */
export function unpinnedParts(policy: Policy): readonly string[] {
  const rule = ruleOf(policy)
  return rule ? unpinned(rule) : []
}

function unpinned(rule: Rule): readonly string[] {
  switch (rule.kind) {
    case 'group':
    case 'email':
    case 'email-domain':
    case 'attribute':
    case 'has-attribute':
      return rule.connection === null ? [claimIn(rule)] : []
    case 'authn-context':
      return [claimIn(rule)]
    case 'any':
      return rule.of.flatMap(unpinned)
    case 'all':
      return rule.of.some(isPin) ? [] : rule.of.flatMap(unpinned)
    case 'not':
    case 'named':
      return unpinned(rule.rule)
    default:
      return []
  }
}

/**
 * The rule as `describeRule` says it in English. The texts of `describeRule` are for visitors, and
 * load later than a config.
 */
function claimIn(rule: Extract<Leaf, { readonly kind: Claim }>): string {
  switch (rule.kind) {
    case 'group':
      return `group ${rule.name}`
    case 'email':
      return `email ${rule.email}`
    case 'email-domain':
      return `an email at ${rule.domain}`
    case 'attribute':
      return `attribute ${rule.name} = ${rule.values.join(' or ')}`
    case 'has-attribute':
      return `attribute ${rule.name}`
    case 'authn-context':
      return `sign-in by ${rule.classes.join(' or ')}`
  }
}

type Claim = 'group' | 'email' | 'email-domain' | 'attribute' | 'has-attribute' | 'authn-context'

/** The connections whose people can meet the rule; null: people of any connection can. */
export function connectionsOf(rule: Rule): readonly string[] | null {
  switch (rule.kind) {
    case 'connection':
    case 'group':
    case 'group-id':
    case 'email':
    case 'email-domain':
    case 'attribute':
    case 'has-attribute':
      return rule.connection === null ? null : [rule.connection]
    case 'named':
      return connectionsOf(rule.rule)
    case 'any': {
      const parts = rule.of.map(connectionsOf)
      return parts.every((part) => part !== null) ? parts.flat() : null
    }
    case 'all':
      return rule.of
        .map(connectionsOf)
        .reduce(
          (all, part) => (all && part ? all.filter((id) => part.includes(id)) : (all ?? part)),
          null,
        )
    default:
      return null
  }
}

const isPin = (rule: Rule): boolean =>
  rule.kind === 'named' ? isPin(rule.rule) : rule.kind === 'connection'
