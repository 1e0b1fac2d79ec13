/** Rules in words. */
import { describeHours } from './hours.ts'
import type { Fact, Explained } from './explain.ts'
import type { Rule } from './policy.ts'

export function describeRule(rule: Rule): string {
  switch (rule.kind) {
    case 'signed-in':
      return 'a sign-in'
    case 'group':
      return `group ${rule.name}${ofConnection(rule.connection)}`
    case 'group-id':
      return `group with id ${rule.id}${ofConnection(rule.connection)}`
    case 'email':
      return `email ${rule.email}${ofConnection(rule.connection)}`
    case 'email-domain':
      return `an email at ${rule.domain}${ofConnection(rule.connection)}`
    case 'attribute':
      return `attribute ${rule.name} = ${rule.values.join(' or ')}${ofConnection(rule.connection)}`
    case 'has-attribute':
      return `attribute ${rule.name}${ofConnection(rule.connection)}`
    case 'connection':
      return `connection ${rule.connection}`
    case 'country':
      return `country ${rule.countries.join(' or ')}`
    case 'ip':
      return `an address in ${rule.ranges.map(({ text }) => text).join(' or ')}`
    case 'method':
      return `method ${rule.methods.join(' or ')}`
    case 'authn-context':
      return `sign-in by ${rule.classes.join(' or ')}`
    case 'signed-in-within':
    case 'session-within':
      return `a sign-in within ${describeSeconds(rule.seconds)}`
    case 'hours':
      return `the time ${describeHours(rule)}`
    case 'any':
      return `any of (${rule.of.map(describeRule).join(', ')})`
    case 'all':
      return `all of (${rule.of.map(describeRule).join(', ')})`
    case 'not':
      return `not (${describeRule(rule.rule)})`
    case 'named':
      return `${rule.name} (${describeRule(rule.rule)})`
  }
}

const ofConnection = (connection: string | null): string =>
  connection === null ? '' : ` of connection ${connection}`

/** What was missing: the parts that did not hold, and the facts that are not known. */
export function describeMissing(why: Explained): string {
  const { rule, parts } = why
  if (rule.kind === 'all') {
    const missing = parts.filter(({ holds }) => holds !== true)
    const [one] = missing
    if (one && missing.length === 1) return describeMissing(one)
    if (one) return `all of (${missing.map(describeMissing).join(', ')})`
  }
  const unknown = new Set(unknownFacts(why))
  const notKnown = unknown.size > 0 ? ` (not known: ${[...unknown].join(', ')})` : ''
  return describeRule(rule) + notKnown
}

const unknownFacts = ({ holds, by, parts }: Explained): readonly Fact[] => [
  ...(holds === null && by !== null ? [by] : []),
  ...parts.flatMap(unknownFacts),
]

/** In the largest unit that fits without a rest. */
export function describeSeconds(seconds: number): string {
  const [length, unit] = (
    [
      [86_400, 'day'],
      [3600, 'hour'],
      [60, 'minute'],
    ] as const
  ).find(([each]) => seconds % each === 0) ?? [1, 'second']
  const count = seconds / length
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
