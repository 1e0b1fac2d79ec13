/** What clients send that is not to the letter, and is taken all the same. */
import { beforeEach, describe, expect, it } from 'vitest'
import { everyRow } from '../support/session.ts'
import {
  CORE,
  createDirectory,
  ENTERPRISE,
  GROUP,
  namesOf,
  PATCH_OP,
  type Directory,
  type Json,
} from './stage.ts'

let scim: Directory
beforeEach(async () => {
  scim = await createDirectory()
})

const membersOf = async (id: string): Promise<readonly string[]> =>
  (await scim.get(`/Groups/${id}`)).body.members.map(({ value }: Json) => value)

describe('words in any case', () => {
  it('op', async () => {
    const id = await scim.user()
    for (const op of ['Add', 'ADD', 'Replace', 'rEpLaCe']) {
      const patched = await scim.patch(`/Users/${id}`, { op, path: 'title', value: op })
      expect([patched.status, patched.body.title]).toEqual([200, op])
    }
    const gone = await scim.patch(`/Users/${id}`, { op: 'Remove', path: 'title' })
    expect([gone.status, gone.body.title]).toEqual([200, undefined])
  })

  it('true and false as text, on POST, PUT, PATCH and in filters', async () => {
    const emails = [{ value: 'a@b.c', primary: 'True' }]
    const made = await scim.post('/Users', { userName: 'ada', active: 'False', emails })
    expect([made.body.active, made.body.emails[0].primary]).toEqual([false, true])
    const path = `/Users/${made.body.id}`
    const put = await scim.put(path, { userName: 'ada', active: 'TRUE' })
    expect(put.body.active).toBe(true)
    for (const value of ['false', 'False', false, ['false'], [false]]) {
      await scim.patch(path, { op: 'replace', path: 'active', value: true })
      const off = await scim.patch(path, { op: 'Replace', path: 'active', value })
      expect(off.body.active).toBe(false)
    }
    expect(namesOf(await scim.find('Users', 'active eq "False"'))).toEqual(['ada'])
    expect(namesOf(await scim.find('Users', 'active eq TRUE'))).toEqual([])
  })

  it('names of attributes, in bodies, paths, filters and lists of attributes', async () => {
    const made = await scim.post('/Users', {
      USERNAME: 'ada',
      Name: { GivenName: 'Ada' },
      emails: [{ Primary: true, Value: 'a@b.c', TYPE: 'work' }],
      [ENTERPRISE.toLowerCase()]: { Department: 'R&D', Manager: { Value: 'x' } },
    })
    expect(made.body).toMatchObject({
      userName: 'ada',
      name: { givenName: 'Ada' },
      emails: [{ primary: true, value: 'a@b.c', type: 'work' }],
      [ENTERPRISE]: { department: 'R&D', manager: { value: 'x' } },
    })
    const path = `/Users/${made.body.id}`
    const patched = await scim.patch(path, {
      op: 'replace',
      path: 'EMAILS[Type eq "WORK"].Value',
      value: 'd@e.f',
    })
    expect(patched.body.emails).toEqual([{ primary: true, value: 'd@e.f', type: 'work' }])
    expect(namesOf(await scim.find('Users', 'NAME.givenname EQ "ada"'))).toEqual(['ada'])
    const few = await scim.get(`${path}?attributes=USERNAME,Name.GIVENNAME`)
    expect(few.body).toEqual({
      schemas: [CORE, ENTERPRISE],
      id: made.body.id,
      userName: 'ada',
      name: { givenName: 'Ada' },
    })
  })

  it('the core URN before any path, with all of its case', async () => {
    const id = await scim.user({ name: { familyName: 'King' } })
    const patched = await scim.patch(
      `/Users/${id}`,
      { op: 'add', path: `${CORE}:name.givenName`, value: 'Ada' },
      { op: 'add', path: `${CORE.toUpperCase()}:title`, value: 'Dr' },
      { op: 'add', path: `${CORE}:emails[type eq "work"].value`, value: 'a@b.c' },
    )
    expect(patched.body).toMatchObject({
      name: { givenName: 'Ada', familyName: 'King' },
      title: 'Dr',
      emails: [{ type: 'work', value: 'a@b.c' }],
    })
  })
})

