import { describe, expect, it } from 'vitest'
import { whyNever } from '../../src/admin/never.ts'
import { toRule } from '../../src/policy/to-rule.ts'
import type { RuleConfig } from '../../src/config.ts'

const named: Record<string, RuleConfig> = { staff: { group: 'staff', connection: 'okta' } }
const why = (rule: RuleConfig) => whyNever(toRule(rule, named))
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'] as const

describe('a rule that nobody can meet', () => {
  it.each<[string, RuleConfig]>([
    [
      'it asks for group a, and for the opposite',
      { allOf: [{ group: 'a' }, { not: { group: 'a' } }] },
    ],
    ['it asks for a sign-in, and for the opposite', { allOf: ['signed-in', { not: 'signed-in' }] }],
    [
      'no request has several connections at once',
      { allOf: [{ connection: 'okta' }, { connection: 'entra' }] },
    ],
    [
      'no request has several connections at once',
      { allOf: [{ rule: 'staff' }, { group: 'b', connection: 'entra' }] },
    ],
    [
      'no request has several connections at once',
      { allOf: [{ rule: 'staff' }, { not: { connection: 'okta' } }] },
    ],
    [
      'no request has several email addresses at once',
      { allOf: [{ email: 'a@b.co' }, { email: 'c@b.co' }] },
    ],
    [
      'no request has several email domains at once',
      { allOf: [{ email: 'a@b.co' }, { emailDomain: 'd.co' }] },
    ],
    [
      'no request has several countries at once',
      { allOf: [{ country: ['DE'] }, { not: { country: ['DE', 'FR'] } }] },
    ],
    ['no request has several methods at once', { allOf: [{ method: 'GET' }, { method: 'POST' }] }],
    [
      'no request has several ways to sign in at once',
      { allOf: [{ authnContext: 'a' }, { authnContext: 'b' }] },
    ],
    [
      'no address is in all of its ranges',
      { allOf: [{ ip: '10.0.0.0/9' }, { ip: '10.128.0.0/9' }] },
    ],
    [
      'no address is in all of its ranges',
      { allOf: [{ ip: '10.1.0.0/16' }, { not: { ip: '10.0.0.0/8' } }] },
    ],
    [
      'its hours are never at the same time',
      {
        allOf: [
          { days: ['sat', 'sun'], zone: 'UTC' },
          { days: [...weekdays], zone: 'UTC' },
        ],
      },
    ],
    [
      'its hours are never at the same time',
      {
        allOf: [
          { hours: '09:00-12:00', zone: 'UTC' },
          { not: { hours: '08:00-13:00', zone: 'UTC' } },
        ],
      },
    ],
    [
      'no request has several countries at once',
      {
        anyOf: [
          { allOf: [{ country: 'DE' }, { country: 'FR' }] },
          { not: { anyOf: [{ country: 'DE' }, { not: { country: 'DE' } }] } },
        ],
      },
    ],
  ])('is found: %s', (reason, rule) => {
    expect(why(rule)).toBe(reason)
  })
})

describe('a rule that somebody can meet', () => {
  it.each<RuleConfig>([
    'signed-in',
    { rule: 'staff' },
    { anyOf: [{ allOf: [{ country: 'DE' }, { country: 'FR' }] }, { country: 'AT' }] },
    { allOf: [{ group: 'a' }, { group: 'b' }, { not: { group: 'c' } }] },
    { allOf: [{ method: 'GET' }, { method: 'HEAD' }] },
    {
      allOf: [
        { ip: '10.0.0.0/8' },
        { ip: ['10.1.0.0/16', '2001:db8::/32'] },
        { not: { ip: '10.1.2.0/24' } },
      ],
    },
    { allOf: [{ email: 'a@b.co' }, { emailDomain: 'b.co' }, { not: { emailDomain: 'c.co' } }] },
    {
      allOf: [
        { hours: '22:00-06:00', zone: 'UTC' },
        { days: 'sun', zone: 'Asia/Tokyo' },
      ],
    },
    { allOf: [{ rule: 'staff' }, { not: { group: 'b', connection: 'entra' } }] },
    { not: { country: ['DE'] } },
    {
      allOf: Array.from({ length: 12 }, (_, i) => ({
        anyOf: [{ group: `a${i}` }, { group: `b${i}` }],
      })),
    },
  ])('is left alone: %j', (rule) => {
    expect(why(rule)).toBeNull()
  })
})
