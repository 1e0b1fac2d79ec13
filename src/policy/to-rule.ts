/** Rules of the config, as decisions use them. */
import { perhaps } from '../lib/nearest.ts'
import { dayNames, parseHours } from './hours.ts'
import { parseRange } from './ip.ts'
import type { IpRange, Leaf, Rule } from './policy.ts'
import { parseDuration, type OneOrMore, type RuleConfig } from './rule-config.ts'

export type NamedRules = Readonly<Record<string, RuleConfig>>

/**
 * @param within names of the rules that this one is part of. A name that is not there, or leads to
 * itself, is a rule that never holds; `nameProblems` reports it.
 */
export function toRule(
  config: RuleConfig,
  named: NamedRules,
  within: readonly string[] = [],
): Rule {
  const inner = (part: RuleConfig) => toRule(part, named, within)
  if (config === 'signed-in') return { kind: 'signed-in' }
  if ('anyOf' in config) return { kind: 'any', of: config.anyOf.map(inner) }
  if ('allOf' in config) return { kind: 'all', of: config.allOf.map(inner) }
  if ('not' in config) return { kind: 'not', rule: inner(config.not) }
  if ('rule' in config) {
    const { rule: name } = config
    const found = within.includes(name) ? undefined : ownRule(named, name)
    const rule = found && toRule(found, named, [...within, name])
    return { kind: 'named', name, rule: rule ?? { kind: 'any', of: [] } }
  }
  if ('service' in config) return anyOf(config.service, (name) => ({ kind: 'service', name }))
  if ('country' in config) return { kind: 'country', countries: listOf(config.country) }
  if ('ip' in config) return { kind: 'ip', ranges: listOf(config.ip).flatMap(toRanges) }
  if ('method' in config) return { kind: 'method', methods: listOf(config.method) }
  if ('authnContext' in config) {
    return { kind: 'authn-context', classes: listOf(config.authnContext) }
  }
  if ('deviceBound' in config) return { kind: 'device-bound' }
  if ('signedInWithin' in config) {
    return { kind: 'signed-in-within', seconds: parseDuration(config.signedInWithin) ?? 0 }
  }
  if ('zone' in config) {
    const { zone, days = dayNames } = config
    const hours = (config.hours === undefined ? null : parseHours(config.hours)) ?? wholeDay
    const which = listOf(days).map((day) => dayNames.indexOf(day))
    return { kind: 'hours', ...hours, days: which.toSorted((a, b) => a - b), zone }
  }
  return toPersonRule(config)
}

const wholeDay = { from: 0, to: 24 * 60 }

type PersonRule = Extract<RuleConfig, { readonly connection?: unknown }>

function toPersonRule(config: PersonRule): Rule {
  if ('group' in config) {
    const { connection = null } = config
    return anyOf(config.group, (name) => ({ kind: 'group', name, connection }))
  }
  if ('groupId' in config) {
    const { connection = null } = config
    return anyOf(config.groupId, (id) => ({ kind: 'group-id', id, connection }))
  }
  if ('email' in config) {
    const { connection = null } = config
    return anyOf(config.email, (email) => ({
      kind: 'email',
      email: email.toLowerCase(),
      connection,
    }))
  }
  if ('emailDomain' in config) {
    const { connection = null } = config
    return anyOf(config.emailDomain, (domain) => ({ kind: 'email-domain', domain, connection }))
  }
  if ('attribute' in config) {
    const { attribute: name, connection = null } = config
    return { kind: 'attribute', name, values: listOf(config.value), connection }
  }
  if ('hasAttribute' in config) {
    const { hasAttribute: name, connection = null } = config
    return { kind: 'has-attribute', name, connection }
  }
  return anyOf(config.connection, (connection) => ({ kind: 'connection', connection }))
}

function anyOf(values: OneOrMore, toLeaf: (value: string) => Leaf): Rule {
  const leaves = listOf(values).map(toLeaf)
  const [one] = leaves
  return one && leaves.length === 1 ? one : { kind: 'any', of: leaves }
}

const listOf = <T extends string>(values: OneOrMore<T>): readonly T[] =>
  typeof values === 'string' ? [values] : values

function toRanges(text: string): readonly IpRange[] {
  const range = parseRange(text)
  return range.ok ? [range.value] : []
}

const ownRule = (named: NamedRules, name: string): RuleConfig | undefined =>
  Object.hasOwn(named, name) ? named[name] : undefined

export interface NameProblem {
  /** Where in the rule: `.anyOf[1].rule`. */
  readonly at: string
  readonly problem: string
  readonly isCircle: boolean
}

/** Names of rules that are not there, or lead to themselves. */
export function nameProblems(
  config: RuleConfig,
  named: NamedRules,
  within: readonly string[] = [],
): readonly NameProblem[] {
  if (typeof config === 'string') return []
  const inside = (part: RuleConfig, at: string) =>
    nameProblems(part, named, within).map((each) => ({ ...each, at: at + each.at }))
  if ('anyOf' in config) return config.anyOf.flatMap((part, i) => inside(part, `.anyOf[${i}]`))
  if ('allOf' in config) return config.allOf.flatMap((part, i) => inside(part, `.allOf[${i}]`))
  if ('not' in config) return inside(config.not, '.not')
  if (!('rule' in config)) return []
  const { rule: name } = config
  const at = '.rule'
  const way = [...within, name]
  if (within.includes(name)) {
    return [{ at, problem: `leads back to itself: ${way.join(' → ')}`, isCircle: true }]
  }
  const found = ownRule(named, name)
  if (found) {
    // Every other problem of a named rule is reported where that rule is defined.
    const inner = within.length > 0 ? nameProblems(found, named, way) : []
    return inner.filter(({ isCircle }) => isCircle).map((each) => ({ ...each, at }))
  }
  const hint = perhaps(name, Object.keys(named))
  return [{ at, problem: `names no rule of the config's rules${hint}`, isCircle: false }]
}
