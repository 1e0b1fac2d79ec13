/**
 * A PATCH changes what it names and nothing else. RFC 7644 §3.5.2.1 and §3.5.2.3: sub-attributes
 * that are not specified stay. RFC 7643 §2.5: null unassigns. §2.2, §7: readOnly values are ignored.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createDirectory, ENTERPRISE, start, type Directory, type Json } from './stage.ts'

let scim: Directory
beforeEach(async () => {
  scim = await createDirectory()
})

const name = { givenName: 'Ada', familyName: 'King', formatted: 'Ada King' }
const manager = { value: '7', $ref: 'https://x.example/Users/7' }
const work = { value: 'a@work.example', type: 'work', display: 'Office', primary: true }
const home = { value: 'a@home.example', type: 'home' }
const user = {
  name,
  emails: [work, home],
  [ENTERPRISE]: { department: 'Engines', manager },
}

/** What a PATCH of that person answers, and what is there afterwards: the same. */
async function patched(...operations: readonly Json[]): Promise<Json> {
  const path = `/Users/${await scim.user(user)}`
  const reply = await scim.patch(path, ...operations)
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)])
  expect((await scim.get(path)).body).toEqual(reply.body)
  return reply.body
}

/** An object for one attribute can be sent in these ways, and they mean the same. */
const worded = (op: string, path: string, value: Json): readonly Json[] => [
  { op, path, value },
  { op, value: { [path]: value } },
  { op, path, value: [value] },
]

describe.each(['replace', 'add'])('%s of a complex attribute', (op) => {
  it.each([
    ['null for a part that is not there', { middleName: null }, name],
    ['null for a part', { familyName: null }, { givenName: 'Ada', formatted: 'Ada King' }],
    [
      'null for a part beside a value for another',
      { familyName: null, givenName: 'X' },
      { givenName: 'X', formatted: 'Ada King' },
    ],
    ['an unknown part', { preferredName: 'x' }, name],
    ['an unknown part that is null', { preferredName: null }, name],
    ['no part', {}, name],
    ['null for every part', { familyName: null, givenName: null, formatted: null }, undefined],
    ['null in another case', { FAMILYNAME: null }, { givenName: 'Ada', formatted: 'Ada King' }],
  ])('%s', async (_, value, expected) => {
    for (const operation of worded(op, 'name', value)) {
      expect((await patched(operation)).name).toEqual(expected)
    }
  })

  it('the name within an object with other attributes', async () => {
    const value = { title: 'Dr', name: { familyName: null, middleName: 'B', shoe: 7 } }
    const body = await patched({ op, value })
    expect(body.title).toBe('Dr')
    expect(body.name).toEqual({ givenName: 'Ada', middleName: 'B', formatted: 'Ada King' })
  })

  it('a manager keeps its value when only readOnly or unknown parts are sent', async () => {
    for (const value of [{ displayName: 'B' }, { shoe: 7 }, {}, { displayName: null }]) {
      for (const path of [`${ENTERPRISE}:manager`, 'manager']) {
        for (const operation of worded(op, path, value)) {
          expect((await patched(operation))[ENTERPRISE]).toEqual(user[ENTERPRISE])
        }
      }
      const inside = { op, value: { [ENTERPRISE]: { manager: value } } }
      expect((await patched(inside))[ENTERPRISE]).toEqual(user[ENTERPRISE])
    }
  })

  it('a manager keeps its address when its value is sent as it is', async () => {
    for (const value of ['7', { value: '7' }, { value: '7', displayName: 'B' }]) {
      const body = await patched({ op, path: `${ENTERPRISE}:manager`, value })
      expect(body[ENTERPRISE].manager).toEqual(manager)
    }
  })

  it('a manager whose value is null is none', async () => {
    const body = await patched({ op, path: `${ENTERPRISE}:manager`, value: { value: null } })
    expect(body[ENTERPRISE]).toEqual({ department: 'Engines' })
  })

  it('an extension: null clears one attribute, and the others stay', async () => {
    const value = { department: null, division: 'D', shoe: 7 }
    for (const operation of worded(op, ENTERPRISE, value)) {
      expect((await patched(operation))[ENTERPRISE]).toEqual({ division: 'D', manager })
    }
    for (const operation of worded(op, ENTERPRISE, {})) {
      expect((await patched(operation))[ENTERPRISE]).toEqual(user[ENTERPRISE])
    }
  })
})

