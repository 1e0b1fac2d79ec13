import { beforeEach, expect, it } from 'vitest'
import { limitField, minutesToDay, requiredText, toGiven, texts } from '../../src/admin/field.ts'
import type { Operator } from '../../src/admin/context.ts'
import { isOperation } from '../../src/admin/operation.ts'
import { signInEnd } from '../../src/admin/sign-in-end.ts'
import { allowRemovalsFor } from '../../src/admin/guard.ts'
import { userDisable, userEnable } from '../../src/admin/user-operations.ts'
import {
  act,
  audited,
  bound,
  context,
  emptyStore,
  refusalOf,
  seedConnection,
  seedUser,
  valueOf,
} from './stage.ts'

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
})

it('an operation parses, acts, tells the audit, and shows facts and a view', async () => {
  const ada = await seedUser('acme', 'ada')
  const disable = valueOf(userDisable.prepare(toGiven({ user: 'ada' })))
  expect(await audited()).toEqual([])
  expect(valueOf(await disable(context, { bound, ifVersion: null }))).toMatchObject({
    facts: { user: { id: ada.id, barred: true }, changed: true, withinSeconds: 15 },
    view: [
      {
        kind: 'sentence',
        text: 'ada is disabled: refused everywhere within 15 seconds, with 0 open sessions.',
      },
    ],
  })
  expect(await audited()).toEqual([['user disable', 'acme', ada.id, { sessions: 0 }]])
  expect(refusalOf(await act(userDisable, { user: 'eve' }))).toMatchObject({
    kind: 'not-found',
    reason: 'unknown-user',
    see: { operation: 'user list', asks: null },
  })
})

it('input is refused field by field, and then as a whole', () => {
  expect(refusalOf(userDisable.prepare(toGiven({})))).toEqual([
    { field: 'user', problem: 'is missing' },
  ])
  expect(refusalOf(allowRemovalsFor.prepare(toGiven({ for: '2d' })))).toEqual([
    { field: 'connection', problem: 'is missing' },
    { field: 'for', problem: 'must be 1m to 24h, such as 30m or 1h; it is "2d"' },
  ])
  expect(refusalOf(signInEnd.prepare(toGiven({ user: 'ada', everybody: '' })))).toEqual([
    { field: null, problem: 'Give a user, a connection, a site or everybody: one of them.' },
  ])
})

it.each([
  ['30m', 1800],
  ['1h', 3600],
  [null, 3600],
  ['24h', 86_400],
  ['1440m', 86_400],
])('%s are %d seconds', (text, seconds) => {
  expect(minutesToDay('how long').parse(text === null ? [] : [text])).toEqual({
    ok: true,
    value: seconds,
  })
})

it.each(['', '0m', '25h', '1441m', '1', 'h', '1.5h', '-1h', '1h ', '99999m'])(
  '%j is no time from a minute to a day',
  (text) => {
    expect(minutesToDay('how long').parse([text]).ok).toBe(false)
  },
)

it('a list has 1 to 1000 items', () => {
  const read = (text: string | null) => limitField().parse(text === null ? [] : [text])
  expect([read(null), read('1'), read('1000')]).toEqual(
    [100, 1, 1000].map((value) => ({ ok: true, value })),
  )
  for (const text of ['', '0', '01', '1001', '1e3', '-1']) expect(read(text).ok).toBe(false)
})

it('what is declared is known from other things that a module exports', () => {
  expect(
    [userDisable, requiredText('id', 'an id'), isOperation, null, 'x'].map(isOperation),
  ).toEqual([true, false, false, false, false])
})

it('a value that is given twice is refused, unless the field takes several', () => {
  const one = requiredText('id', 'an id')
  expect(one.parse(['a', 'b'])).toEqual({ ok: false, error: 'is given twice: give it once' })
  const several = texts('id', 'ids', { most: 2 })
  expect(several.parse(['a', 'b'])).toEqual({ ok: true, value: ['a', 'b'] })
  expect(several.parse(['a', 'b', 'c']).ok).toBe(false)
  expect(several.parse(['x'.repeat(1001)]).ok).toBe(false)
  expect(one.parse(['x'.repeat(1001)]).ok).toBe(false)
})

it('an operator does only what the scopes allow', async () => {
  await seedUser('acme', 'ada')
  const as = (...scopes: Operator['scopes']) => ({
    by: { ...context, operator: { ...context.operator, scopes } },
  })
  for (const scopes of [[], ['read'], ['read', 'connections']] as const) {
    expect(refusalOf(await act(userDisable, { user: 'ada' }, as(...scopes)))).toMatchObject({
      kind: 'forbidden',
      reason: 'scope',
    })
  }
  expect(await audited()).toEqual([])
  expect((await act(userDisable, { user: 'ada' }, as('people'))).ok).toBe(true)
})

it('a change names the operation that takes it back', async () => {
  const ada = await seedUser('acme', 'ada')
  const { undo } = valueOf(await act(userDisable, { user: 'ada' }))
  expect(undo).toEqual({
    operation: 'user enable',
    input: { user: ada.id, connection: 'acme' },
  })
  const back = valueOf(await act(userEnable, undo?.input ?? {}))
  expect(back.facts).toMatchObject({ changed: true, user: { barred: false } })
  // Nothing changed, so there is nothing to take back.
  expect(valueOf(await act(userEnable, { user: 'ada' })).undo).toBeNull()
})