describe('schemas', () => {
  it.each([
    ['none', undefined],
    ['null', null],
    ['one text', CORE],
    [
      'those of OneLogin',
      ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:extension:enterprise:2.0'],
    ],
    ['unknown ones', ['urn:example:custom:2.0:User', CORE]],
  ])('%s: what it is, the endpoint says', async (_, schemas) => {
    const made = await scim.post('/Users', { schemas, userName: 'ada' })
    expect([made.status, made.body.schemas]).toEqual([201, [CORE]])
  })

  it('those of Entra ID for groups', async () => {
    const adscim = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'
    const made = await scim.post('/Groups', { schemas: [GROUP, adscim], displayName: 'x' })
    expect([made.status, made.body.schemas]).toEqual([201, [GROUP]])
  })

  it('of a PATCH may be missing, or in another case', async () => {
    const id = await scim.user()
    const Operations = [{ op: 'add', path: 'title', value: 'x' }]
    for (const schemas of [undefined, [], [PATCH_OP.toLowerCase()], ['urn:x']]) {
      const patched = await scim.ask('PATCH', `/Users/${id}`, { schemas, Operations })
      expect(patched.status).toBe(200)
    }
    const small = await scim.ask('PATCH', `/Users/${id}`, { operations: Operations })
    expect(small.status).toBe(200)
  })
})

describe('what there is not', () => {
  it('unknown attributes and extensions are passed over', async () => {
    const made = await scim.post('/Users', {
      userName: 'ada',
      favouriteColour: 'blue',
      name: { givenName: 'Ada', shoe: 7 },
      'urn:example:custom:2.0:User': { badge: '7' },
    })
    expect(made.status).toBe(201)
    expect(made.text).not.toMatch(/blue|shoe|badge/)
    const value = { title: 'Dr', favouriteColour: 'red', 'urn:example:custom:2.0:User': { x: 1 } }
    const patched = await scim.patch(`/Users/${made.body.id}`, { op: 'replace', value })
    expect([patched.status, patched.body.title]).toEqual([200, 'Dr'])
    const custom = { op: 'add', path: 'urn:example:custom:2.0:User:badge', value: '7' }
    expect((await scim.patch(`/Users/${made.body.id}`, custom)).status).toBe(200)
  })

  it('null is absent on POST and PUT, and clears in a replacement', async () => {
    const made = await scim.post('/Users', {
      userName: 'ada',
      title: null,
      addresses: null,
      name: { givenName: null, familyName: 'King' },
      emails: [null, { value: 'a@b.c', display: null }],
    })
    expect(made.body.name).toEqual({ familyName: 'King' })
    expect(made.body.emails).toEqual([{ value: 'a@b.c' }])
    expect(made.body).not.toHaveProperty('title')
    const cleared = await scim.patch(
      `/Users/${made.body.id}`,
      { op: 'replace', path: 'name.familyName', value: null },
      { op: 'replace', path: 'emails', value: null },
    )
    expect(cleared.body).not.toHaveProperty('name')
    expect(cleared.body).not.toHaveProperty('emails')
  })

  it('an empty text stays one', async () => {
    const id = await scim.user({ title: '', nickName: 'x' })
    const patched = await scim.patch(`/Users/${id}`, { op: 'replace', path: 'nickName', value: '' })
    expect([patched.body.title, patched.body.nickName]).toEqual(['', ''])
  })

  it('passwords are taken, dropped, and said nowhere', async () => {
    const password = 'correct horse battery staple'
    const made = await scim.post('/Users', { userName: 'ada', password })
    const path = `/Users/${made.body.id}`
    const answers = [
      made,
      await scim.put(path, { userName: 'ada', password }),
      await scim.patch(path, { op: 'replace', value: { password } }),
      await scim.patch(path, { op: 'replace', path: 'password', value: password }),
      await scim.patch(path, { op: 'add', path: `${CORE}:password`, value: password }),
      await scim.get(`${path}?attributes=password`),
    ]
    for (const { status, text } of answers) {
      expect([200, 201]).toContain(status)
      expect(text).not.toContain('password')
      expect(text).not.toContain('horse')
    }
    expect((await scim.find('Users', 'password pr')).status).toBe(400)
    expect(await everyRow()).not.toContain('horse')
  })
})