describe.each(['replace', 'add'])('%s of a value that a filter chooses', (op) => {
  const path = 'emails[type eq "work"]'

  it.each([
    ['a part', { display: 'New' }, { ...work, display: 'New' }],
    ['null for a part', { display: null }, { value: work.value, type: 'work', primary: true }],
    ['an unknown part', { shoe: 7 }, work],
    ['no part', {}, work],
    ['null for a part that is not there', { $ref: null }, work],
  ])('%s: the other parts and the other values stay', async (_, value, expected) => {
    expect((await patched({ op, path, value })).emails).toEqual([expected, home])
  })

  it('null for each part takes the value away', async () => {
    const value = { value: null, type: null, display: null, primary: null }
    expect((await patched({ op, path, value })).emails).toEqual([home])
  })

  it('nothing of a value that is not there makes none', async () => {
    for (const value of [{ display: null }, { shoe: 7 }, {}]) {
      const body = await patched({ op, path: 'emails[type eq "other"]', value })
      expect(body.emails).toEqual([work, home])
    }
  })
})

describe('a part of each value', () => {
  it('that is cleared leaves no empty value behind', async () => {
    for (const operation of [
      { op: 'replace', path: 'emails.value', value: null },
      { op: 'add', path: 'emails.value', value: null },
      { op: 'replace', value: { 'emails.value': null } },
      { op: 'remove', path: 'emails.value' },
    ]) {
      const id = await scim.user({ emails: [{ value: 'a@b.c' }] })
      const reply = await scim.patch(`/Users/${id}`, operation)
      expect([reply.status, reply.body.emails]).toEqual([200, undefined])
      const { value: _, ...rest } = work
      expect((await patched(operation)).emails).toEqual([rest, { type: 'home' }])
    }
  })

  it('that is cleared where a filter chooses leaves the other values', async () => {
    const id = await scim.user({ emails: [{ value: 'a@b.c' }, { value: 'd@e.f' }] })
    const path = 'emails[value eq "a@b.c"].value'
    const reply = await scim.patch(`/Users/${id}`, { op: 'replace', path, value: null })
    expect(reply.body.emails).toEqual([{ value: 'd@e.f' }])
  })

  it('that is null makes no value where there is none', async () => {
    const id = await scim.user()
    for (const path of ['emails.value', 'emails[type eq "work"].value', 'name.givenName']) {
      const reply = await scim.patch(`/Users/${id}`, { op: 'replace', path, value: null })
      expect([reply.status, reply.body.emails, reply.body.name]).toEqual([
        200,
        undefined,
        undefined,
      ])
    }
  })
})

describe('null for a whole attribute', () => {
  it.each(['replace', 'add'])('unassigns it, by %s', async (op) => {
    for (const operation of [
      { op, path: 'name', value: null },
      { op, value: { name: null } },
    ]) {
      expect(await patched(operation)).not.toHaveProperty('name')
    }
    const title = await patched(
      { op: 'add', path: 'title', value: 'x' },
      { op, value: { title: null } },
    )
    expect(title).not.toHaveProperty('title')
  })

  it('or an empty list replaces all values by none, and adds nothing', async () => {
    for (const value of [null, []]) {
      expect(await patched({ op: 'replace', path: 'emails', value })).not.toHaveProperty('emails')
      expect((await patched({ op: 'add', path: 'emails', value })).emails).toEqual([work, home])
    }
  })
})

describe('PUT replaces the whole', () => {
  it('so that what it does not name is cleared, and an empty element is none', async () => {
    const path = `/Users/${await scim.user(user)}`
    const put = await scim.put(path, {
      userName: 'ada',
      name: { familyName: null, shoe: 7 },
      emails: [{ shoe: 7 }, {}, null, { value: 'x@y.z', type: null }],
      [ENTERPRISE]: { department: null, manager: { displayName: 'B' } },
    })
    expect(put.status).toBe(200)
    expect(put.body).not.toHaveProperty('name')
    expect(put.body).not.toHaveProperty(ENTERPRISE)
    expect(put.body.emails).toEqual([{ value: 'x@y.z' }])
  })

  it('and a person who is put as it was got stays as it was', async () => {
    const path = `/Users/${await scim.user(user)}`
    const got = (await scim.get(path)).body
    expect((await scim.put(path, got)).body).toEqual(got)
  })
})

