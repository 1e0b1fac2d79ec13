import { beforeEach, describe, expect, it } from 'vitest'
import { parseOperatorName } from '../../src/admin/context.ts'
import { disableUser } from '../../src/admin/people.ts'
import { findUsers } from '../../src/directory/sign-in-store.ts'
import type { StoreUnavailable } from '../../src/lib/store-error.ts'
import { context, db, emptyStore, seedConnection, seedUser, valueOf } from './stage.ts'

beforeEach(emptyStore)

describe('the name of an operator', () => {
  it.each([
    ['  Grace Hopper ', 'Grace Hopper'],
    ['グレース', 'グレース'],
    ['', null],
    ['   ', null],
    ['a\nb', null],
    ['a\u202eb', null],
    ['a'.repeat(101), null],
  ])('%j is read as %j', (text, name) => {
    expect(parseOperatorName(text)).toBe(name)
  })
})

describe('a change that the audit cannot keep', () => {
  it('is made all the same, and the face is told', async () => {
    await seedConnection('acme')
    await seedUser('acme', 'ada')
    const told: StoreUnavailable[] = []
    await db.exec('ALTER TABLE audit RENAME TO audit_away')
    try {
      const done = await disableUser(
        { ...context, onUnaudited: (error) => void told.push(error) },
        { text: 'ada', connection: null },
      )
      expect(valueOf(done).isChanged).toBe(true)
    } finally {
      await db.exec('ALTER TABLE audit_away RENAME TO audit')
    }
    expect(told.map(({ during }) => during)).toEqual(['keeping audit events'])
    expect((await findUsers(db, 'ada')).map(({ barred }) => barred)).toEqual([true])
  })
})