describe('shapes', () => {
  it('one where a list is due, and a list of one where one is', async () => {
    const made = await scim.post('/Users', {
      userName: ['ada'],
      emails: { value: 'a@b.c', type: 'work' },
      roles: 'admin',
      name: [{ givenName: 'Ada' }],
    })
    expect(made.body).toMatchObject({
      userName: 'ada',
      emails: [{ value: 'a@b.c', type: 'work' }],
      roles: [{ value: 'admin' }],
      name: { givenName: 'Ada' },
    })
    const group = await scim.group()
    const rename = { op: 'Replace', path: 'displayName', value: ['Platform'] }
    expect((await scim.patch(`/Groups/${group}`, rename)).status).toBe(204)
    expect((await scim.get(`/Groups/${group}`)).body.displayName).toBe('Platform')
  })

  it.each([
    ['a text', '271'],
    ['an object', { value: '271' }],
    ['a list', [{ $ref: 'http://x/Users/271', value: '271' }]],
    ['with no reference', { value: '271', $ref: null }],
    ['as OneLogin has it', { managerId: '271' }],
  ])('a manager may be %s', async (_, manager) => {
    const posted = await scim.post('/Users', { userName: 'a', [ENTERPRISE]: { manager } })
    expect(posted.body[ENTERPRISE].manager.value).toBe('271')
    const flat = await scim.post('/Users', { userName: 'b', manager })
    expect(flat.body[ENTERPRISE].manager.value).toBe('271')
    const path = `/Users/${await scim.user()}`
    for (const name of [`${ENTERPRISE}:manager`, `${ENTERPRISE}.manager`, 'manager']) {
      const patched = await scim.patch(path, { op: 'Replace', path: name, value: manager })
      expect(patched.body[ENTERPRISE].manager.value).toBe('271')
      await scim.patch(path, { op: 'remove', path: name })
    }
  })

  it.each([[''], [{ value: '' }], [[{ value: '' }]]])(
    'a manager of %j is taken away',
    async (value) => {
      for (const op of ['Replace', 'Add']) {
        const id = await scim.user({ [ENTERPRISE]: { manager: '7', department: 'x' } })
        const path = `${ENTERPRISE}:manager`
        const patched = await scim.patch(`/Users/${id}`, { op, path, value })
        expect(patched.body[ENTERPRISE]).toEqual({ department: 'x' })
      }
      const made = await scim.post('/Users', { userName: 'x', [ENTERPRISE]: { manager: value } })
      expect(made.body).not.toHaveProperty(ENTERPRISE)
    },
  )

  it('a new manager has nothing of the old one', async () => {
    const manager = { value: '7', $ref: 'http://x/Users/7' }
    const id = await scim.user({ [ENTERPRISE]: { manager } })
    const path = `${ENTERPRISE}:manager`
    const patched = await scim.patch(`/Users/${id}`, { op: 'replace', path, value: '8' })
    expect(patched.body[ENTERPRISE].manager).toEqual({ value: '8' })
  })

  it('a role may be JSON in a text, as Entra ID has it, and stays what it is', async () => {
    const value = '{"id":"1","value":"25","displayName":"Reader"}'
    const id = await scim.user()
    const add = { op: 'Add', path: 'roles', value: [{ value }] }
    expect((await scim.patch(`/Users/${id}`, add)).body.roles).toEqual([{ value }])
  })

  it('names without a path may be dotted, by URN, or with brackets', async () => {
    const id = await scim.user({ name: { familyName: 'King' } })
    const value = {
      displayName: 'Ada',
      'name.givenName': 'Ada',
      'emails[type eq "work"].value': 'a@b.c',
      [`${ENTERPRISE}:employeeNumber`]: '7',
      [`${ENTERPRISE}:manager.value`]: '8',
    }
    const patched = await scim.patch(`/Users/${id}`, { op: 'replace', value })
    expect(patched.body).toMatchObject({
      displayName: 'Ada',
      name: { familyName: 'King', givenName: 'Ada' },
      emails: [{ type: 'work', value: 'a@b.c' }],
      [ENTERPRISE]: { employeeNumber: '7', manager: { value: '8' } },
    })
  })

  it('no operations are no change', async () => {
    for (const path of [`/Users/${await scim.user()}`, `/Groups/${await scim.group()}`]) {
      expect([200, 204]).toContain((await scim.patch(path)).status)
      expect((await scim.get(path)).body.meta.version).toBe('W/"1"')
    }
    expect((await scim.patch('/Groups/nobody')).status).toBe(404)
  })
})

