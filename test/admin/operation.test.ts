import { beforeEach, expect, it } from 'vitest'
import { limitField, minutesToDay, requiredText } from '../../src/admin/field.ts'
import { isOperation, type Bound } from '../../src/admin/operation.ts'
import { sessionRevoke } from '../../src/admin/sessions.ts'
import { allowRemovalsFor } from '../../src/admin/tokens.ts'
import { userDisable } from '../../src/admin/user-operations.ts'
import {
  audited,
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

const bound: Bound = { seconds: 15, words: 'within 15 seconds' }
const given = (fields: Readonly<Record<string, string>>) => new Map(Object.entries(fields))

it('an operation parses, acts, tells the audit, and shows facts and a view', async () => {
  const ada = await seedUser('acme', 'ada')
  const act = valueOf(userDisable.prepare(given({ user: 'ada' })))
  expect(await audited()).toEqual([])
  expect(valueOf(await act(context, bound))).toMatchObject({
    facts: { user: { id: ada.id, barred: true }, changed: true, withinSeconds: 15 },
    view: [
      {
        kind: 'sentence',
        text: 'ada is disabled: refused everywhere within 15 seconds, with 0 open sessions.',
      },
    ],
  })
  expect(await audited()).toEqual([['user disable', 'acme', ada.id, { sessions: 0 }]])
  const nobody = valueOf(userDisable.prepare(given({ user: 'eve' })))
  expect(refusalOf(await nobody(context, bound))).toMatchObject({
    kind: 'not-found',
    reason: 'unknown-user',
    see: { operation: 'user list', asks: null },
  })
})

it('input is refused field by field, and then as a whole', () => {
  expect(refusalOf(userDisable.prepare(given({})))).toEqual([
    { field: 'user', problem: 'is missing' },
  ])
  expect(refusalOf(allowRemovalsFor.prepare(given({ for: '2d' })))).toEqual([
    { field: 'connection', problem: 'is missing' },
    { field: 'for', problem: 'must be 1m to 24h, such as 30m or 1h; it is "2d"' },
  ])
  expect(refusalOf(sessionRevoke.prepare(given({ user: 'ada', id: 's1' })))).toEqual([
    { field: null, problem: 'Give a user or the id of a session, not both.' },
  ])
})

it.each([
  ['30m', 1800],
  ['1h', 3600],
  [null, 3600],
  ['24h', 86_400],
  ['1440m', 86_400],
])('%s are %d seconds', (text, seconds) => {
  expect(minutesToDay('how long').parse(text)).toEqual({ ok: true, value: seconds })
})

it.each(['', '0m', '25h', '1441m', '1', 'h', '1.5h', '-1h', '1h ', '99999m'])(
  '%j is no time from a minute to a day',
  (text) => {
    expect(minutesToDay('how long').parse(text).ok).toBe(false)
  },
)

it('a list has 1 to 1000 items', () => {
  const read = (text: string | null) => limitField().parse(text)
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
