/** Whether a rule holds, with the reason as data. */
import { TOR } from '../lib/country.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import type { Asks, Listed, Person } from './facts.ts'
import { isWithin } from './hours.ts'
import type { Leaf, Rule } from './policy.ts'

export interface Explained {
  readonly rule: Rule
  /** null: not known, because a fact is not known. Then neither the rule nor its negation holds. */
  readonly holds: boolean | null
  /** The fact that decided; null: the parts did. */
  readonly by: Fact | null
  readonly parts: readonly Explained[]
}

export type Fact =
  | 'connection'
  | 'groups'
  | 'email'
  | 'attributes'
  | 'country'
  | 'ip'
  | 'method'
  | 'authnContext'
  | 'authnInstant'
  | 'signedInAt'
  | 'time'
  | 'session'
  | 'device'

/** The person who is signed in, and their request. */
export interface Signed {
  readonly person: Person
  readonly asks: Asks
}

/** Judges all parts, so that the explanation is complete. */
export function explain(rule: Rule, signed: Signed, now: Instant): Explained {
  switch (rule.kind) {
    case 'any':
    case 'all': {
      const parts = rule.of.map((part) => explain(part, signed, now))
      return { rule, holds: combine(rule.kind, parts), by: null, parts }
    }
    case 'not':
    case 'named': {
      const part = explain(rule.rule, signed, now)
      const isTurned = rule.kind === 'not' && part.holds !== null
      return { rule, holds: isTurned ? !part.holds : part.holds, by: null, parts: [part] }
    }
    default: {
      const [by, holds] = look(rule, signed, now)
      return { rule, holds, by, parts: [] }
    }
  }
}

/** One part that settles it is enough, whatever is not known of the others (Kleene). */
function combine(kind: 'any' | 'all', parts: readonly Explained[]): boolean | null {
  const settles = kind === 'any'
  if (parts.some(({ holds }) => holds === settles)) return settles
  if (parts.some(({ holds }) => holds === null)) return null
  return parts.length > 0 && !settles
}

type Look = readonly [by: Fact, holds: boolean | null]

function look(rule: Leaf, { person, asks }: Signed, now: Instant): Look {
  if ('connection' in rule && rule.connection !== null && rule.connection !== person.connection) {
    return ['connection', false]
  }
  switch (rule.kind) {
    case 'signed-in':
      return ['session', true]
    case 'connection':
      return ['connection', true]
    case 'service':
      return ['session', rule.name === person.service]
    case 'group':
      return ['groups', isAmong(rule.name, person.groups)]
    case 'group-id':
      return ['groups', isAmong(rule.id, person.groupIds)]
    case 'email': {
      const email = readEmail(person.email)
      return ['email', email && email.address === lowerCase(rule.email)]
    }
    case 'email-domain': {
      const email = readEmail(person.email)
      return ['email', email && email.domain === lowerCase(rule.domain)]
    }
    case 'attribute': {
      const values = valuesOf(rule.name, person)
      // An attribute that was not sent may still have the value at the identity provider.
      const isKnown = values !== null && values.length > 0
      return ['attributes', isKnown ? values.some((each) => rule.values.includes(each)) : null]
    }
    case 'has-attribute': {
      const values = valuesOf(rule.name, person)
      return ['attributes', values && values.some((value) => value !== '')]
    }
    case 'country': {
      const { country } = asks
      const isListed = country !== null && rule.countries.includes(country)
      // Nobody knows in which country a visitor from the Tor network is.
      return ['country', isListed || (country === null || country === TOR ? null : false)]
    }
    case 'ip': {
      const { ip } = asks
      return ['ip', ip === null ? null : rule.ranges.some(({ prefix }) => ip.startsWith(prefix))]
    }
    case 'method':
      return ['method', areAmong(asks.methods, rule.methods)]
    case 'authn-context': {
      const { authnContext } = person
      return ['authnContext', authnContext === null ? null : rule.classes.includes(authnContext)]
    }
    case 'device-bound':
      return ['device', person.isDeviceBound]
    case 'signed-in-within':
      return ['authnInstant', isYoung(provedAt(person), rule.seconds, now)]
    case 'session-within':
      return ['signedInAt', isYoung(person.signedInAt, rule.seconds, now)]
    case 'hours':
      return ['time', isWithin(rule, now)]
  }
}

/** Compared exactly. */
const isAmong = (value: string, { values, isComplete }: Listed): boolean | null =>
  values.includes(value) || (isComplete ? false : null)

/**
 * null: the origin may read one method that is listed, and one that is not. HEAD is GET without the
 * content (RFC 9110 §9.3.2).
 */
export function areAmong(methods: readonly string[], listed: readonly string[]): boolean | null {
  const known = methods.filter(
    (method) => listed.includes(method) || (method === 'HEAD' && listed.includes('GET')),
  )
  if (known.length === methods.length) return methods.length > 0 ? true : null
  return known.length > 0 ? null : false
}

const valuesOf = (name: string, { attributes }: Person): readonly string[] | null =>
  attributes && (Object.hasOwn(attributes, name) ? (attributes[name] ?? []) : [])

/** An identity provider whose clock is ahead does not make a sign-in younger than it is. */
const provedAt = ({ authnInstant, signedInAt }: Person): Instant | null =>
  authnInstant !== null && signedInAt !== null && signedInAt < authnInstant
    ? signedInAt
    : authnInstant

const isYoung = (at: Instant | null, seconds: number, now: Instant): boolean | null =>
  at === null ? null : secondsBetween(at, now) < seconds

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
