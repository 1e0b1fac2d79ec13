import { beforeEach, describe, expect, it } from 'vitest'
import { endSession } from '../../src/admin/sessions.ts'
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
