import { beforeEach, expect, it } from 'vitest'
import { findOneGroup } from '../../src/admin/groups.ts'
import { addGroup } from '../support/directory.ts'
import { db, emptyStore, refusalOf, seedConnection, valueOf } from './stage.ts'

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
  await seedConnection('other')
})

it('a group is found by its name or id, and a name that two have is refused', async () => {
  const [first, second] = [
    await addGroup('Staff', [], 'acme'),
    await addGroup('Staff', [], 'other'),
  ]
  const find = (text: string, connection: string | null = null) =>
    findOneGroup(db, { text, connection })
  expect(valueOf(await find(first))).toMatchObject({ id: first, connection: 'acme' })
  expect(valueOf(await find('staff', 'other')).id).toBe(second)
  expect(refusalOf(await find('staff'))).toMatchObject({
    reason: 'several-groups',
    candidates: [{ id: first }, { id: second }],
  })
  expect(refusalOf(await find('none', 'acme'))).toEqual({
    reason: 'unknown-group',
    named: { text: 'none', connection: 'acme' },
  })
})
