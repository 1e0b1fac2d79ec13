/** Decisions beside a plain model that was written from docs/policies.md, not from the code. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseConfig, type RuleConfig } from '../../src/config.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { decide } from '../../src/policy/decide.ts'
import { describeMissing } from '../../src/policy/describe.ts'
import { parseIp } from '../../src/policy/ip.ts'
import type { SettledPolicy } from '../../src/policy/policy.ts'
import { asksOf, factsOf, listed } from '../support/facts.ts'

/** Everything that the docs say a rule may depend on. */
interface Case {
  readonly connection: 'okta' | 'partner'
  /** null: a browser. */
  readonly service: 'ci' | 'backup' | null
  readonly email: string | null
  readonly groups: readonly string[] | null
  readonly groupIds: readonly string[] | null
  readonly team: readonly string[] | null
  readonly country: string | null
  /** Of 10.0.0.0/24. */
  readonly address: number | null
  readonly methods: readonly string[]
  readonly authnContext: string | null
  readonly deviceBound: boolean | null
  readonly minutesAgo: number | null
  /** Minutes since Sunday 00:00 UTC. */
  readonly minute: number
}

const yes = 1
const notKnown = 0
const no = -1
const sure = (holds: boolean) => (holds ? yes : no)
const list = <T extends string>(value: T | readonly T[]): readonly T[] =>
  typeof value === 'string' ? [value] : value
const minutes: Record<string, number> = { '5m': 5, '1h': 60, '1d': 1440 }
/** Minutes ahead of UTC. Etc/GMT-5 is five hours ahead. */
const shifts: Record<string, number> = { UTC: 0, 'Etc/GMT-5': 300, 'Etc/GMT+9': -540 }
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const named: Record<string, RuleConfig> = {
  staff: { group: 'staff', connection: 'okta' },
  away: { not: { country: ['DE', 'AT'] } },
}

function model(rule: RuleConfig, given: Case): number {
  if (rule === 'signed-in') return yes
  if ('anyOf' in rule) return Math.max(...rule.anyOf.map((part) => model(part, given)))
  if ('allOf' in rule) return Math.min(...rule.allOf.map((part) => model(part, given)))
  if ('not' in rule) return 0 - model(rule.not, given)
  if ('rule' in rule) return model(named[rule.rule] ?? 'signed-in', given)
  if ('service' in rule) {
    return sure(given.service !== null && list(rule.service).includes(given.service))
  }
  if ('country' in rule) {
    if (given.country === null) return notKnown
    if (list(rule.country).includes(given.country)) return yes
    return given.country === 'T1' ? notKnown : no
  }
  if ('ip' in rule) {
    const { address } = given
    if (address === null) return notKnown
    return sure(
      list(rule.ip).some((range) => {
        const [, from = '', length = '32'] = /^10\.0\.0\.(\d+)(?:\/(\d+))?$/.exec(range) ?? []
        return address >= Number(from) && address < Number(from) + 2 ** (32 - Number(length))
      }),
    )
  }
  if ('method' in rule) {
    const allowed = [...list(rule.method)]
    if (allowed.includes('GET')) allowed.push('HEAD')
    const count = given.methods.filter((method) => allowed.includes(method)).length
    return count === given.methods.length ? yes : count === 0 ? no : notKnown
  }
  if ('authnContext' in rule) {
    return given.authnContext === null
      ? notKnown
      : sure(list(rule.authnContext).includes(given.authnContext))
  }
  if ('deviceBound' in rule) return given.deviceBound === null ? notKnown : sure(given.deviceBound)
  if ('signedInWithin' in rule) {
    if (given.minutesAgo === null) return notKnown
    return sure(given.minutesAgo < (minutes[rule.signedInWithin] ?? 0))
  }
  if ('zone' in rule) {
    const here = (given.minute + (shifts[rule.zone] ?? 0) + 7 * 1440) % (7 * 1440)
    const [from = 0, to = 1440] = (rule.hours ?? '00:00-24:00')
      .split('-')
      .map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)))
    const length = to > from ? to - from : to + 1440 - from
    return sure(
      list(rule.days ?? days).some((day) => {
        const begin = days.indexOf(day) * 1440 + from
        return (here - begin + 7 * 1440) % (7 * 1440) < length
      }),
    )
  }
  if (!(
    'group' in rule ||
    'groupId' in rule ||
    'email' in rule ||
    'emailDomain' in rule ||
    'attribute' in rule ||
    'hasAttribute' in rule
  )) {
    return sure(list(rule.connection).includes(given.connection))
  }
  if (rule.connection !== undefined && rule.connection !== given.connection) return no
  if ('group' in rule) {
    const { groups } = given
    return groups === null ? notKnown : sure(list(rule.group).some((name) => groups.includes(name)))
  }
  if ('groupId' in rule) {
    const { groupIds } = given
    return groupIds === null
      ? notKnown
      : sure(list(rule.groupId).some((id) => groupIds.includes(id)))
  }
  if ('attribute' in rule) {
    const { team } = given
    return rule.attribute !== 'team' || team === null || team.length === 0
      ? notKnown
      : sure(team.some((value) => list(rule.value).includes(value)))
  }
  if ('hasAttribute' in rule) {
    if (given.team === null) return notKnown
    return sure(rule.hasAttribute === 'team' && given.team.some((value) => value.length > 0))
  }
  const { email } = given
  if (email === null || !/^[^@]+@[^@]+$/.test(email)) return notKnown
  const address = email.toLowerCase()
  return 'email' in rule
    ? sure(list(rule.email).includes(address))
    : sure(list(rule.emailDomain).includes(address.split('@')[1] ?? ''))
}

