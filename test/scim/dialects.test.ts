/** What Entra ID, Okta and OneLogin send, one request after the other, in their own words. */
import { beforeEach, describe, expect, it } from 'vitest'
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

describe('Entra ID', () => {
  const upn = 'Ada.Lovelace@contoso.com'

  it('tests the connection by asking for nobody, and for a random group', async () => {
    for (const filter of [
      'userName eq "f3f2b9a5-5c2b-4d43-8f76-2b5d7f8f3f11"',
      'externalId eq "f3f2b9a5"',
      'emails[type eq "work"].value eq "f3f2b9a5"',
    ]) {
      const found = await scim.find('Users', filter)
      expect(found.status).toBe(200)
      expect(found.body).toMatchObject({ totalResults: 0, Resources: [], startIndex: 1 })
    }
    const group = await scim.get(
      '/Groups?excludedAttributes=members&filter=displayName+eq+"f3f2b9a5"',
    )
    expect([group.status, group.body.totalResults]).toEqual([200, 0])
  })

  it('a person comes, changes, leaves, comes back, and is deleted', async () => {
    expect((await scim.find('Users', `userName eq "${upn}"`)).body.totalResults).toBe(0)
    const manager = await scim.user({ userName: 'boss@contoso.com' })
    const made = await scim.post('/Users', {
      schemas: [CORE, ENTERPRISE],
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      userName: upn,
      active: true,
      addresses: null,
      displayName: 'Ada Lovelace',
      emails: [{ primary: true, type: 'work', value: upn }],
      meta: { resourceType: 'User' },
      name: { formatted: 'Ada Lovelace', familyName: 'Lovelace', givenName: 'Ada' },
      roles: [],
      department: 'Engines',
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ userName: upn, [ENTERPRISE]: { department: 'Engines' } })
    const path = `/Users/${made.body.id}`
    const group = await scim.group({ members: [{ value: made.body.id }] })
    expect((await scim.find('Users', `userName eq "${upn.toLowerCase()}"`)).body.totalResults).toBe(
      1,
    )
    expect((await scim.get(path)).status).toBe(200)

    const changed = await scim.patch(
      path,
      { op: 'Replace', path: 'displayName', value: 'Ada King' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'ada.king@contoso.com' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+44 1' },
      { op: 'Add', path: 'addresses[type eq "other"].Formatted', value: 'London' },
      { op: 'Add', path: 'name.formatted', value: 'Ada King' },
      { op: 'Add', path: `${ENTERPRISE}:employeeNumber`, value: '1815' },
      { op: 'Remove', path: 'title' },
    )
    expect(changed.status).toBe(200)
    expect(changed.body).toMatchObject({
      displayName: 'Ada King',
      emails: [{ primary: true, type: 'work', value: 'ada.king@contoso.com' }],
      phoneNumbers: [{ type: 'mobile', value: '+44 1' }],
      addresses: [{ type: 'other', formatted: 'London' }],
      [ENTERPRISE]: { department: 'Engines', employeeNumber: '1815' },
    })
    const referred = await scim.patch(path, {
      op: 'Add',
      path: `${ENTERPRISE}:manager`,
      value: manager,
    })
    expect(referred.body[ENTERPRISE].manager).toEqual({ value: manager })
    const asked = await scim.find('Users', `id eq "${made.body.id}" and manager eq "${manager}"`)
    expect(asked.body.totalResults).toBe(1)

    const left = await scim.patch(path, { op: 'Replace', path: 'active', value: 'False' })
    expect([left.status, left.body.active]).toEqual([200, false])
    expect((await scim.get(path)).body.active).toBe(false)
    expect((await scim.find('Users', `userName eq "${upn}"`)).body.totalResults).toBe(1)
    const back = await scim.patch(path, { op: 'Add', path: 'active', value: 'True' })
    expect(back.body.active).toBe(true)
    expect(back.body.groups).toMatchObject([{ value: group }])

    expect((await scim.remove(path)).status).toBe(204)
    expect((await scim.get(path)).status).toBe(404)
    expect((await scim.remove(path)).status).toBe(404)
    expect(await membersOf(group)).toEqual([])
  })

  it('with aadOptscim062020: one replacement without a path, dotted and by URN', async () => {
    const id = await scim.user({ name: { familyName: 'Byron' } })
    const patched = await scim.patch(`/Users/${id}?aadOptscim062020`, {
      op: 'replace',
      value: {
        displayName: 'Ada',
        'name.givenName': 'Ada',
        [`${ENTERPRISE}:employeeNumber`]: '1815',
        active: false,
      },
    })
    expect(patched.body).toMatchObject({
      displayName: 'Ada',
      name: { givenName: 'Ada', familyName: 'Byron' },
      active: false,
      [ENTERPRISE]: { employeeNumber: '1815' },
    })
  })

  it('roles by three operations on one that is primary, and one attribute removed, added, replaced', async () => {
    const id = await scim.user({ roles: [{ primary: 'True', value: 'old' }] })
    const path = 'roles[primary eq "True"]'
    const patched = await scim.patch(
      `/Users/${id}`,
      { op: 'Remove', path: 'roles' },
      { op: 'Add', path: `${path}.value`, value: 'admin' },
      { op: 'Add', path: `${path}.display`, value: 'Admin' },
      { op: 'Replace', path: `${path}.type`, value: 'app' },
    )
    expect(patched.body.roles).toEqual([
      { primary: true, value: 'admin', display: 'Admin', type: 'app' },
    ])
  })

  it('a group: asked for by name, made empty, filled and emptied one by one, deleted', async () => {
    const made = await scim.post('/Groups', {
      schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'Engineers',
      meta: { resourceType: 'Group' },
    })
    expect(made.status).toBe(201)
    const path = `/Groups/${made.body.id}`
    const look = async (name: string) =>
      scim.get(`/Groups?excludedAttributes=members&filter=displayName+eq+"${name}"`)
    expect(namesOf(await look('engineers'))).toEqual(['Engineers'])
    expect(namesOf(await look('Engineer'))).toEqual([])
    expect((await look('Engineers')).text).not.toContain('members')
    const [a, b] = [await scim.user(), await scim.user()]
    const value = [
      { $ref: null, value: a },
      { $ref: null, value: b },
    ]
    const added = await scim.patch(path, { op: 'Add', path: 'members', value })
    expect([added.status, added.text]).toEqual([204, ''])
    expect((await membersOf(made.body.id)).toSorted()).toEqual([a, b].toSorted())
    const asked = await scim.find('Groups', `id eq "${made.body.id}" and members eq "${a}"`)
    expect(asked.body.totalResults).toBe(1)
    await scim.patch(path, { op: 'Remove', path: 'members', value: [{ $ref: null, value: a }] })
    expect(await membersOf(made.body.id)).toEqual([b])
    await scim.patch(path, { op: 'remove', path: `members[value eq "${b}"]` })
    expect(await membersOf(made.body.id)).toEqual([])
    expect((await scim.get(`${path}?excludedAttributes=members`)).body).not.toHaveProperty(
      'members',
    )
    await scim.patch(path, { op: 'Replace', path: 'displayName', value: 'Mechanics' })
    expect(namesOf(await look('Mechanics'))).toEqual(['Mechanics'])
    expect((await scim.remove(path)).status).toBe(204)
  })

  it('36 operations in one request', async () => {
    const id = await scim.user()
    const Operations = Array.from({ length: 36 }, (_, i) => ({
      op: 'Replace',
      path: `addresses[type eq "t${i % 6}"].${['locality', 'region', 'country'][i % 3]}`,
      value: `v${i}`,
    }))
    const patched = await scim.patch(`/Users/${id}`, ...Operations)
    expect(patched.status).toBe(200)
    expect(patched.body.addresses).toHaveLength(6)
  })
})

describe('Okta', () => {
  const person = {
    schemas: [CORE],
    userName: 'ada@example.com',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ primary: true, value: 'ada@example.com', type: 'work' }],
    displayName: 'Ada Lovelace',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
  }

  it('saves, assigns, updates by PUT with what it got, deactivates', async () => {
    expect((await scim.get('/Users?startIndex=1&count=2')).body.totalResults).toBe(0)
    expect((await scim.get('/Groups?startIndex=1&count=100')).body.totalResults).toBe(0)
    const look = '/Users?filter=userName%20eq%20%22ada%40example.com%22&startIndex=1&count=100'
    expect((await scim.get(look)).body.totalResults).toBe(0)
    const made = await scim.post('/Users', person)
    expect(made.status).toBe(201)
    expect((await scim.post('/Users', person)).body).toMatchObject({
      status: '409',
      scimType: 'uniqueness',
    })
    const path = `/Users/${made.body.id}`
    const got = (await scim.get(path)).body
    const merged = {
      ...got,
      nickName: 'Countess',
      password: 'x',
      meta: { ...got.meta, version: 'x' },
    }
    const put = await scim.put(path, merged)
    expect(put.status).toBe(200)
    expect(put.body).toMatchObject({ id: made.body.id, nickName: 'Countess', locale: 'en-US' })
    const off = await scim.patch(path, { op: 'replace', value: { active: false } })
    expect([off.status, off.body.active]).toEqual([200, false])
    const again = await scim.put(path, { ...merged, active: false })
    expect(again.body.active).toBe(false)
  })

  it('imports page by page in an order that stays', async () => {
    for (let i = 0; i < 5; i++) await scim.user({ userName: `u${i}` })
    const names = []
    for (const start of [1, 3, 5]) {
      const page = await scim.get(`/Users?startIndex=${start}&count=2`)
      expect([page.body.totalResults, page.body.startIndex]).toEqual([5, start])
      names.push(...namesOf(page))
    }
    expect(names).toEqual(['u0', 'u1', 'u2', 'u3', 'u4'])
  })

  it('pushes a group: its name with every change, id and all, members by filter and by list', async () => {
    const [a, b] = [await scim.user(), await scim.user()]
    const made = await scim.post('/Groups', { schemas: [GROUP], displayName: 'Staff', members: [] })
    const { id } = made.body
    const path = `/Groups/${id}`
    const name = { op: 'replace', value: { id, displayName: 'Staff 2' } }
    const changed = await scim.patch(
      path,
      name,
      { op: 'remove', path: `members[value eq "${b}"]` },
      { op: 'add', path: 'members', value: [{ value: a, display: 'ada' }] },
    )
    expect(changed.status).toBe(204)
    expect((await scim.get(path)).body).toMatchObject({
      displayName: 'Staff 2',
      members: [{ value: a }],
    })
    const push = (value: Json) => scim.patch(path, { op: 'replace', path: 'members', value })
    await push([{ value: b, display: 'b' }])
    expect(await membersOf(id)).toEqual([b])
    await push([])
    expect(await membersOf(id)).toEqual([])
    expect((await scim.remove(path)).status).toBe(204)
  })

  it('of the integration wizard puts the whole group, display null', async () => {
    const [a, b, c] = [await scim.user(), await scim.user(), await scim.user()]
    const id = await scim.group({ displayName: 'Staff', members: [{ value: a }, { value: b }] })
    const members = [b, c].map((value) => ({ value, display: null }))
    const put = await scim.put(`/Groups/${id}`, {
      schemas: [GROUP],
      id,
      displayName: 'Staff',
      members,
    })
    expect(put.status).toBe(200)
    expect(put.body.members.map(({ value }: Json) => value).toSorted()).toEqual([b, c].toSorted())
  })
})

