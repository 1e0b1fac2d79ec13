import type { LiveSession, SessionEnd, SessionReading } from '../session/session.ts'
import type { Policy, Rule } from './policy.ts'

export type Decision =
  /** `live` is null on a public route: sessions are not read there. */
  | { readonly kind: 'allow'; readonly live: LiveSession | null }
  | { readonly kind: 'login'; readonly reason: 'no-session' | 'other-connection' | SessionEnd }
  /** `reason` names the rule that was not met, for the operator. */
  | { readonly kind: 'deny'; readonly live: LiveSession; readonly reason: string }

/**
 * @param connections the connections of the site: a session of another connection does not count.
 * null: all connections.
 */
export function decide(
  policy: Policy,
  reading: SessionReading,
  connections: readonly string[] | null,
): Decision {
  if (policy.kind === 'public') return { kind: 'allow', live: null }
  if (reading.kind === 'none') return { kind: 'login', reason: 'no-session' }
  if (reading.kind === 'ended') return { kind: 'login', reason: reading.reason }
  const { live } = reading
  if (connections && !connections.includes(live.session.connection)) {
    return { kind: 'login', reason: 'other-connection' }
  }
  switch (policy.kind) {
    case 'signed-in':
      return { kind: 'allow', live }
    case 'rule':
      return meets(policy.rule, live)
        ? { kind: 'allow', live }
        : { kind: 'deny', live, reason: `needs ${describeRule(policy.rule)}` }
  }
}

/**
 * Groups, attribute names and values are compared exactly; email addresses without regard to ASCII
 * case.
 */
function meets(rule: Rule, live: LiveSession): boolean {
  const { session, groups, groupIds } = live
  if ('connection' in rule && rule.connection !== null && rule.connection !== session.connection) {
    return false
  }
  switch (rule.kind) {
    case 'group':
      return groups.includes(rule.name)
    case 'group-id':
      return groupIds.includes(rule.id)
    case 'email':
      return readEmail(session.email)?.address === lowerCase(rule.email)
    case 'email-domain':
      return readEmail(session.email)?.domain === lowerCase(rule.domain)
    case 'attribute':
      return (
        Object.hasOwn(session.attributes, rule.name) &&
        (session.attributes[rule.name]?.includes(rule.value) ?? false)
      )
    case 'connection':
      return true
    case 'any':
      return rule.of.some((part) => meets(part, live))
    case 'all':
      return rule.of.length > 0 && rule.of.every((part) => meets(part, live))
  }
}

/** The rule in words, for the operator. */
export function describeRule(rule: Rule): string {
  switch (rule.kind) {
    case 'group':
      return `group ${rule.name}${ofConnection(rule.connection)}`
    case 'group-id':
      return `group with id ${rule.id}${ofConnection(rule.connection)}`
    case 'email':
      return `email ${rule.email}${ofConnection(rule.connection)}`
    case 'email-domain':
      return `an email at ${rule.domain}${ofConnection(rule.connection)}`
    case 'attribute':
      return `attribute ${rule.name} = ${rule.value}${ofConnection(rule.connection)}`
    case 'connection':
      return `connection ${rule.connection}`
    case 'any':
      return `any of (${rule.of.map(describeRule).join(', ')})`
    case 'all':
      return `all of (${rule.of.map(describeRule).join(', ')})`
  }
}

const ofConnection = (connection: string | null): string =>
  connection === null ? '' : ` of connection ${connection}`

/** Accepts exactly one @: programs disagree about the domain of `a@evil@good`. */
function readEmail(email: string | null): { address: string; domain: string } | null {
  const parts = email?.split('@') ?? []
  const [name, domain] = parts
  if (!name || !domain || parts.length !== 2) return null
  return { address: lowerCase(`${name}@${domain}`), domain: lowerCase(domain) }
}

/**
 * A to Z only: `toLowerCase` would turn the Kelvin sign into k, so two different addresses would be
 * equal.
 */
const lowerCase = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
