/** Two configs beside each other: who may do what by one, and not by the other. */
import type { Config } from '../../src/config.ts'
import type { Instant } from '../../src/lib/instant.ts'
import type { Asks } from '../../src/policy/facts.ts'
import { parseIp } from '../../src/policy/ip.ts'
import { leavesOf, ruleOf } from '../../src/policy/leaves.ts'
import type { Policy, Rule } from '../../src/policy/policy.ts'
import { exampleOf } from '../../src/site/pattern.ts'
import type { Somebody } from '../../src/admin/question.ts'
import { answerAt, findPlace, type Place } from '../../src/admin/verdict.ts'

/** `again`: after another sign-in. */
export type Access = 'yes' | 'again' | 'no'

export interface Change {
  /** Such as `GET https://wiki.example.com/admin`. */
  readonly request: string
  /** Where it comes from; empty: not known. */
  readonly from: string
  readonly before: Access
  readonly after: Access
  /** Names, `nobody` for a visitor who is not signed in. */
  readonly who: readonly string[]
}

interface Asked {
  readonly request: string
  readonly before: Place | string
  readonly after: Place | string
}

/**
 * The requests that are compared: each route of both configs, by each method and from each place
 * that a rule names, and from a place that is not known.
 */
export function compare(
  before: Config,
  after: Config,
  people: readonly Somebody[],
  now: Instant,
): readonly Change[] {
  const rules = rulesOf([before, after])
  const [unknown, ...places] = originsOf(rules)
  const kinds = [nobody, ...kindsOf(people, rules)]
  return requestsOf(before, after, rules).flatMap((asked) => {
    if (!unknown || isSame(asked.before, asked.after)) return []
    const usual = changesOf(asked, unknown, kinds, now)
    const known = new Set(usual.map(toText))
    // From another place there is only news where the answer is another.
    const more = places.flatMap((from) => changesOf(asked, from, kinds, now))
    return [...usual, ...more.filter((change) => !known.has(toText(change)))]
  })
}

const toText = ({ before, after, who }: Change): string => JSON.stringify([before, after, who])

/** People that no rule distinguishes. */
interface Kind {
  readonly one: Somebody | null
  readonly names: readonly string[]
}

const nobody: Kind = { one: null, names: ['nobody'] }

/** Thousands of people are a few kinds, so that each rule is judged once for all of a kind. */
function kindsOf(people: readonly Somebody[], rules: readonly Named[]): readonly Kind[] {
  const groups = new Set(rules.flatMap((rule) => (rule.kind === 'group' ? [rule.name] : [])))
  const ids = new Set(rules.flatMap((rule) => (rule.kind === 'group-id' ? [rule.id] : [])))
  const emails = new Set(rules.flatMap((rule) => (rule.kind === 'email' ? [rule.email] : [])))
  const kinds = new Map<string, { one: Somebody; names: string[] }>()
  for (const somebody of people) {
    const { email, groups: own, groupIds, ...others } = somebody.person
    const isNamed = email !== null && emails.has(email.toLowerCase())
    const key = JSON.stringify([
      somebody.mayComeIn,
      { ...own, values: own.values.filter((name) => groups.has(name)) },
      { ...groupIds, values: groupIds.values.filter((id) => ids.has(id)) },
      isNamed ? email : (email?.slice(email.indexOf('@')) ?? null),
      others,
    ])
    const kind = kinds.get(key) ?? { one: somebody, names: [] }
    kind.names.push(somebody.name)
    kinds.set(key, kind)
  }
  return [...kinds.values()]
}

type Origin = Pick<Asks, 'country' | 'ip'> & { readonly says: string }

function changesOf(
  { request, before, after }: Asked,
  from: Origin,
  kinds: readonly Kind[],
  now: Instant,
): readonly Change[] {
  const changes = new Map<string, { before: Access; after: Access; who: string[] }>()
  for (const { one, names } of kinds) {
    const was = accessOf(before, one, { ...from, now })
    const is = accessOf(after, one, { ...from, now })
    if (was === is) continue
    const key = `${was} ${is}`
    const change = changes.get(key) ?? { before: was, after: is, who: [] }
    change.who.push(...names)
    changes.set(key, change)
  }
  return Array.from(changes.values(), ({ who, ...change }) => ({
    request,
    from: from.says,
    ...change,
    who: who.toSorted(),
  }))
}

function accessOf(
  place: Place | string,
  somebody: Somebody | null,
  at: Pick<Asks, 'country' | 'ip'> & { readonly now: Instant },
): Access {
  if (typeof place === 'string') return 'no'
  if (place.policy.kind === 'public') return 'yes'
  if (!somebody?.mayComeIn) return 'no'
  const { by } = answerAt(place, somebody.person, at)
  return by.kind === 'allow' ? 'yes' : by.kind === 'anew' ? 'again' : 'no'
}

const isSame = (a: Place | string, b: Place | string): boolean =>
  JSON.stringify(decidingPart(a)) === JSON.stringify(decidingPart(b))

const decidingPart = (place: Place | string) =>
  typeof place === 'string' ? place : [place.policy, place.site.connections]

function requestsOf(before: Config, after: Config, rules: readonly Named[]): readonly Asked[] {
  const configs = [before, after]
  const urls = new Set(
    configs.flatMap(({ sites }) =>
      sites.flatMap(({ url, routes }) =>
        ['/', ...routes.map(({ path }) => path)].map((path) => exampleOf(url + path)),
      ),
    ),
  )
  const methods = new Set(['GET', 'POST', ...rules.flatMap(methodsIn)])
  return [...urls].flatMap((url) =>
    [...methods].map((method) => {
      const question = { method, url: new URL(url) }
      return {
        request: `${method} ${url}`,
        before: findPlace(before, question),
        after: findPlace(after, question),
      }
    }),
  )
}

type Named = Rule | Extract<Policy, { kind: 'by-method' }>

/** Every part of the policies that names methods or places. */
const rulesOf = (configs: readonly Config[]): readonly Named[] =>
  configs
    .flatMap(({ sites }) => sites.flatMap(({ routes }) => routes.map(({ policy }) => policy)))
    .flatMap((policy): readonly Named[] => {
      const rule = ruleOf(policy)
      const leaves = rule ? leavesOf(rule) : []
      return policy.kind === 'by-method' ? [policy, ...leaves] : leaves
    })

/** Requests that only a browser can make, or that the gate always refuses, cannot be built here. */
const methodsIn = (rule: Named): readonly string[] =>
  rule.kind === 'method' || rule.kind === 'by-method'
    ? rule.methods.filter((method) => method !== 'TRACE' && method !== 'WEBSOCKET')
    : []

/** Enough to see what a rule about places changes. More would take long and show no more. */
const MOST_ORIGINS = 25

function originsOf(rules: readonly Named[]): readonly Origin[] {
  const countries = new Set(
    rules.flatMap((rule) => (rule.kind === 'country' ? rule.countries : [])),
  )
  const addresses = new Set(
    rules.flatMap((rule) =>
      rule.kind === 'ip' ? rule.ranges.map(({ text }) => text.split('/')[0] ?? text) : [],
    ),
  )
  return [null, ...addresses]
    .flatMap((address) =>
      [null, ...countries].map((country) => ({
        country,
        ip: address === null ? null : parseIp(address),
        says: [address, country].filter((part) => part !== null).join(', '),
      })),
    )
    .slice(0, MOST_ORIGINS)
}
