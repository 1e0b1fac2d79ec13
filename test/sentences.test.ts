/** Every change that an operator can make has a sentence in the audit. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSources } from '../scripts/imports.ts'
import { sentenceOf } from '../src/audit/sentence.ts'

it('every command that the source records has a sentence of its own', () => {
  const source = [...readSources(join(import.meta.dirname, '../src')).values()].join('\n')
  const named = [
    ...source.matchAll(/command: (?:\w+ \? '([\w -]+)' : )?'([\w -]+)'/g),
    ...source.matchAll(/record(?:Keys|Of)\(context, '([\w -]+)'/g),
  ].flatMap(([, ...names]) => names.filter((name) => name !== undefined))
  expect(named).toEqual(
    expect.arrayContaining(['user enable', 'user disable', 'keys rotate', 'webhook add']),
  )
  const about = { kind: 'operator', connection: 'okta', user: 'user-1', userName: 'ada' }
  const silent = named.filter((command) =>
    sentenceOf({ ...about, facts: { operator: 'Grace', command } }).includes(`did "${command}"`),
  )
  expect(silent).toEqual([])
})