const oneOrSome = (...values: string[]) =>
  fc.oneof(fc.constantFrom(...values), fc.subarray(values, { minLength: 1 }))
const pinned = fc.oneof(
  fc.constant({}),
  fc.constantFrom('okta', 'partner').map((connection) => ({ connection })),
)
const ofPerson = (...rules: fc.Arbitrary<object>[]) =>
  fc.tuple(fc.oneof(...rules), pinned).map(([rule, pin]) => ({ ...rule, ...pin }) as RuleConfig)

const leaf: fc.Arbitrary<RuleConfig> = fc.oneof(
  fc.constant<RuleConfig>('signed-in'),
  ofPerson(
    fc.record({ group: oneOrSome('staff', 'admins', 'Staff') }),
    fc.record({ groupId: oneOrSome('g-1', 'g-2') }),
    fc.record({ email: oneOrSome('ada@example.com', 'bob@example.org') }),
    fc.record({ emailDomain: oneOrSome('example.com', 'example.org') }),
    fc.record({ attribute: fc.constantFrom('team', 'other'), value: oneOrSome('a', 'b') }),
    fc.record({ hasAttribute: fc.constantFrom('team', 'other') }),
  ),
  fc.record({ connection: oneOrSome('okta', 'partner') }),
  fc.record({ service: oneOrSome('ci', 'backup') }),
  fc.record({ country: oneOrSome('DE', 'FR', 'T1') }),
  fc.record({ ip: oneOrSome('10.0.0.0/25', '10.0.0.64/26', '10.0.0.7', '10.0.0.0/24') }),
  fc.record({ method: oneOrSome('GET', 'HEAD', 'POST', 'DELETE') }),
  fc.record({ authnContext: oneOrSome('mfa', 'password') }),
  fc.constant<RuleConfig>({ deviceBound: true }),
  fc.record({ signedInWithin: fc.constantFrom('5m', '1h', '1d') }),
  fc.record(
    {
      hours: fc.constantFrom('09:00-17:30', '22:00-06:00', '00:00-24:00', '12:00-24:00'),
      days: oneOrSome(...days) as fc.Arbitrary<'sun'[]>,
      zone: fc.constantFrom('UTC', 'Etc/GMT-5', 'Etc/GMT+9'),
    },
    { requiredKeys: ['zone'] },
  ),
  fc.record({ rule: fc.constantFrom('staff', 'away') }),
)
const { rule: ruleArbitrary } = fc.letrec<{ rule: RuleConfig }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: leaf },
    fc.record({ anyOf: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('rule') }),
  ),
}))

