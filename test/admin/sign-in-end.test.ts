import { beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../../src/admin/context.ts'
import type { Typed } from '../../src/admin/field.ts'
import { signInEnd } from '../../src/admin/sign-in-end.ts'
import { parseConfig } from '../../src/config.ts'
import type { User } from '../../src/directory/user.ts'
import { listSessions } from '../../src/session/standing-store.ts'
import {
  act,
  audited,
  context,
  db,
  emptyStore,
  now,
  refusalOf,
  seedConnection,
  seedSession,
  seedUser,
  valueOf,
} from './stage.ts'

const site = (host: string) => ({
  url: `https://${host}`,
  origin: 'https://origin.example.net',
  routes: [{ path: '/', access: 'signed-in' as const }],
})
const config = valueOf(
  parseConfig({
    loginHost: { url: 'https://login.example.com' },
    sites: [site('app.example.com'), site('*.preview.example.com')],
    sitesElsewhere: [{ url: 'https://other.example.com' }],
  }),
)
const by: Context = { ...context, config }

let ada: User
let bob: User
beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
  await seedConnection('other')
  ada = await seedUser('acme', 'ada')
  bob = await seedUser('other', 'bob')
  await seedSession(ada, 's1')
  await seedSession(ada, 's2')
  await seedSession(bob, 's3')
})

async function open(): Promise<readonly string[]> {
  const lists = await Promise.all([ada, bob].map(({ id }) => listSessions(db, id, now)))
  return lists
    .flat()
    .map(({ id }) => id)
    .toSorted()
}

const cases: readonly {
  readonly input: Typed
  readonly name: string | null
  readonly count: { readonly signIns: number; readonly users: number }
  readonly says: string
  readonly left: readonly string[]
  readonly event: readonly [string | null, string | null, object]
}[] = [
  {
    input: { user: 'ada' },
    name: 'ada',
    count: { signIns: 2, users: 1 },
    says: '2 sign-ins of 1 person would end at every site: those of ada.',
    left: ['s3'],
    event: ['acme', 'acme ada', { of: 'user' }],
  },
  {
    input: { user: 'bob', connection: 'other' },
    name: 'bob',
    count: { signIns: 1, users: 1 },
    says: '1 sign-in of 1 person would end at every site: those of bob.',
    left: ['s1', 's2'],
    event: ['other', 'other bob', { of: 'user' }],
  },
  {
    input: { connection: 'other' },
    name: 'other',
    count: { signIns: 1, users: 1 },
    says: '1 sign-in of 1 person would end at every site: those by the connection "other".',
    left: ['s1', 's2'],
    event: ['other', null, { of: 'connection' }],
  },
  {
    input: { site: 'APP.example.com' },
    name: 'app.example.com',
    count: { signIns: 3, users: 2 },
    says: '3 sign-ins of 2 people would end at every site: those with an open session at app.example.com.',
    left: [],
    event: [null, null, { of: 'site', site: 'app.example.com' }],
  },
  {
    input: { everybody: '' },
    name: null,
    count: { signIns: 3, users: 2 },
    says: '3 sign-ins of 2 people would end at every site: those of everybody.',
    left: [],
    event: [null, null, { of: 'everybody' }],
  },
]

describe.each(cases)('sign-in end $input', ({ input, name, count, says, left, event }) => {
  it('says how many would end, and ends none', async () => {
    expect(refusalOf(await act(signInEnd, input, { by }))).toMatchObject({
      kind: 'conflict',
      reason: 'unconfirmed',
      message: says,
      facts: { name, ...count },
    })
    expect(await open()).toEqual(['s1', 's2', 's3'])
    expect(await audited()).toEqual([])
  })

  it('ends them when it is confirmed, and tells the audit', async () => {
    const { facts } = valueOf(await act(signInEnd, { ...input, yes: '' }, { by }))
    expect(facts).toMatchObject({ name, ...count, withinSeconds: 15 })
    expect(await open()).toEqual(left)
    const [connection, user, more] = event
    expect(await audited()).toEqual([['sign-in end', connection, user, { ...more, ...count }]])
  })
})

it('says what is milder, where there is something', async () => {
  expect(refusalOf(await act(signInEnd, { user: 'ada' }))).toMatchObject({
    see: { operation: 'user disable', input: { user: ada.id, connection: 'acme' } },
  })
  expect(refusalOf(await act(signInEnd, { connection: 'acme' }))).toMatchObject({
    see: { operation: 'connection disable', input: { id: 'acme' } },
  })
  expect(refusalOf(await act(signInEnd, { everybody: '' }))).toMatchObject({ see: null })
})

it.each([
  [{ user: 'eve' }, 'unknown-user'],
  [{ user: 'ada', connection: 'other' }, 'unknown-user'],
  [{ connection: 'none' }, 'unknown-connection'],
  [{ site: 'none.example.com' }, 'unknown-site'],
  [{ site: '*.preview.example.com' }, 'unknown-site'],
  [{ site: 'https://app.example.com' }, 'unknown-site'],
] as const)('refuses %j, also when it is confirmed', async (input, reason) => {
  const refused = refusalOf(await act(signInEnd, { ...input, yes: '' }, { by }))
  expect(refused).toMatchObject({ kind: 'not-found', reason })
  expect(await open()).toEqual(['s1', 's2', 's3'])
})

it.each([['login.example.com'], ['other.example.com'], ['x.preview.example.com']])(
  'knows the host %s, where nobody has a session',
  async (host) => {
    expect(refusalOf(await act(signInEnd, { site: host }, { by }))).toMatchObject({
      reason: 'unconfirmed',
      message: `No sign-in is open (those with an open session at ${host}). Only those that are being opened now would fail.`,
    })
  },
)

it.each([
  [{}, 'Whose sign-ins? Give a user, a connection, a site, or everybody.'],
  [{ everybody: 'false' }, 'Whose sign-ins? Give a user, a connection, a site, or everybody.'],
  [
    { user: 'ada', site: 'app.example.com' },
    'Give a user, a connection, a site or everybody: one of them.',
  ],
  [
    { connection: 'acme', everybody: '' },
    'Give a user, a connection, a site or everybody: one of them.',
  ],
])('is refused for %j: it is not plain whose sign-ins are meant', async (input, problem) => {
  expect(refusalOf(await act(signInEnd, { ...input, yes: '' }))).toEqual([{ field: null, problem }])
  expect(await open()).toEqual(['s1', 's2', 's3'])
})

it('takes who may change people, and no less', async () => {
  const reader: Context = { ...by, operator: { ...by.operator, scopes: ['read', 'connections'] } }
  const refused = await act(signInEnd, { everybody: '', yes: '' }, { by: reader })
  expect(refusalOf(refused)).toMatchObject({ kind: 'forbidden' })
  expect(await open()).toEqual(['s1', 's2', 's3'])
})
