/** Policies settled by the method, and several policies as one; and which rules name a connection. */
import { describe, expect, it } from 'vitest'
import { allOf, settle } from '../../src/policy/combine.ts'
import { describeRule } from '../../src/policy/describe.ts'
import { unpinnedParts } from '../../src/policy/pin.ts'
import type { Policy, Rule, SettledPolicy } from '../../src/policy/policy.ts'

const group = (name: string, connection: string | null = null): Rule => ({
  kind: 'group',
  name,
  connection,
})
const ruled = (rule: Rule): SettledPolicy => ({ kind: 'rule', rule })
const signedIn: SettledPolicy = { kind: 'signed-in' }
const open: SettledPolicy = { kind: 'public' }

describe('a policy by method', () => {
  const policy: Policy = { kind: 'by-method', methods: ['GET', 'REPORT'], otherwise: signedIn }

  it.each([
    [['GET'], open],
    [['HEAD'], open],
    [['GET', 'REPORT'], open],
    [['POST'], signedIn],
    [['GET', 'POST'], signedIn],
    [['GET', 'WEBSOCKET'], signedIn],
    [[], signedIn],
  ])('is for %j: %j', (methods, expected) => {
    expect(settle(policy, methods)).toEqual(expected)
  })

  it('is the same for every method if it names none', () => {
    expect(settle(signedIn, ['GET'])).toBe(signedIn)
    expect(settle(ruled(group('a')), [])).toEqual(ruled(group('a')))
  })
})

describe('several policies', () => {
  it('are the strictest of them', () => {
    expect(allOf([open, open])).toEqual(open)
    expect(allOf([open, signedIn])).toEqual(signedIn)
    expect(allOf([signedIn, ruled(group('a')), open])).toEqual(ruled(group('a')))
    expect(allOf([ruled(group('a')), ruled(group('a'))])).toEqual(ruled(group('a')))
    expect(allOf([ruled(group('a')), ruled(group('b'))])).toEqual(
      ruled({ kind: 'all', of: [group('a'), group('b')] }),
    )
  })
})

describe('a rule that names no connection', () => {
  const okta: Rule = { kind: 'connection', connection: 'okta' }
  const named = (rule: Rule): Rule => ({ kind: 'named', name: 'n', rule })

  it.each<[string, Rule, number]>([
    ['a group', group('a'), 1],
    ['a group of a connection', group('a', 'okta'), 0],
    ['a group beside a connection', { kind: 'all', of: [okta, group('a')] }, 0],
    ['a group beside a named connection', { kind: 'all', of: [named(okta), group('a')] }, 0],
    [
      'a group beside the negation of one',
      { kind: 'all', of: [{ kind: 'not', rule: okta }, group('a')] },
      1,
    ],
    ['a group or a connection', { kind: 'any', of: [okta, group('a')] }, 1],
    ['a named group', named(group('a')), 1],
    ['two groups', { kind: 'all', of: [group('a'), group('b')] }, 2],
    ['a country', { kind: 'country', countries: ['DE'] }, 0],
  ])('is found: %s', (_, rule, count) => {
    expect(unpinnedParts(ruled(rule)).length).toBe(count)
    const policy: Policy = { kind: 'by-method', methods: ['GET'], otherwise: ruled(rule) }
    expect(unpinnedParts(policy).length).toBe(count)
  })

  it.each<[string, Rule]>([
    ['group a', group('a')],
    ['email a@b.example', { kind: 'email', email: 'a@b.example', connection: null }],
    ['an email at b.example', { kind: 'email-domain', domain: 'b.example', connection: null }],
    [
      'attribute team = a or b',
      { kind: 'attribute', name: 'team', values: ['a', 'b'], connection: null },
    ],
    ['attribute team', { kind: 'has-attribute', name: 'team', connection: null }],
    ['sign-in by urn:a or urn:b', { kind: 'authn-context', classes: ['urn:a', 'urn:b'] }],
  ])('is named in the words of the page that refuses: %s', (words, rule) => {
    expect(unpinnedParts(ruled(rule))).toEqual([words])
    expect(describeRule(rule)).toBe(words)
  })

  it('is in no policy without a rule', () => {
    expect(unpinnedParts(signedIn)).toEqual([])
    expect(unpinnedParts(open)).toEqual([])
  })
})