/** Microsoft's form of before 2018, which some of its applications still send. */
describe('a single value that comes wrapped', () => {
  it.each([
    [[{ value: 'False' }]],
    [[{ $ref: null, value: 'False' }]],
    [{ value: 'False' }],
    [{ Value: false }],
    [[{ value: ['false'] }]],
  ])('deactivates: %j', async (value) => {
    for (const operation of [
      { op: 'Replace', path: 'active', value },
      { op: 'Add', path: 'active', value },
      { op: 'Replace', value: { active: value } },
    ]) {
      expect((await patched(operation)).active).toBe(false)
    }
  })

  it('is a name, a part, or a part of a chosen value', async () => {
    const wrapped = (value: string) => [{ $ref: null, value }]
    const body = await patched(
      { op: 'Replace', path: 'displayName', value: wrapped('Ada') },
      { op: 'Replace', path: 'name.givenName', value: wrapped('Augusta') },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: wrapped('new@work.example') },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: wrapped('1') },
      { op: 'Replace', path: `${ENTERPRISE}:department`, value: wrapped('Looms') },
      { op: 'Replace', path: `${ENTERPRISE}:manager`, value: wrapped('8') },
    )
    expect(body).toMatchObject({
      displayName: 'Ada',
      name: { ...name, givenName: 'Augusta' },
      phoneNumbers: [{ type: 'mobile', value: '1' }],
      [ENTERPRISE]: { department: 'Looms', manager: { value: '8' } },
    })
    expect(body.emails).toEqual([{ ...work, value: 'new@work.example' }, home])
    const group = await scim.group()
    const rename = { op: 'Replace', path: 'displayName', value: wrapped('Staff') }
    expect((await scim.patch(`/Groups/${group}`, rename)).status).toBe(204)
    expect((await scim.get(`/Groups/${group}`)).body.displayName).toBe('Staff')
  })

  it('is null where its value is null', async () => {
    const body = await patched({ op: 'Replace', path: 'name.givenName', value: [{ value: null }] })
    expect(body.name).toEqual({ familyName: 'King', formatted: 'Ada King' })
  })

  it('of two values is refused', async () => {
    const id = await scim.user()
    const value = [{ value: 'True' }, { value: 'False' }]
    const reply = await scim.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value })
    expect([reply.status, reply.body.scimType]).toEqual([400, 'invalidValue'])
  })
})