const orUnknown = <T>(known: fc.Arbitrary<T>) => fc.option(known, { freq: 4, nil: null })
const given: fc.Arbitrary<Case> = fc.record({
  connection: fc.constantFrom('okta', 'partner'),
  service: fc.constantFrom('ci', 'backup', null),
  email: orUnknown(
    fc.constantFrom('ada@example.com', 'BOB@Example.org', 'eve@evil.test', 'a@b@example.com', '@'),
  ),
  groups: orUnknown(fc.subarray(['staff', 'admins', 'Staff'])),
  groupIds: orUnknown(fc.subarray(['g-1', 'g-2'])),
  team: orUnknown(fc.subarray(['a', 'b', 'c', ''])),
  country: orUnknown(fc.constantFrom('DE', 'FR', 'AT', 'T1')),
  address: orUnknown(fc.integer({ min: 0, max: 255 })),
  methods: fc.subarray(['GET', 'HEAD', 'POST', 'DELETE'], { minLength: 1, maxLength: 2 }),
  authnContext: orUnknown(fc.constantFrom('mfa', 'password', 'other')),
  deviceBound: orUnknown(fc.boolean()),
  minutesAgo: orUnknown(fc.constantFrom(0, 4, 5, 59, 60, 1439, 1440)),
  minute: fc.integer({ min: 0, max: 7 * 1440 - 1 }),
})

function policyOf(rule: RuleConfig): SettledPolicy {
  const parsed = parseConfig({
    rules: named,
    sites: [
      {
        url: 'https://app.example.com',
        origin: 'https://origin.example.net',
        routes: [{ path: '/', access: { public: 'OPTIONS', otherwise: rule } }],
        trust: 'every-connection',
      },
    ],
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  const policy = parsed.value.sites[0]?.routes[0]?.policy
  if (policy?.kind !== 'by-method') throw new Error('not by method')
  return policy.otherwise
}

/** A Sunday. */
const sunday = Date.UTC(2026, 10, 22)

function judged(rule: RuleConfig, one: Case) {
  const now = toInstant(sunday + one.minute * 60_000)
  const proved = one.minutesAgo === null ? null : toInstant(now - one.minutesAgo * 60_000)
  const facts = factsOf(
    {
      service: one.service,
      connection: one.connection,
      email: one.email,
      groups: listed(one.groups),
      groupIds: listed(one.groupIds),
      attributes: one.team && { team: one.team },
      authnContext: one.authnContext,
      isDeviceBound: one.deviceBound,
      authnInstant: proved,
      signedInAt: now,
    },
    asksOf({
      methods: one.methods,
      country: one.country,
      ip: one.address === null ? null : parseIp(`10.0.0.${one.address}`),
    }),
  )
  return decide(policyOf(rule), facts, now)
}

/** Whether some sign-in at this moment would be enough. */
const mayHelp = (rule: RuleConfig, one: Case): boolean =>
  ['mfa', 'password', 'another way'].some(
    (authnContext) => model(rule, { ...one, authnContext, minutesAgo: 0 }) === yes,
  )

describe('a decision', () => {
  it('is that of the model, for every rule and every person', () => {
    const counts = { allow: 0, deny: 0, unknown: 0 }
    fc.assert(
      fc.property(ruleArbitrary, given, (rule, one) => {
        const expected = model(rule, one)
        const decision = judged(rule, one)
        expect(decision.kind).toBe(
          expected === yes ? 'allow' : mayHelp(rule, one) ? 'anew' : 'deny',
        )
        if (decision.kind === 'login') return
        if (decision.why) expect(decision.why.holds).toBe([false, null, true][expected + 1])
        counts[expected === notKnown ? 'unknown' : expected === yes ? 'allow' : 'deny']++
      }),
      { numRuns: 5000 },
    )
    // The model and the rules meet often enough in each of the three answers.
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(500)
  })

  it('of a rule and of its negation never both let somebody in', () => {
    fc.assert(
      fc.property(ruleArbitrary, given, (rule, one) => {
        const both = [rule, { not: rule }].map((each) => judged(each, one).kind)
        expect(both).not.toEqual(['allow', 'allow'])
      }),
    )
  })

  it('that lets nobody in says what is missing', () => {
    fc.assert(
      fc.property(ruleArbitrary, given, (rule, one) => {
        const decision = judged(rule, one)
        if (decision.kind === 'deny') expect(describeMissing(decision.why)).toMatch(/\w/)
      }),
    )
  })
})
