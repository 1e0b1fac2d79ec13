/** The parts of policies and rules. */
import { expect, it } from 'vitest'
import { leavesOf, ruleOf } from '../../src/policy/leaves.ts'
import type { Rule } from '../../src/policy/policy.ts'

const staff: Rule = { kind: 'group', name: 'staff', connection: 'okta' }
const get: Rule = { kind: 'method', methods: ['GET'] }

it('a policy has a rule, for all methods or for some, or none', () => {
  expect(ruleOf({ kind: 'rule', rule: staff })).toBe(staff)
  const otherwise = { kind: 'rule', rule: staff } as const
  expect(ruleOf({ kind: 'by-method', methods: ['GET'], otherwise })).toBe(staff)
  for (const policy of [{ kind: 'public' }, { kind: 'signed-in' }] as const) {
    expect(ruleOf(policy)).toBeNull()
    expect(ruleOf({ kind: 'by-method', methods: ['GET'], otherwise: policy })).toBeNull()
  }
})

it('a rule has the leaves of all its parts', () => {
  const named: Rule = { kind: 'named', name: 'team', rule: { kind: 'any', of: [staff, get] } }
  expect(leavesOf({ kind: 'all', of: [named, { kind: 'not', rule: get }] })).toEqual([
    staff,
    get,
    get,
  ])
  expect(leavesOf(staff)).toEqual([staff])
})
