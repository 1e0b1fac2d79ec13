import { beforeEach, describe, expect, it } from 'vitest'
import { groupList, groupShow } from '../../src/admin/groups.ts'
import type { Operation } from '../../src/admin/operation.ts'
import { userList } from '../../src/admin/user-operations.ts'
import type { Typed } from '../../src/admin/field.ts'
import { provision } from '../support/provision.ts'
import { recording } from '../../tools/stage/recording.ts'
import { fillDirectory } from '../../tools/stage/fill.ts'
import { findPeople } from '../../src/admin/people.ts'
import { cursorField } from '../../src/admin/page.ts'
import { addGroup, addProvisioned, changeProvisioned } from '../support/directory.ts'
import { act, db, emptyStore, now, refusalOf, seedConnection, valueOf } from './stage.ts'

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
  await seedConnection('other')
})

interface Names {
  readonly userName: string
  readonly email?: string
  readonly displayName?: string
}

/** The subject is what stays the same where the names change. */
async function signIn(
  subject: string,
  { userName, email, displayName }: Names,
  connection = 'acme',
): Promise<void> {
  const names = { userName, email: email ?? null, displayName: displayName ?? null }
  const person = { connection, subject, ...names, groups: [], attributes: {} }
  const newId = `${connection} ${subject}`
  valueOf(await provision(db, person, { mode: 'jit', join: 'user-name', newId, now }))
}

const namesIn = (facts: Readonly<Record<string, unknown>>, list: string): readonly unknown[] => {
  const items: unknown = facts[list]
  if (!Array.isArray(items)) throw new Error(`there is no ${list}`)
  return items.map((item) => item.userName ?? item.displayName)
}

const found = async (search: string, more: Typed = {}) =>
  namesIn(valueOf(await act(userList, { search, ...more })).facts, 'users')

describe('a search for people', () => {
  const ada = { userName: 'ada.lovelace@acme.com', displayName: 'Countess Ada King' }

  it.each([
    ['a', true],
    ['ada', true],
    ['ADA', true],
    ['lovel', true],
    ['ada.l', true],
    ['ada.lovelace@acme.com', true],
    ['count ki', true],
    ['ki count', true],
    ['king lovelace', true],
    ['  king  ', true],
    ['ada bob', false],
    ['velace', false],
    ['acme', false],
    ['%', false],
    ['"', false],
    ['ada_', false],
  ])('%j finds Ada Lovelace: %s', async (search, isFound) => {
    await signIn('1', ada)
    await signIn('2', { userName: 'bob' })
    expect(await found(search)).toEqual(isFound ? [ada.userName] : [])
  })

  it('finds people of one connection, whether they signed in or a directory sent them', async () => {
    await signIn('1', { userName: 'ada1' })
    await signIn('1', { userName: 'ada2' }, 'other')
    await addProvisioned({ userName: 'ada3', displayName: 'Ada' }, 'other')
    expect(await found('ada')).toEqual(['ada3', 'ada1', 'ada2'])
    expect(await found('ada', { connection: 'other' })).toEqual(['ada3', 'ada2'])
  })

  it('has the whole word before longer ones, and each person once', async () => {
    await signIn('1', { userName: 'a.ada', email: 'adam@acme.com', displayName: 'Ada Adamson' })
    await signIn('2', { userName: 'adele' })
    await signIn('3', { userName: 'zoe', displayName: 'Zoe Ada' })
    expect(await found('ad')).toEqual(['a.ada', 'zoe', 'adele'])
    expect(await pages(userList, 'users', { search: 'ad' })).toEqual([['a.ada', 'zoe'], ['adele']])
  })

  it('reads few rows, whether it finds many or few', async () => {
    await fillDirectory(db, { connection: 'acme', users: 4000, groups: 0, prefix: 'u' }, now)
    for (const search of ['u', 'u003', 'u003999', 'u u0', 'zz']) {
      for (const connection of [null, 'acme']) {
        const recorded = recording(db)
        const filter = { named: null, search, connection, limit: 50 }
        const first = valueOf(await findPeople(recorded.binding, { ...filter, after: null }))
        expect([search, recorded.rows() < 400]).toEqual([search, true])
        if (first.next === null) continue
        const after = valueOf(cursorField(3).parse([first.next]))
        recorded.forget()
        const second = valueOf(await findPeople(recorded.binding, { ...filter, after }))
        expect([search, recorded.rows() < 400]).toEqual([search, true])
        const ids = [...first.items, ...second.items].map(({ id }) => id)
        expect([search, new Set(ids).size]).toEqual([search, 100])
      }
    }
  })

  it('goes by the names of today', async () => {
    await signIn('1', { userName: 'ada', email: 'ada@acme.com', displayName: 'Ada' })
    await signIn('1', {
      userName: 'ada',
      email: 'king@acme.com',
      displayName: 'Augusta "Ada"\n King',
    })
    expect(await found('augusta')).toEqual(['ada'])
    expect(await found('king')).toEqual(['ada'])
    expect(await found('ada@')).toEqual([])
    const bob = await addProvisioned({ userName: 'bob' }, 'acme')
    await changeProvisioned(bob, { userName: 'rob' }, now, 'acme')
    expect([await found('bob'), await found('rob')]).toEqual([[], ['rob']])
    await db.prepare('DELETE FROM users').run()
    expect(await db.prepare('SELECT count(*) AS n FROM user_words').first('n')).toBe(0)
  })

  it('looks up names with many words, quotes and other scripts', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => `w${i}`).join(' ')
    await signIn('1', { userName: 'x', displayName: `\\"[]{}, 'Ångström' ${many}` })
    expect(await found('w1')).toEqual(['x'])
    // The first 200 characters of a name count.
    expect(await found('w4999')).toEqual([])
    expect(await found("'Ångs")).toEqual(['x'])
  })

  it('is not given beside a whole name', () => {
    expect(
      refusalOf(
        userList.prepare(
          new Map([
            ['user', ['a']],
            ['search', ['b']],
          ]),
        ),
      ),
    ).toEqual([{ field: null, problem: 'Give a whole name or a search, not both.' }])
  })
})

