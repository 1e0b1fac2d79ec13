import { beforeEach, expect, it } from 'vitest'
import { findOneGroup, groupList, groupShow } from '../../src/admin/groups.ts'
import { disableUser } from '../../src/admin/people.ts'
import { addGroup, addProvisioned } from '../support/directory.ts'
import { act, context, db, emptyStore, refusalOf, seedConnection, valueOf } from './stage.ts'

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

it('a page of a group tells who is disabled from who is inactive in the directory', async () => {
  const [ada, bob, eve] = [
    await addProvisioned({ userName: 'ada' }, 'acme'),
    await addProvisioned({ userName: 'bob', active: false }, 'acme'),
    await addProvisioned({ userName: 'eve' }, 'acme'),
  ]
  valueOf(await disableUser(context, { text: 'eve', connection: null }))
  const group = await addGroup('Staff', [ada, bob, eve], 'acme')
  const { view } = valueOf(await act(groupShow, { group }))
  const states = view.flatMap((block) => (block.kind === 'table' ? block.rows : []))
  expect(states.map(([, name, state]) => [name, state])).toEqual(
    expect.arrayContaining([
      ['ada', 'enabled'],
      ['bob', 'inactive'],
      ['eve', 'disabled'],
    ]),
  )
  expect(states.length).toBe(3)
})

it('a list of groups refuses a connection that does not exist', async () => {
  await addGroup('Staff', [], 'acme')
  const list = (connection: string) => act(groupList, { connection })
  expect(valueOf(await list('acme')).facts).toMatchObject({ groups: [{ displayName: 'Staff' }] })
  expect(valueOf(await list('other')).facts).toEqual({ groups: [] })
  expect(refusalOf(await list('acmee'))).toMatchObject({
    kind: 'not-found',
    reason: 'unknown-connection',
    message: 'There is no connection "acmee". Did you mean "acme"? There is: acme, other.',
  })
})
