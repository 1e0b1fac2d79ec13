/** Whose people can meet a rule: who may change that connection may make people meet it. */
import { expect, it } from 'vitest'
import { connectionsOf } from '../../src/policy/pin.ts'
import type { Rule } from '../../src/policy/policy.ts'

const group = (connection: string | null): Rule => ({ kind: 'group', name: 'it', connection })
const anywhere: Rule = { kind: 'method', methods: ['GET'] }
const any = (...of: Rule[]): Rule => ({ kind: 'any', of })
const all = (...of: Rule[]): Rule => ({ kind: 'all', of })

it.each<[string, Rule, readonly string[] | null]>([
  ['one that is named', group('okta'), ['okta']],
  ['any, where none is named', group(null), null],
  ['any, where people are not asked about', anywhere, null],
  ['those of a named rule', { kind: 'named', name: 'team', rule: group('okta') }, ['okta']],
  ['any, where it says only who may not', { kind: 'not', rule: group('okta') }, null],
  ['each of several ways', any(group('okta'), group('entra')), ['okta', 'entra']],
  ['any, where one way is open to any', any(group('okta'), anywhere), null],
  ['no more than each part allows', all(group('okta'), any(group('okta'), group('x'))), ['okta']],
  ['none, where the parts contradict each other', all(group('okta'), group('x')), []],
  ['one, where another part asks for no person', all(anywhere, group('okta')), ['okta']],
  ['one, in either order', all(group('okta'), anywhere), ['okta']],
  ['any, where no part names one', all(anywhere, group(null)), null],
])('%s', (_, rule, connections) => {
  expect(connectionsOf(rule)).toEqual(connections)
})
