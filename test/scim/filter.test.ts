import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { anyTerm, groupPaths, judge, userPaths, words, write, type Term } from './filter-model.ts'
import { createDirectory, ENTERPRISE, namesOf, start, type Directory, type Json } from './stage.ts'

let scim: Directory
let users: readonly Json[]
let groups: readonly Json[]

/** The same each time: what is random here is the filters. */
const dice = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

beforeAll(async () => {
  scim = await createDirectory()
  const roll = dice(7)
  const word = (): string => words[roll(words.length)] ?? ''
  const maybe = (value: () => Json): Json => (roll(3) === 0 ? undefined : value())
  const ids: string[] = []
  for (let i = 0; i < 36; i++) {
    vi.setSystemTime(start.getTime() + roll(4) * 1000)
    ids.push(
      await scim.user({
        userName: `${word()}${i}`,
        externalId: maybe(word),
        displayName: maybe(word),
        title: maybe(() => (roll(4) === 0 ? '' : word())),
        profileUrl: maybe(word),
        active: roll(2) === 0,
        name: maybe(() => ({ givenName: maybe(word), familyName: maybe(word) })),
        emails: maybe(() =>
          Array.from({ length: roll(3) + 1 }, (_, at) => ({
            value: maybe(word),
            type: maybe(() => ['work', 'home', 'Work'][roll(3)]),
            primary: maybe(() => at === 0),
          })),
        ),
        addresses: maybe(() => [{ locality: maybe(word), type: 'work' }]),
        photos: maybe(() => [{ value: word() }]),
        [ENTERPRISE]: maybe(() => ({
          department: maybe(word),
          employeeNumber: maybe(word),
          manager: maybe(() => ({ value: ids[roll(ids.length)] ?? 'x' })),
        })),
      }),
    )
  }
  for (let i = 0; i < 12; i++) {
    const members = ids.filter(() => roll(5) === 0).map((value) => ({ value }))
    await scim.group({ displayName: `${word()} ${i}`, externalId: maybe(word), members })
  }
  vi.setSystemTime(start.getTime() + 3000)
  users = (await scim.get('/Users?count=200')).body.Resources
  groups = (await scim.get('/Groups?count=200')).body.Resources
  expect([users.length, groups.length]).toEqual([36, 12])
})

describe('what a filter finds', () => {
  /** Half of the letters in the other case. */
  const swap = (text: string) =>
    text.startsWith('urn:')
      ? text
      : Array.from(text, (c, i) => (i % 2 === 0 ? c.toUpperCase() : c)).join('')

  const check = async (
    type: 'Users' | 'Groups',
    term: Term,
    all: readonly Json[],
    paths: typeof userPaths,
  ) => {
    const filter = write(term, swap)
    const found = await scim.find(type, filter, '&count=200')
    expect(found.status, filter).toBe(200)
    const wanted = all.filter((each) => judge(term, each, paths))
    expect(
      found.body.Resources.map((each: Json) => each.id),
      filter,
    ).toEqual(wanted.map(({ id }) => id))
    expect(found.body.totalResults, filter).toBe(wanted.length)
    return wanted.length
  }

  it('of people is what the definitions of the RFC say, for any filter', async () => {
    const known = users.flatMap((user) => [user.id, user.userName])
    let some = 0
    const property = fc.asyncProperty(anyTerm(userPaths, known), async (term) => {
      const count = await check('Users', term, users, userPaths)
      if (count > 0 && count < users.length) some++
    })
    await fc.assert(property, { numRuns: 500 })
    // Else the filters would have been of no use.
    expect(some).toBeGreaterThan(100)
  })

  it('of groups too', async () => {
    const known = [...users.map(({ id }) => id), ...groups.flatMap((g) => [g.id, g.displayName])]
    const property = fc.asyncProperty(anyTerm(groupPaths, known), async (term) => {
      await check('Groups', term, groups, groupPaths)
    })
    await fc.assert(property, { numRuns: 150 })
  })
})

describe('a filter', () => {
  it('says both of one element, in brackets and behind them', async () => {
    const both = {
      emails: [
        { value: 'x@a', type: 'work' },
        { value: 'y@a', type: 'home' },
      ],
    }
    const ada = await scim.user({ userName: 'elements', ...both })
    const ids = async (filter: string) =>
      (await scim.find('Users', filter)).body.Resources.map((each: Json) => each.id)
    expect(await ids('emails[type eq "work" and value eq "x@a"]')).toEqual([ada])
    expect(await ids('emails[type eq "work" and value eq "y@a"]')).toEqual([])
    expect(await ids('emails[type eq "work"].value eq "x@a"')).toEqual([ada])
    expect(await ids('emails[type eq "work"].value eq "y@a"')).toEqual([])
    expect(await ids('emails.type eq "work" and emails.value eq "y@a"')).toEqual([ada])
  })

  it('asks whether somebody is in a group, as Entra ID does', async () => {
    const user = await scim.user({ userName: 'member' })
    const [yes, no] = [await scim.group({ members: [{ value: user }] }), await scim.group()]
    for (const [group, count] of [
      [yes, 1],
      [no, 0],
    ] as const) {
      const filter = `id eq "${group}" and members eq "${user}"`
      const found = await scim.find('Groups', filter, '&attributes=id')
      expect(found.body.totalResults).toBe(count)
      for (const each of found.body.Resources) expect(Object.keys(each)).toEqual(['schemas', 'id'])
    }
    const manager = await scim.user({ userName: 'managed', manager: user })
    const asked = `id eq "${manager}" and manager eq "${user}"`
    expect((await scim.find('Users', asked)).body.totalResults).toBe(1)
  })

  it('may be as long as its bounds, and no value of it is SQL', async () => {
    const most = Array.from({ length: 40 }, (_, i) => `title eq "${i}'; DROP TABLE users --"`)
    expect((await scim.find('Users', most.join(' or '))).body.totalResults).toBe(0)
    expect((await scim.find('Users', most.join(' and '))).status).toBe(200)
    const deep = `${'('.repeat(16)}userName eq "nobody"${')'.repeat(16)}`
    expect((await scim.find('Users', deep)).status).toBe(200)
    const nots = `${'not ('.repeat(15)}userName eq "nobody"${')'.repeat(15)}`
    expect((await scim.find('Users', nots)).status).toBe(200)
  })

  it('may qualify names by their URN, in any case', async () => {
    const id = await scim.user({ userName: 'qualified', department: 'R&D' })
    for (const name of [
      'urn:ietf:params:scim:schemas:core:2.0:User:userName',
      'URN:IETF:params:scim:schemas:core:2.0:user:USERNAME',
    ]) {
      const found = await scim.find('Users', `${name} eq "qualified"`)
      expect(found.body.Resources.map((each: Json) => each.id)).toEqual([id])
    }
    const found = await scim.find('Users', `${ENTERPRISE}:department eq "r&d"`)
    expect(namesOf(found)).toContain('qualified')
  })
})
