/** Rules as the config writes them. */
import * as v from 'valibot'
import { ruleMethodProblem } from '../lib/methods.ts'
import { nearest } from '../lib/nearest.ts'
import { options, text } from '../lib/options.ts'
import { clockOf, dayNames, parseHours } from './hours.ts'
import { parseRange } from './ip.ts'

export type OneOrMore<T extends string = string> = T | readonly T[]
type Day = (typeof dayNames)[number]

export type RuleConfig =
  | 'signed-in'
  | { readonly group: OneOrMore; readonly connection?: string }
  | { readonly groupId: OneOrMore; readonly connection?: string }
  | { readonly email: OneOrMore; readonly connection?: string }
  | { readonly emailDomain: OneOrMore; readonly connection?: string }
  | { readonly attribute: string; readonly value: OneOrMore; readonly connection?: string }
  | { readonly hasAttribute: string; readonly connection?: string }
  | { readonly connection: OneOrMore }
  /** The name of a service token, by which a program comes. */
  | { readonly service: OneOrMore }
  /** ISO 3166-1 alpha-2, such as `DE`; `T1` is the Tor network. */
  | { readonly country: OneOrMore }
  /** IPv4 or IPv6 addresses and ranges, such as `192.0.2.0/24`. */
  | { readonly ip: OneOrMore }
  | { readonly method: OneOrMore }
  /** AuthnContextClassRefs: the methods by which the person proved their identity. */
  | { readonly authnContext: OneOrMore }
  /** The session is bound to a device. */
  | { readonly deviceBound: true }
  /** Such as `15m`, `1h` or `7d`. */
  | { readonly signedInWithin: string }
  /** `hours`: such as `09:00-17:30`. `zone`: such as `Europe/Berlin`. */
  | { readonly hours?: string; readonly days?: OneOrMore<Day>; readonly zone: string }
  | { readonly anyOf: readonly RuleConfig[] }
  | { readonly allOf: readonly RuleConfig[] }
  | { readonly not: RuleConfig }
  /** One of the config's `rules`, by its name. */
  | { readonly rule: string }

/** A schema that judges with a function. The function returns what is wrong, or null. */
const judged = (judge: (value: string) => string | null) =>
  v.pipe(
    text,
    v.rawCheck(({ dataset, addIssue }) => {
      const message = dataset.typed && dataset.value !== '' ? judge(dataset.value) : null
      if (message !== null) addIssue({ message })
    }),
  )

const oneOrMore = <const T extends v.GenericSchema<string, string>>(schema: T) =>
  v.lazy((input) =>
    Array.isArray(input) ? v.pipe(v.array(schema), v.minLength(1, 'must not be empty')) : schema,
  ) as v.GenericSchema<OneOrMore<v.InferInput<T>>>

const emailDomain = v.pipe(
  text,
  v.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain in lower case, such as example.com'),
)
const email = v.pipe(
  text,
  v.regex(
    /^[^@\s]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/,
    'must be one email address, with its domain in lower case',
  ),
)
export const SERVICE_NAME = /^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$/
const service = v.pipe(
  text,
  v.regex(SERVICE_NAME, 'must be the name of a service token: a-z, 0-9 and inner . _ - only'),
)
const country = judged((code) => {
  const shape = /^[A-Z]{2}$/.test(code) || code === 'T1'
  // ICU has newer codes for those that are out of use, and GB for UK.
  const now = shape && code !== 'T1' ? (new Intl.Locale(`und-${code}`).region ?? code) : code
  const isKnown = code === 'T1' || (shape && hasName(code))
  if (now !== code) return `is not a country code of ISO 3166-1 (did you mean ${now}?)`
  return isKnown ? null : 'must be a country code of ISO 3166-1 in upper case, such as DE'
})
/** Made when a rule names a country: to load the names takes some 10 ms of the start. */
const hasName = (region: string): boolean =>
  new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(region) !== undefined