describe('OneLogin', () => {
  const headers = { 'User-Agent': '', Accept: 'application/json' }

  it('asks for its test user, then puts with schemas of its own, then one PATCH a group', async () => {
    const look = '/Users?filter=userName+eq+%22onelogin-test-user01%22&'
    const nobody = await scim.get(look, { headers })
    expect([nobody.status, nobody.body.totalResults]).toEqual([200, 0])
    expect(nobody.headers.get('Content-Type')).toBe('application/json')
    const made = await scim.post('/Users', {
      schemas: [CORE],
      userName: 'ada@example.com',
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      emails: [{ value: 'ada@example.com', primary: true }],
      active: 'true',
    })
    expect(made.body.name).toEqual({ familyName: 'Lovelace', givenName: 'Ada' })
    const path = `/Users/${made.body.id}`
    const put = await scim.put(`${path}?`, {
      schemas: ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:extension:enterprise:2.0'],
      userName: 'ada@example.com',
      name: { givenName: 'Ada', familyName: 'King' },
      manager: { managerId: '7' },
      title: null,
    })
    expect(put.status).toBe(200)
    expect(put.body).toMatchObject({ name: { familyName: 'King' }, active: true })
    const group = await scim.group()
    const body = `{"schemas":["${PATCH_OP}"],"Operations":[{"op":"add","path":"members","value":[{"value":"${made.body.id}"}]}]}`
    expect(body).toHaveLength(165)
    expect((await scim.ask('PATCH', `/Groups/${group}?`, body, { headers })).status).toBe(204)
    expect(await membersOf(group)).toEqual([made.body.id])
  })

  it('suspends by PUT, and a template without `active` lets nobody back in', async () => {
    const id = await scim.user({ userName: 'ada' })
    const off = await scim.put(`/Users/${id}`, { userName: 'ada', active: 'false' })
    expect(off.body.active).toBe(false)
    const put = await scim.put(`/Users/${id}`, { userName: 'ada', title: 'Dr' })
    expect([put.body.title, put.body.active]).toEqual(['Dr', false])
  })
})