describe('a deactivation', () => {
  it.each([
    ['an unknown attribute', 'favouriteColour'],
    ['an unknown attribute of an extension', `${ENTERPRISE}:shoe`],
    ['an unknown part', 'name.nobody'],
    ['an unknown part of a chosen value', 'emails[type eq "work"].nobody'],
    ['a filter by an unknown part', 'emails[nobody eq "x"].value'],
    ['a part of what has none', 'title.nobody'],
    ['an unknown extension', 'urn:example:custom:2.0:User:badge'],
  ])('is done, whatever stands beside it: %s', async (_, path) => {
    const off = { op: 'replace', path: 'active', value: false }
    for (const beside of [
      { op: 'replace', path, value: 'x' },
      { op: 'add', path, value: { x: 1 } },
      { op: 'remove', path },
    ]) {
      expect((await patched(off, beside)).active).toBe(false)
      expect((await patched(beside, off)).active).toBe(false)
      expect((await patched(beside, { op: 'replace', value: { active: 'False' } })).active).toBe(
        false,
      )
    }
  })

  it('that is misspelt is refused, so that the client hears of it', async () => {
    const id = await scim.user()
    const off = { op: 'replace', path: 'activ', value: false }
    const reply = await scim.patch(`/Users/${id}`, off, { ...off, path: 'enabled' })
    expect([reply.status, reply.body.scimType]).toEqual([400, 'invalidPath'])
  })

  it('beside what cannot be read at all is not done, as a PATCH is whole or nothing', async () => {
    const id = await scim.user()
    const off = { op: 'replace', path: 'active', value: false }
    for (const [beside, scimType] of [
      [{ op: 'replace', path: 'emails[type eq', value: 'x' }, 'invalidPath'],
      [{ op: 'replace', path: 'name', value: 'x' }, 'invalidValue'],
      [{ op: 'move', path: 'title', value: 'x' }, 'invalidSyntax'],
    ] as const) {
      const reply = await scim.patch(`/Users/${id}`, off, beside)
      expect([reply.status, reply.body.scimType]).toEqual([400, scimType])
    }
    expect((await scim.get(`/Users/${id}`)).body.active).toBe(true)
  })

  it('of a membership is done too, beside an unknown attribute of the group', async () => {
    const a = await scim.user()
    const id = await scim.group({ members: [a] })
    const reply = await scim.patch(
      `/Groups/${id}`,
      { op: 'replace', path: 'description', value: 'x' },
      { op: 'remove', path: `members[value eq "${a}"]` },
    )
    expect(reply.status).toBe(204)
    expect((await scim.get(`/Groups/${id}`)).body.members).toEqual([])
  })
})

/** RFC 7644 §3.5.2.2: the values that a filter matches are removed. */
describe('members that a filter chooses', () => {
  const setup = async () => {
    const ids = [
      await scim.user({ displayName: 'Ada' }),
      await scim.user({ displayName: 'Bob' }),
      await scim.user({ displayName: 'ada' }),
    ]
    const id = await scim.group({ members: ids })
    const left = async (...operations: readonly Json[]) => {
      await scim.patch(`/Groups/${id}`, { op: 'replace', path: 'members', value: ids })
      const reply = await scim.patch(`/Groups/${id}`, ...operations)
      expect([reply.status, reply.text]).toEqual([204, ''])
      const { members } = (await scim.get(`/Groups/${id}`)).body
      return ids.filter((each) => members.some(({ value }: Json) => value === each))
    }
    return { ids, id, left }
  }

  it('go, whichever of their parts it compares', async () => {
    const { ids, left } = await setup()
    const [a, b, c] = ids
    for (const [filter, stay] of [
      [`value eq "${a}" and type eq "User"`, [b, c]],
      [`value eq "${a}" and type eq "Group"`, ids],
      [`type eq "user"`, []],
      [`type eq "Group"`, ids],
      [`display eq "Bob"`, [a, c]],
      [`display eq "bob"`, [a, c]],
      [`display eq "Ada"`, [b]],
      [`display eq "ada" and value ne "${a}"`, [a, b]],
      [`display sw "B" or value eq "${c}"`, [a]],
      [`not (display eq "Bob")`, [b]],
      [`not (value eq "${a}")`, [a]],
      [`value ne "${a}"`, [a]],
      [`display pr`, []],
      [`display eq "nobody"`, ids],
      [`value eq "nobody"`, ids],
      [`$ref co "${b}"`, [a, c]],
    ] as const) {
      for (const op of ['remove', 'Remove']) {
        expect([filter, await left({ op, path: `members[${filter}]` })]).toEqual([filter, stay])
      }
    }
  })

  it('are those who are members when the operation’s turn comes', async () => {
    const { ids, id, left } = await setup()
    const [a, b, c] = ids
    const late = await scim.user({ displayName: 'Bob' })
    const add = { op: 'add', path: 'members', value: [{ value: late }] }
    const bobs = { op: 'remove', path: 'members[display eq "Bob"]' }
    expect(await left(add, bobs)).toEqual([a, c])
    expect((await scim.get(`/Groups/${id}`)).body.members).toHaveLength(2)
    expect(await left(bobs, add)).toEqual([a, c])
    expect((await scim.get(`/Groups/${id}`)).body.members).toHaveLength(3)
    expect(await left(bobs, { op: 'add', path: 'members', value: [b] })).toEqual(ids)
    expect(await left({ op: 'replace', path: 'members', value: [b, c] }, bobs)).toEqual([c])
    expect(await left(bobs, { op: 'remove', path: `members[value eq "${a}"]` })).toEqual([c])
  })

  it('are of that group only', async () => {
    const { ids, left } = await setup()
    const other = await scim.group({ members: ids })
    expect(await left({ op: 'remove', path: 'members[display pr]' })).toEqual([])
    expect((await scim.get(`/Groups/${other}`)).body.members).toHaveLength(3)
  })

  it('by a part that members do not have: invalidPath', async () => {
    const { id } = await setup()
    const reply = await scim.patch(`/Groups/${id}`, { op: 'remove', path: 'members[shoe eq "7"]' })
    expect([reply.status, reply.body.scimType]).toEqual([400, 'invalidPath'])
  })
})