/** Each page, to the last. */
async function pages(operation: Operation, list: string, typed: Typed) {
  const all: (readonly unknown[])[] = []
  let cursor: string | null = null
  do {
    const more: Typed = cursor === null ? {} : { cursor }
    const { facts, next }: { facts: Readonly<Record<string, unknown>>; next: string | null } =
      valueOf(await act(operation, { ...typed, limit: '2', ...more }))
    all.push(namesIn(facts, list))
    cursor = next
  } while (cursor !== null)
  return all
}

describe('a list', () => {
  it('of people comes page by page: each once, though people come and go meanwhile', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await signIn(name, { userName: name })
    await signIn('f', { userName: 'a' }, 'other')
    expect(await pages(userList, 'users', {})).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'a'],
    ])
    expect(await pages(userList, 'users', { connection: 'acme' })).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
    ])
    const { next } = valueOf(await act(userList, { limit: '2' }))
    await db.prepare("DELETE FROM users WHERE user_name IN ('a', 'b')").run()
    await signIn('b2', { userName: 'b2' })
    const second = valueOf(await act(userList, { limit: '2', cursor: next ?? '' }))
    expect(namesIn(second.facts, 'users')).toEqual(['b2', 'c'])
  })

  it('of people who have one name, and of those that a search finds', async () => {
    for (const subject of ['1', '2', '3']) await signIn(subject, { userName: 'ada' })
    expect(await pages(userList, 'users', { search: 'ad' })).toEqual([['ada', 'ada'], ['ada']])
  })

  it('of groups and of members comes page by page', async () => {
    const people: string[] = []
    for (const userName of ['a', 'b', 'c']) people.push(await addProvisioned({ userName }, 'acme'))
    await addGroup('B', people, 'acme')
    await addGroup('a', [], 'acme')
    await addGroup('C', [], 'other')
    expect(await pages(groupList, 'groups', {})).toEqual([['a', 'B'], ['C']])
    const members = await pages(groupShow, 'members', { group: 'B' })
    expect(members.map(({ length }) => length)).toEqual([2, 1])
    expect(new Set(members.flat())).toEqual(new Set(['a', 'b', 'c']))
  })

  it.each(['', 'x', 'W10', 'WyJhIl0', 'eyJhIjoxfQ', 'WzEsMiwzXQ', 'A'.repeat(5000)])(
    'refuses the cursor %j',
    (cursor) => {
      expect(refusalOf(userList.prepare(new Map([['cursor', [cursor]]])))).toMatchObject([
        { field: 'cursor' },
      ])
    },
  )
})
