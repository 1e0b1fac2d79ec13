import { beforeEach, describe, expect, it } from 'vitest'
import { endSession, endSessionsOfUser } from '../../src/admin/sessions.ts'
import { listSessions } from '../../src/session/standing-store.ts'
import type { User } from '../../src/directory/user.ts'
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

let ada: User
beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
  ada = await seedUser('acme', 'ada')
  await seedSession(ada, 's1')
  await seedSession(ada, 's2')
})

const open = async () => (await listSessions(db, ada.id, now)).map(({ id }) => id).toSorted()

describe('endSession', () => {
  it('ends that session alone, once', async () => {
    valueOf(await endSession(context, 's1'))
    expect(await open()).toEqual(['s2'])
    expect(refusalOf(await endSession(context, 's1'))).toEqual({
      reason: 'unknown-session',
      id: 's1',
    })
    expect(await audited()).toEqual([['session revoke', null, ada.id, { session: 's1' }]])
  })
})

describe('endSessionsOfUser', () => {
  it('ends every session of the user and says which were open', async () => {
    const done = valueOf(await endSessionsOfUser(context, { text: 'ada', connection: null }))
    expect(done.user).toEqual(ada)
    expect(done.ended.toSorted()).toEqual(['s1', 's2'])
    expect(await open()).toEqual([])
    expect(await audited()).toEqual([['session revoke', 'acme', ada.id, { sessions: done.ended }]])
  })

  it('refuses a name that nobody has', async () => {
    const named = { text: 'ada', connection: 'other' }
    expect(refusalOf(await endSessionsOfUser(context, named))).toEqual({
      reason: 'unknown-user',
      named,
    })
    expect(await open()).toEqual(['s1', 's2'])
    expect(await audited()).toEqual([])
  })
})
