/** Rules that nobody can meet, whatever the facts. */
import { toInstant } from '../lib/instant.ts'
import { describeRule } from '../policy/describe.ts'
import { isWithin } from '../policy/hours.ts'
import type { Hours, Leaf, Rule } from '../policy/policy.ts'

/** A part that must hold, or one that must not. */
interface Term {
  readonly leaf: Leaf
  readonly holds: boolean
}

/** A rule with more ways to meet it is not looked into. */
const MOST_WAYS = 500

/** Why the rule can never hold; null: it can, as far as we see. */
export function whyNever(rule: Rule): string | null {
  const ways = waysTo(rule, true)
  if (ways === null) return null
  const reasons = ways.map(contradictionIn)
  const [first] = reasons
  return reasons.every((reason) => reason !== null) ? (first ?? 'it has no parts') : null
}

/** Each way to meet the rule: everything that must hold at once, or must not. null: too many. */
function waysTo(rule: Rule, holds: boolean): readonly (readonly Term[])[] | null {
  switch (rule.kind) {
    case 'not':
      return waysTo(rule.rule, !holds)
    case 'named':
      return waysTo(rule.rule, holds)
    case 'any':
    case 'all': {
      const parts = rule.of.map((part) => waysTo(part, holds))
      return (rule.kind === 'any') === holds ? either(parts) : together(parts)
    }
    default:
      return [[{ leaf: rule, holds }]]
  }
}

type Ways = ReturnType<typeof waysTo>

const bounded = (ways: readonly (readonly Term[])[]): Ways =>
  ways.length > MOST_WAYS ? null : ways

const either = (parts: readonly Ways[]): Ways =>
  parts.reduce<Ways>((all, part) => all && part && bounded([...all, ...part]), [])

const together = (parts: readonly Ways[]): Ways =>
  parts.reduce<Ways>(
    (all, part) =>
      all && part && bounded(all.flatMap((one) => part.map((other) => [...one, ...other]))),
    [[]],
  )

function contradictionIn(terms: readonly Term[]): string | null {
  const texts = new Set(terms.map((term) => JSON.stringify(term)))
  const both = terms.find(({ leaf, holds }) => texts.has(JSON.stringify({ leaf, holds: !holds })))
  if (both) return `it asks for ${describeRule(both.leaf)}, and for the opposite`
  const facts = [
    ['connections', terms.flatMap(connectionOf)],
    ['email addresses', terms.flatMap(emailOf)],
    ['email domains', terms.flatMap(domainOf)],
    ['countries', valuesOf(terms, 'country')],
    ['methods', valuesOf(terms, 'method')],
    ['ways to sign in', valuesOf(terms, 'authn-context')],
  ] as const
  const impossible = facts.find(([, choices]) => leavesNone(choices))
  if (impossible) return `no request has several ${impossible[0]} at once`
  if (leavesNoAddress(terms)) return 'no address is in all of its ranges'
  return leavesNoTime(terms) ? 'its hours are never at the same time' : null
}

/** What a fact with one value must be among, or must not be. */
interface Choice {
  readonly values: readonly string[]
  readonly holds: boolean
}

function leavesNone(choices: readonly Choice[]): boolean {
  const wanted = choices.filter(({ holds }) => holds).map(({ values }) => values)
  const [first, ...others] = wanted
  if (!first) return false
  const unwanted = choices.filter(({ holds }) => !holds).flatMap(({ values }) => values)
  return !first.some(
    (value) => others.every((values) => values.includes(value)) && !unwanted.includes(value),
  )
}

const connectionOf = ({ leaf, holds }: Term): readonly Choice[] =>
  'connection' in leaf && leaf.connection !== null && (holds || leaf.kind === 'connection')
    ? [{ values: [leaf.connection], holds }]
    : []

const emailOf = ({ leaf, holds }: Term): readonly Choice[] =>
  leaf.kind === 'email' ? [{ values: [leaf.email], holds }] : []

const domainOf = ({ leaf, holds }: Term): readonly Choice[] => {
  if (leaf.kind === 'email-domain') return [{ values: [leaf.domain], holds }]
  return leaf.kind === 'email' && holds ? [{ values: [leaf.email.split('@')[1] ?? ''], holds }] : []
}

function valuesOf(
  terms: readonly Term[],
  kind: 'country' | 'method' | 'authn-context',
): readonly Choice[] {
  return terms.flatMap(({ leaf, holds }) => {
    if (leaf.kind !== kind) return []
    if (leaf.kind === 'country') return [{ values: leaf.countries, holds }]
    if (leaf.kind === 'authn-context') return [{ values: leaf.classes, holds }]
    const { methods } = leaf
    return [{ values: methods.includes('GET') ? [...methods, 'HEAD'] : methods, holds }]
  })
}

function leavesNoAddress(terms: readonly Term[]): boolean {
  const ranges = ({ leaf }: Term) =>
    leaf.kind === 'ip' ? leaf.ranges.map(({ prefix }) => prefix) : []
  const wanted = terms.filter(({ leaf, holds }) => leaf.kind === 'ip' && holds).map(ranges)
  const [first, ...others] = wanted
  if (!first) return false
  const unwanted = terms.filter(({ holds }) => !holds).flatMap(ranges)
  const left = others.reduce<readonly string[]>(
    (all, more) => all.flatMap((a) => more.flatMap((b) => overlapOf(a, b))),
    first,
  )
  return left.every((prefix) => unwanted.some((range) => prefix.startsWith(range)))
}

const overlapOf = (a: string, b: string): readonly string[] =>
  a.startsWith(b) ? [a] : b.startsWith(a) ? [b] : []

/** Two weeks, in winter and in summer, minute by minute. */
const weeks = [Date.UTC(2026, 0, 5), Date.UTC(2026, 6, 6)]
const MINUTES_OF_A_WEEK = 7 * 24 * 60

function leavesNoTime(terms: readonly Term[]): boolean {
  const hours = terms.flatMap(({ leaf, holds }): readonly (readonly [Hours, boolean])[] =>
    leaf.kind === 'hours' ? [[leaf, holds]] : [],
  )
  if (hours.length === 0) return false
  return !weeks.some((start) =>
    Array.from({ length: MINUTES_OF_A_WEEK }, (_, minute) =>
      toInstant(start + minute * 60_000),
    ).some((now) => hours.every(([leaf, holds]) => isWithin(leaf, now) === holds)),
  )
}
