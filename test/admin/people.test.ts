import { beforeEach, describe, expect, it } from 'vitest'
import { disableUser, enableUser, findOneUser, findPeople } from '../../src/admin/people.ts'
import type { User } from '../../src/directory/user.ts'
import { findUsers } from '../../src/directory/sign-in-store.ts'
import { listSessions } from '../../src/session/standing-store.ts'
import {
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

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
  await seedConnection('other')
})

const named = (text: string, connection: string | null = null) => ({ text, connection })

describe('disableUser and enableUser', () => {
  it('keep a user out with every session, and let the user in again without one', async () => {
    const { id } = await seedUser('acme', 'ada')
    await seedSession(await seedUser('acme', 'ada'), 's1')
    const out = valueOf(await disableUser(context, named('ada')))
    expect(out).toMatchObject({
      isChanged: true,
      sessions: 1,
      user: { barred: true, active: false },
    })
    expect(await listSessions(db, id, now)).toEqual([])
    const back = valueOf(await enableUser(context, named(id)))
    expect(back).toMatchObject({
      isChanged: true,
      sessions: 0,
      user: { barred: false, active: true },
    })
    expect(await listSessions(db, id, now)).toEqual([])
    expect(await audited()).toEqual([
      ['user disable', 'acme', id, { sessions: 1 }],
      ['user enable', 'acme', id, { sessions: 0 }],
    ])
  })

  it('change nothing, and leave no event, where the user is so already', async () => {
    const user = await seedUser('acme', 'ada')
    expect(valueOf(await enableUser(context, named('ada')))).toEqual({
      user,
      isChanged: false,
      sessions: 0,
    })
    expect(await findUsers(db, 'ada')).toEqual([user])
    expect(await audited()).toEqual([])
  })

  it('refuse a name that nobody has, and one that several have', async () => {
    const [first, second] = [await seedUser('acme', 'ada'), await seedUser('other', 'ada')]
    expect(refusalOf(await disableUser(context, named('bob')))).toEqual({
      reason: 'unknown-user',
      named: named('bob'),
    })
    expect(refusalOf(await disableUser(context, named('ada')))).toEqual({
      reason: 'several-users',
      named: named('ada'),
      candidates: [first, second],
    })
    expect((await findUsers(db, 'ada')).some(({ barred }) => barred)).toBe(false)
    expect(await audited()).toEqual([])
    valueOf(await disableUser(context, named('ada', 'other')))
    expect((await findUsers(db, 'ada')).map(({ barred }) => barred)).toEqual([false, true])
  })
})

describe('findOneUser and findPeople', () => {
  it('look in the connection that is named, and refuse one that there is not', async () => {
    const [first, second] = [await seedUser('acme', 'ada'), await seedUser('other', 'ada')]
    expect(valueOf(await findOneUser(db, named('ada', 'acme')))).toEqual(first)
    const people = (whole: string | null, connection: string | null) =>
      findPeople(db, { named: whole, search: null, connection, after: null, limit: 10 })
    const page = (...items: readonly User[]) => ({ items, next: null })
    expect(valueOf(await people(null, null))).toMatchObject(page(first, second))
    expect(valueOf(await people('ada', 'other'))).toMatchObject(page(second))
    expect(valueOf(await people('bob', null))).toMatchObject(page())
    expect(refusalOf(await people(null, 'acmo'))).toMatchObject({ reason: 'unknown-connection' })
  })
})
