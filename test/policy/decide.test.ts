import { describe, expect, it } from 'vitest'
import { decide } from '../../src/policy/decide.ts'
import { describeMissing } from '../../src/policy/describe.ts'
import { toFacts } from '../../src/policy/facts.ts'
import type { Rule, SettledPolicy } from '../../src/policy/policy.ts'
import type { LiveSession, SessionReading } from '../../src/session/session.ts'
import { MOST_GROUPS } from '../../src/lib/most-groups.ts'
import { asksOf } from '../support/facts.ts'
import { liveOf, noon } from '../support/site.ts'

const reading = (live: LiveSession): SessionReading => ({ kind: 'live', live })
const ask = (
  policy: SettledPolicy,
  read: SessionReading,
  connections: readonly string[] | null = null,
) => decide(policy, toFacts(read, connections, asksOf()), noon)
const admins: Rule = { kind: 'group', name: 'admins', connection: null }
const attribute = (name: string, value: string): Rule => ({
  kind: 'attribute',
  name,
  values: [value],
  connection: null,
})
const judge = (rule: Rule, live: LiveSession) => {
  const decision = ask({ kind: 'rule', rule }, reading(live))
  return decision.kind === 'deny' ? `needs ${describeMissing(decision.why)}` : decision.kind
}

describe('who may pass', () => {
  it('is anybody on a public route, who is nobody there even when signed in', () => {
    const allowed = { kind: 'allow', live: null, why: null }
    expect(ask({ kind: 'public' }, { kind: 'none' })).toEqual(allowed)
    expect(ask({ kind: 'public' }, reading(liveOf()))).toEqual(allowed)
  })

  it.each<SettledPolicy>([{ kind: 'signed-in' }, { kind: 'rule', rule: admins }])(
    'is nobody without a live session: $kind',
    (policy) => {
      expect(ask(policy, { kind: 'none' })).toEqual({
        kind: 'login',
        reason: 'no-session',
      })
      expect(ask(policy, { kind: 'ended', reason: 'revoked', session: null })).toEqual({
        kind: 'login',
        reason: 'revoked',
      })
    },
  )

  it('is everyone signed in where that is asked', () => {
    const live = liveOf()
    const allowed = { kind: 'allow', live, why: null }
    expect(ask({ kind: 'signed-in' }, reading(live))).toEqual(allowed)
    expect(judge({ kind: 'signed-in' }, live)).toBe('allow')
  })

  it('is nobody of a connection that the site does not take', () => {
    const signedIn: SettledPolicy = { kind: 'signed-in' }
    expect(ask(signedIn, reading(liveOf()), ['okta']).kind).toBe('allow')
    expect(ask(signedIn, reading(liveOf()), ['entra'])).toEqual({
      kind: 'login',
      reason: 'other-connection',
    })
    expect(ask(signedIn, reading(liveOf()), []).kind).toBe('login')
  })

  it('has the live groups, not those of the login', () => {
    expect(judge(admins, liveOf({ groups: [] }, ['admins']))).toBe('allow')
    expect(judge(admins, liveOf({ groups: ['admins'] }, []))).toBe('needs group admins')
  })

  it('has the group exactly: case, spaces and separators count', () => {
    for (const other of ['Admins', ' admins', 'admins ', 'admins,staff', 'staff|admins', 'admin']) {
      expect(judge(admins, liveOf({}, [other]))).toBe('needs group admins')
    }
  })

  it('has the group of the connection that is named', () => {
    const pinned: Rule = { kind: 'group', name: 'admins', connection: 'okta' }
    expect(judge(pinned, liveOf({ connection: 'okta' }, ['admins']))).toBe('allow')
    expect(judge(pinned, liveOf({ connection: 'partner' }, ['admins']))).toBe(
      'needs group admins of connection okta',
    )
  })

  it('has the group of that id, whatever it is called', () => {
    const byId: Rule = { kind: 'group-id', id: 'g-1', connection: null }
    expect(judge(byId, liveOf({}, ['renamed'], ['g-1']))).toBe('allow')
    expect(judge(byId, liveOf({}, ['g-1'], ['g-2']))).toBe('needs group with id g-1')
    // The groups of an assertion have no ids.
    expect(judge(byId, liveOf({}, ['g-1'], null))).toBe(
      'needs group with id g-1 (not known: groups)',
    )
    const pinned: Rule = { ...byId, connection: 'okta' }
    expect(judge(pinned, liveOf({}, [], ['g-1']))).toBe('allow')
    expect(judge(pinned, liveOf({ connection: 'partner' }, [], ['g-1']))).toBe(
      'needs group with id g-1 of connection okta',
    )
    expect(judge(admins, liveOf({}, [], ['admins']))).toBe('needs group admins')
  })

  it('has the email, whatever its case', () => {
    const rule: Rule = { kind: 'email', email: 'Ada@Example.com', connection: null }
    expect(judge(rule, liveOf({ email: 'ada@EXAMPLE.com' }))).toBe('allow')
    expect(judge(rule, liveOf({ email: 'ada@example.org' }))).toBe('needs email Ada@Example.com')
    expect(judge(rule, liveOf({ email: null }))).toBe(
      'needs email Ada@Example.com (not known: email)',
    )
  })

  it.each(['ada@example.com', 'ada@EXAMPLE.COM'])('has an email of the domain: %s', (email) => {
    expect(
      judge({ kind: 'email-domain', domain: 'example.com', connection: null }, liveOf({ email })),
    ).toBe('allow')
  })

  it.each([
    'ada@evil.test@example.com',
    'ada@example.com@evil.test',
    'ada@sub.example.com',
    'ada@notexample.com',
    'ada@example.com.evil.test',
    'ada@example.com ',
    'example.com',
    '@example.com',
    'ada@',
    '',
    // The Kelvin sign, which toLowerCase turns into a k.
    'ada@\u212Aelvin.example',
  ])('has no email of the domain: %s', (email) => {
    for (const domain of ['example.com', 'kelvin.example']) {
      expect(judge({ kind: 'email-domain', domain, connection: null }, liveOf({ email }))).toMatch(
        new RegExp(`^needs an email at ${domain}( \\(not known: email\\))?$`),
      )
    }
  })

  it('has an address that is not known, where it has no name or no domain', () => {
    const outside: Rule = {
      kind: 'not',
      rule: { kind: 'email-domain', domain: 'example.com', connection: null },
    }
    expect(judge(outside, liveOf({ email: 'ada@example.org' }))).toBe('allow')
    for (const email of ['ada@', '@example.org', 'ada', 'a@b@example.org', null]) {
      expect(judge(outside, liveOf({ email }))).toMatch(/not known: email/)
    }
  })

  it('has the attribute with that very value', () => {
    const live = liveOf({ attributes: { department: ['R&D', 'Legal'] } })
    expect(judge(attribute('department', 'Legal'), live)).toBe('allow')
    expect(judge(attribute('department', 'legal'), live)).toBe('needs attribute department = legal')
    expect(judge(attribute('Department', 'Legal'), live)).toBe(
      'needs attribute Department = Legal (not known: attributes)',
    )
    expect(judge(attribute('constructor', 'name'), live)).toBe(
      'needs attribute constructor = name (not known: attributes)',
    )
  })

  it.each<Rule>([
    { kind: 'group', name: 'staff', connection: 'okta' },
    { kind: 'email', email: 'ada@example.com', connection: 'okta' },
    { kind: 'email-domain', domain: 'example.com', connection: 'okta' },
    { kind: 'attribute', name: 'role', values: ['boss'], connection: 'okta' },
    { kind: 'has-attribute', name: 'role', connection: 'okta' },
  ])('is what the connection that is named says, and no other: $kind', (rule) => {
    const attributes = { role: ['boss'] }
    expect(judge(rule, liveOf({ attributes }))).toBe('allow')
    expect(judge(rule, liveOf({ attributes, connection: 'partner' }))).toMatch(
      /^needs .* of connection okta$/,
    )
  })

  it('came by the connection', () => {
    expect(judge({ kind: 'connection', connection: 'okta' }, liveOf())).toBe('allow')
    expect(judge({ kind: 'connection', connection: 'entra' }, liveOf())).toBe(
      'needs connection entra',
    )
  })

  it('meets any, or all, of several', () => {
    const staff: Rule = { kind: 'group', name: 'staff', connection: null }
    expect(judge({ kind: 'any', of: [admins, staff] }, liveOf())).toBe('allow')
    expect(judge({ kind: 'all', of: [staff] }, liveOf())).toBe('allow')
    expect(judge({ kind: 'all', of: [admins, staff] }, liveOf())).toBe('needs group admins')
    expect(judge({ kind: 'all', of: [admins, attribute('a', 'b'), staff] }, liveOf())).toBe(
      'needs all of (group admins, attribute a = b (not known: attributes))',
    )
    expect(judge({ kind: 'any', of: [admins, { kind: 'all', of: [admins] }] }, liveOf())).toBe(
      'needs any of (group admins, all of (group admins))',
    )
  })

  it('is told apart by what is not known, which is neither a yes nor a no', () => {
    const boss = attribute('role', 'boss')
    const not = (rule: Rule): Rule => ({ kind: 'not', rule })
    expect(judge(not(admins), liveOf())).toBe('allow')
    expect(judge(not(boss), liveOf())).toBe(
      'needs not (attribute role = boss) (not known: attributes)',
    )
    expect(judge(not(not(boss)), liveOf())).toMatch(/not known/)
    expect(judge({ kind: 'named', name: 'the boss', rule: boss }, liveOf())).toBe(
      'needs the boss (attribute role = boss) (not known: attributes)',
    )
    expect(judge(not({ kind: 'any', of: [boss, admins] }), liveOf())).toMatch(/not known/)
    expect(judge(not({ kind: 'all', of: [boss, admins] }), liveOf())).toBe('allow')
  })

  it('has groups that are not known, where the identity provider left them out', () => {
    const attributes = { 'http://schemas.microsoft.com/claims/groups.link': ['https://graph'] }
    const guests: Rule = { kind: 'group', name: 'guests', connection: null }
    const outsider: Rule = { kind: 'not', rule: guests }
    const omitted = liveOf({ attributes }, [], null)
    expect(judge(outsider, liveOf({}, [], null))).toBe('allow')
    expect(judge(outsider, omitted)).toBe('needs not (group guests) (not known: groups)')
    // The directory knows them all the same.
    expect(judge(outsider, liveOf({ attributes }, [], []))).toBe('allow')
    const many = Array.from({ length: MOST_GROUPS }, (_, i) => `g${i}`)
    expect(judge(outsider, liveOf({}, many))).toMatch(/not known: groups/)
    expect(judge(outsider, liveOf({}, many.slice(1)))).toBe('allow')
  })

  it('is explained by the very decision, part by part', () => {
    const staff: Rule = { kind: 'group', name: 'staff', connection: null }
    const boss = attribute('role', 'boss')
    const rule: Rule = { kind: 'all', of: [staff, admins, { kind: 'not', rule: boss }] }
    expect(ask({ kind: 'rule', rule }, reading(liveOf()))).toMatchObject({
      kind: 'deny',
      why: {
        rule,
        holds: false,
        by: null,
        parts: [
          { rule: staff, holds: true, by: 'groups' },
          { rule: admins, holds: false, by: 'groups' },
          { holds: null, by: null, parts: [{ rule: boss, holds: null, by: 'attributes' }] },
        ],
      },
    })
  })

  it('meets nothing where nothing is asked', () => {
    expect(judge({ kind: 'any', of: [] }, liveOf())).toBe('needs any of ()')
    expect(judge({ kind: 'all', of: [] }, liveOf())).toBe('needs all of ()')
  })
})
