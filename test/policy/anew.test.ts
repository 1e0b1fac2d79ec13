/** What another sign-in would change. */
import { describe, expect, it } from 'vitest'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { decide } from '../../src/policy/decide.ts'
import type { Person } from '../../src/policy/facts.ts'
import type { Rule } from '../../src/policy/policy.ts'
import { factsOf, friday, listed } from '../support/facts.ts'

const within = (seconds: number): Rule => ({ kind: 'signed-in-within', seconds })
const session = (seconds: number): Rule => ({ kind: 'session-within', seconds })
const by = (...classes: string[]): Rule => ({ kind: 'authn-context', classes })
const admins: Rule = { kind: 'group', name: 'admins', connection: null }
const all = (...of: Rule[]): Rule => ({ kind: 'all', of })
const any = (...of: Rule[]): Rule => ({ kind: 'any', of })
const not = (rule: Rule): Rule => ({ kind: 'not', rule })
const ago = (seconds: number) => toInstant(friday - seconds * 1000)

const decideFor = (rule: Rule, person: Partial<Person> = {}) => {
  const decision = decide({ kind: 'rule', rule }, factsOf(person), friday)
  return decision.kind === 'anew' ? decision.anew.contexts : decision.kind
}
const old = { authnInstant: ago(7200), signedInAt: ago(7200) }

describe('a person is asked to sign in again', () => {
  it.each<[string, Rule, Partial<Person>]>([
    ['the sign-in is too old', within(3600), old],
    [
      'the identity provider signed them in too long ago',
      within(3600),
      { ...old, signedInAt: ago(5) },
    ],
    ['nobody knows when they signed in', within(3600), { authnInstant: null }],
    ['the session is too old', session(3600), { signedInAt: ago(3600), authnInstant: ago(3600) }],
    ['one part of the rule is too old', all({ kind: 'signed-in' }, within(3600)), old],
    ['any way in is too old', any(admins, within(3600)), old],
    ['a named rule is too old', { kind: 'named', name: 'fresh', rule: within(60) }, old],
    ['they signed in as they must not', not(by('password')), { authnContext: 'password' }],
  ])('by any way, if %s', (_, rule, person) => {
    expect(decideFor(rule, person)).toBeNull()
  })

  it('by one of the ways that would be enough', () => {
    expect(decideFor(by('mfa', 'card'), { authnContext: 'password' })).toEqual(['mfa', 'card'])
    expect(decideFor(by('mfa'), { authnContext: null })).toEqual(['mfa'])
    expect(decideFor(all(within(3600), by('mfa')), { ...old, authnContext: 'mfa' })).toEqual([
      'mfa',
    ])
    // Of the ways that the rule names, the password opens nothing to her.
    expect(decideFor(any(by('mfa'), all(admins, by('password'))))).toEqual(['mfa'])
  })
})

describe('a person is refused', () => {
  it.each<[string, Rule, Partial<Person>]>([
    ['another part is not met', all(admins, within(3600)), old],
    ['another part is not known', all(admins, within(3600)), { ...old, groups: listed(null) }],
    ['the rule wants an old sign-in', not(within(3600)), { authnInstant: ago(60) }],
    ['no way would be enough', all(admins, by('mfa')), {}],
  ])('if %s, since another sign-in would not help', (_, rule, person) => {
    expect(decideFor(rule, person)).toBe('deny')
  })
})

describe('an age', () => {
  it('is over at its last second', () => {
    expect(decideFor(within(3600), { authnInstant: ago(3599) })).toBe('allow')
    expect(decideFor(within(3600), { authnInstant: ago(3600) })).toBeNull()
  })

  it('is not less because the clock of the identity provider is ahead', () => {
    const ahead = { authnInstant: plusSeconds(friday, 86_400), signedInAt: ago(7200) }
    expect(decideFor(within(3600), ahead)).toBeNull()
    expect(decideFor(within(3600), { ...ahead, signedInAt: ago(60) })).toBe('allow')
    expect(decideFor(within(3600), { authnInstant: ago(60), signedInAt: null })).toBe('allow')
  })
})