/**
 * RFC 7644 §3.5.2.1: where the value is there already, no change is made and the time of the last
 * change stays.
 */
describe('a change of members to what is so already', () => {
  it('makes no new version and no new time, whatever it is worded as', async () => {
    const [a, b, c] = [await scim.user(), await scim.user(), await scim.user()]
    const id = await scim.group({ displayName: 'Staff', members: [a, b] })
    const path = `/Groups/${id}`
    const before = (await scim.get(path)).body
    vi.setSystemTime(start.getTime() + 60_000)
    const sameName = { op: 'replace', value: { id, displayName: 'Staff' } }
    const add = (...ids: string[]) => ({ op: 'add', path: 'members', value: ids })
    for (const operations of [
      [add(a)],
      [sameName, add(a, b)],
      [add('nobody')],
      [{ op: 'remove', path: `members[value eq "${c}"]` }],
      [{ op: 'remove', path: 'members', value: [{ value: c }] }],
      [{ op: 'remove', path: 'members[display eq "nobody"]' }],
      [{ op: 'replace', path: 'members', value: [b, a] }],
      [{ op: 'remove', path: `members[value eq "${c}"]` }, add(b)],
    ]) {
      const reply = await scim.patch(path, ...operations)
      expect([reply.status, reply.headers.get('ETag')]).toEqual([204, 'W/"1"'])
    }
    const put = await scim.put(path, { displayName: 'Staff', members: [a, b] })
    expect([put.status, put.body]).toEqual([200, before])
    const headers = { 'If-Match': 'W/"1"' }
    const Operations = [add(b)]
    const known = await scim.ask('PATCH', path, { Operations }, { headers })
    expect([known.status, known.headers.get('ETag')]).toEqual([204, 'W/"1"'])
    const stale = await scim.ask('PATCH', path, { Operations }, { headers: { 'If-Match': '"2"' } })
    expect(stale.status).toBe(412)
    expect((await scim.get(path)).body).toEqual(before)
  })

  it('is told from one that changes something, by any of its operations', async () => {
    const [a, b, c] = [await scim.user(), await scim.user(), await scim.user()]
    const add = (...ids: string[]) => ({ op: 'add', path: 'members', value: ids })
    for (const [operations, left] of [
      [[add(a, c)], [a, b, c]],
      [[{ op: 'replace', path: 'members', value: [a] }], [a]],
      [[{ op: 'replace', path: 'members', value: [a, b, c] }], [a, b, c]],
      [[{ op: 'replace', path: 'members', value: [] }], []],
      [[{ op: 'remove', path: 'members[type eq "User"]' }, add(b)], [b]],
      [[add(a), { op: 'remove', path: 'members[display pr]' }], []],
      [
        [{ op: 'remove', path: 'members[display eq "nobody"]' }, add(c)],
        [a, b, c],
      ],
    ] as const) {
      const path = `/Groups/${await scim.group({ members: [a, b] })}`
      const reply = await scim.patch(path, ...operations)
      expect([reply.status, reply.headers.get('ETag')]).toEqual([204, 'W/"2"'])
      const { members } = (await scim.get(path)).body
      expect(members.map(({ value }: Json) => value).toSorted()).toEqual([...left].toSorted())
    }
    expect((await scim.patch('/Groups/nobody', add(a))).status).toBe(404)
  })
})