describe('members', () => {
  it('are an object, a list, or a bare id, with $ref null or not', async () => {
    const [a, b, c, d] = [
      await scim.user(),
      await scim.user(),
      await scim.user(),
      await scim.user(),
    ]
    const id = await scim.group({ members: a })
    await scim.patch(`/Groups/${id}`, { op: 'add', path: 'members', value: { value: b } })
    await scim.patch(`/Groups/${id}`, {
      op: 'add',
      path: 'members',
      value: [{ $ref: null, value: c }],
    })
    await scim.patch(`/Groups/${id}`, { op: 'Add', path: 'members', value: d })
    expect((await membersOf(id)).toSorted()).toEqual([a, b, c, d].toSorted())
  })

  it('go by a filter, by a list of values, or all together', async () => {
    const [a, b, c] = [await scim.user(), await scim.user(), await scim.user()]
    const id = await scim.group({ members: [a, b, c] })
    const path = `/Groups/${id}`
    await scim.patch(path, { op: 'remove', path: `members[value eq "${a}"]` })
    expect((await membersOf(id)).toSorted()).toEqual([b, c].toSorted())
    await scim.patch(path, { op: 'Remove', path: 'members', value: [{ $ref: null, value: b }] })
    expect(await membersOf(id)).toEqual([c])
    await scim.patch(path, { op: 'remove', path: 'members' })
    expect(await membersOf(id)).toEqual([])
    await scim.patch(path, { op: 'replace', path: 'members', value: [{ value: a }, { value: b }] })
    const or = `members[value eq "${a}" or value eq "${b}"]`
    await scim.patch(path, { op: 'remove', path: or })
    expect(await membersOf(id)).toEqual([])
  })

  it('one who is there is added, and one who is not is removed, without complaint', async () => {
    const [a, b] = [await scim.user(), await scim.user()]
    const id = await scim.group({ members: [a] })
    const again = await scim.patch(`/Groups/${id}`, {
      op: 'add',
      path: 'members',
      value: [{ value: a }],
    })
    const absent = await scim.patch(`/Groups/${id}`, {
      op: 'remove',
      path: `members[value eq "${b}"]`,
    })
    expect([again.status, absent.status]).toEqual([204, 204])
    expect(await membersOf(id)).toEqual([a])
  })

  it('ids of nobody are passed over, and counted in the log', async () => {
    const a = await scim.user()
    const id = await scim.group()
    const value = [{ value: a }, { value: 'string id 1' }, { value: 'x'.repeat(500) }]
    const patched = await scim.patch(`/Groups/${id}`, { op: 'add', path: 'members', value })
    expect(patched.status).toBe(204)
    expect(await membersOf(id)).toEqual([a])
  })

  it('change in the order of the operations', async () => {
    const [a, b, c] = [await scim.user(), await scim.user(), await scim.user()]
    const id = await scim.group({ members: [a] })
    const add = (value: string) => ({ op: 'add', path: 'members', value: [{ value }] })
    const remove = (value: string) => ({ op: 'remove', path: `members[value eq "${value}"]` })
    await scim.patch(`/Groups/${id}`, add(b), remove(a), add(a), remove(b), add(c))
    expect((await membersOf(id)).toSorted()).toEqual([a, c].toSorted())
    const set = { op: 'replace', path: 'members', value: [{ value: b }] }
    await scim.patch(`/Groups/${id}`, add(a), set, add(c), remove(b))
    expect(await membersOf(id)).toEqual([c])
  })
})

describe('addresses', () => {
  it('with +, %20, a trailing & or ?, doubled slashes and a slash at the end', async () => {
    const id = await scim.user({ userName: 'ada' })
    for (const path of [
      '/Users?filter=userName+eq+%22ada%22&',
      '/Users?filter=userName%20eq%20%22ada%22',
      '//Users//?filter=userName+eq+"ada"',
      '/users/?FILTER=userName+eq+%22ada%22&aadOptscim062020&unknown=1',
    ]) {
      expect(namesOf(await scim.get(path))).toEqual(['ada'])
    }
    expect((await scim.get(`/Users/${id}/?`)).body.id).toBe(id)
    expect((await scim.put(`/Users/${id}?`, { userName: 'ada' })).status).toBe(200)
  })

  it('of pages: startIndex below 1 is 1, count 0 gives totals, below 0 is 0, above 200 is 200', async () => {
    for (let i = 0; i < 3; i++) await scim.user()
    const page = async (query: string) => {
      const { body } = await scim.get(`/Users?${query}`)
      const { startIndex, itemsPerPage, totalResults, Resources } = body
      expect(Resources).toHaveLength(itemsPerPage)
      return [startIndex, itemsPerPage, totalResults]
    }
    expect(await page('startIndex=0')).toEqual([1, 3, 3])
    expect(await page('startIndex=-5&count=2')).toEqual([1, 2, 3])
    expect(await page('startIndex=3&count=2')).toEqual([3, 1, 3])
    expect(await page('startIndex=9')).toEqual([9, 0, 3])
    expect(await page('count=0')).toEqual([1, 0, 3])
    expect(await page('count=-1')).toEqual([1, 0, 3])
    for (const count of ['9999', '9999999999', '9'.repeat(400), '+0000000000300']) {
      expect(await page(`count=${encodeURIComponent(count)}`)).toEqual([1, 3, 3])
    }
    expect(await page('count=-9999999999')).toEqual([1, 0, 3])
    expect((await page(`startIndex=${'9'.repeat(400)}`)).slice(1)).toEqual([0, 3])
    for (const count of [1e10, 1e21, 1e300]) {
      const { status, body } = await scim.post('/Users/.search', { count, startIndex: -count })
      expect([status, body.itemsPerPage, body.startIndex]).toEqual([200, 3, 1])
    }
    expect((await scim.post('/Users/.search', { count: 1.5 })).status).toBe(400)
    expect(await page('startindex=2&COUNT=1')).toEqual([2, 1, 3])
  })
})