const ip = judged((range) => {
  const parsed = parseRange(range)
  return parsed.ok ? null : parsed.error
})
export const methods = oneOrMore(judged(ruleMethodProblem))
const zone = judged((name) => {
  try {
    clockOf(name)
    return null
  } catch {
    const meant = nearest(name, Intl.supportedValuesOf('timeZone'))
    const hint = meant === null ? 'such as Europe/Berlin' : `did you mean ${meant}?`
    return `is not a time zone of the IANA database (${hint})`
  }
})
const hours = judged((range) =>
  parseHours(range) ? null : 'must be two times of day, such as 09:00-17:30 or 22:00-06:00',
)
const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const
const LEAST_AGE = 300
const MOST_AGE = 31 * 86_400
const duration = judged((value) => {
  const seconds = parseDuration(value)
  return seconds !== null && seconds >= LEAST_AGE && seconds <= MOST_AGE
    ? null
    : 'must be a duration from 5m to 31d, such as 15m, 1h or 7d'
})

export function parseDuration(value: string): number | null {
  const [, count, unit] = /^([1-9]\d{0,6})([smhd])$/.exec(value) ?? []
  return unit === 's' || unit === 'm' || unit === 'h' || unit === 'd'
    ? Number(count) * units[unit]
    : null
}

export const ruleSchema: v.GenericSchema<RuleConfig> = v.lazy((input) => {
  if (input === 'signed-in') return v.literal('signed-in')
  const keys = typeof input === 'object' && input !== null ? Object.keys(input) : []
  const key = ruleKeys.find((name) => keys.includes(name))
  // Most rules may name a connection, so it does not show which rule a mistyped key was meant for.
  const others = key === 'connection' ? keys.filter((name) => name !== key) : []
  return key && others.length === 0
    ? rules[key]
    : v.custom<RuleConfig>(() => false, ruleProblem(keys))
})
const ruleProblem = (keys: readonly string[]): string => {
  const [meant] = keys.flatMap((key) => (isRuleKey(key) ? [] : (nearest(key, ruleKeys) ?? [])))
  return `must be 'signed-in' or one of { ${ruleKeys.join(' }, { ')} }${meant === undefined ? '' : ` (did you mean ${meant}?)`}`
}
const someRules = v.pipe(
  v.array(ruleSchema, 'must be a list of rules'),
  v.minLength(1, 'must not be empty'),
)
const pin = v.exactOptional(text)
const rules = {
  group: options({ group: oneOrMore(text), connection: pin }),
  groupId: options({ groupId: oneOrMore(text), connection: pin }),
  email: options({ email: oneOrMore(email), connection: pin }),
  emailDomain: options({ emailDomain: oneOrMore(emailDomain), connection: pin }),
  attribute: options({ attribute: text, value: oneOrMore(text), connection: pin }),
  hasAttribute: options({ hasAttribute: text, connection: pin }),
  service: options({ service: oneOrMore(service) }),
  country: options({ country: oneOrMore(country) }),
  ip: options({ ip: oneOrMore(ip) }),
  method: options({ method: methods }),
  authnContext: options({ authnContext: oneOrMore(text) }),
  deviceBound: options({ deviceBound: v.literal(true, 'must be true') }),
  signedInWithin: options({ signedInWithin: duration }),
  zone: options({
    hours: v.exactOptional(hours),
    days: v.exactOptional(oneOrMore(v.picklist(dayNames, `must be one of ${dayNames.join(', ')}`))),
    zone,
  }),
  anyOf: options({ anyOf: someRules }),
  allOf: options({ allOf: someRules }),
  not: options({ not: ruleSchema }),
  rule: options({ rule: text }),
  connection: options({ connection: oneOrMore(text) }),
} as const
// `connection` is last, because other rules may have a field of that name.
const ruleKeys = Object.keys(rules) as readonly (keyof typeof rules)[]
const isRuleKey = (key: string): boolean => Object.hasOwn(rules, key)

/** The config's named rules. */
export const namedRulesSchema = v.record(text, ruleSchema, 'must be an object: { name: rule }')
