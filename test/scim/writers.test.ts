/** Many at once, and one that is cut off. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createDirectory, ENTERPRISE, fill, newWorker, type Directory, type Json } from './stage.ts'

let scim: Directory
beforeEach(async () => {
  scim = await createDirectory()
})

const membersOf = async (id: string): Promise<readonly string[]> =>
  (await scim.get(`/Groups/${id}`)).body.members.map(({ value }: Json) => value)

describe('many at once', () => {
  it('change one user, each another attribute: none is lost, each is a version', async () => {
    const id = await scim.user()
    const paths = [
      'title',
      'nickName',
      'displayName',
      'profileUrl',
      'userType',
      'preferredLanguage',
      'locale',
      'timezone',
      'externalId',
      'name.givenName',
      'name.familyName',
      'name.middleName',
      'name.formatted',
      'name.honorificPrefix',
      'name.honorificSuffix',
      `${ENTERPRISE}:department`,
      `${ENTERPRISE}:division`,
      `${ENTERPRISE}:costCenter`,
      `${ENTERPRISE}:organization`,
      `${ENTERPRISE}:employeeNumber`,
    ]
    const replies = await Promise.all(
      paths.map((path) => scim.patch(`/Users/${id}`, { op: 'add', path, value: path })),
    )
    expect(replies.map(({ status }) => status)).toEqual(paths.map(() => 200))
    const { body } = await scim.get(`/Users/${id}`)
    expect(body.meta.version).toBe(`W/"${paths.length + 1}"`)
    const flat = { ...body, ...body.name, ...body[ENTERPRISE] }
    for (const path of paths) expect(flat[path.split(/[.:]/).at(-1) ?? '']).toBe(path)
  })

  it('add members to one group, and take some out: all of it counts', async () => {
    await fill('okta', 60)
    const leaving = Array.from({ length: 20 }, (_, i) => `u-${i}`)
    const joining = Array.from({ length: 40 }, (_, i) => `u-${i + 20}`)
    const id = await scim.group({ members: leaving })
    const replies = await Promise.all([
      ...joining.map((value) =>
        scim.patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value }] }),
      ),
      ...leaving.map((value) =>
        scim.patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${value}"]` }),
      ),
      ...[1, 2, 3].map((i) =>
        scim.patch(`/Groups/${id}`, { op: 'replace', value: { id, displayName: `name ${i}` } }),
      ),
    ])
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([204]))
    expect((await membersOf(id)).toSorted()).toEqual(joining.toSorted())
    expect((await scim.get(`/Groups/${id}`)).body.meta.version).toBe('W/"64"')
  })

  it('add members in the form of Okta, with the name that is there: nobody waits for anybody', async () => {
    await fill('okta', 200)
    const id = await scim.group({ displayName: 'Staff' })
    const users = Array.from({ length: 200 }, (_, i) => `u-${i}`)
    const name = { op: 'replace', value: { id, displayName: 'Staff' } }
    const replies = await Promise.all(
      users.map((value) =>
        scim.patch(`/Groups/${id}`, name, { op: 'add', path: 'members', value: [{ value }] }),
      ),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([204]))
    expect(new Set(await membersOf(id))).toEqual(new Set(users))
    const unchanged = await scim.patch(`/Groups/${id}`, name)
    expect(unchanged.headers.get('ETag')).toBe('W/"201"')
  })

  it('a name that another request changes meanwhile stays changed', async () => {
    await fill('okta', 40)
    const id = await scim.group({ displayName: 'Staff' })
    const replies = await Promise.all([
      scim.patch(`/Groups/${id}`, { op: 'replace', path: 'displayName', value: 'Others' }),
      ...Array.from({ length: 40 }, (_, i) =>
        scim.patch(
          `/Groups/${id}`,
          { op: 'replace', path: 'externalId', value: '7' },
          { op: 'add', path: 'members', value: [{ value: `u-${i}` }] },
        ),
      ),
    ])
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([204]))
    const { body } = await scim.get(`/Groups/${id}`)
    expect([body.displayName, body.externalId, body.members.length]).toEqual(['Others', '7', 40])
  })

  it('create one name: one does, the others are told', async () => {
    const names = ['ada', 'Ada', 'ADA', 'aDa', 'adA']
    const users = await Promise.all(names.map((userName) => scim.post('/Users', { userName })))
    expect(users.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201, 409, 409, 409, 409,
    ])
    const groups = await Promise.all(
      names.map((displayName) => scim.post('/Groups', { displayName })),
    )
    expect(groups.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201, 409, 409, 409, 409,
    ])
    expect((await scim.get('/Users')).body.totalResults).toBe(1)
  })

  it('take one name: one does, and the others keep theirs', async () => {
    const ids = await Promise.all([scim.user(), scim.user(), scim.user()])
    const operation = { op: 'replace', path: 'userName', value: 'ada' }
    const replies = await Promise.all(ids.map((id) => scim.patch(`/Users/${id}`, operation)))
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409])
  })

  it('with one version: one writes, the others are told 412', async () => {
    const id = await scim.user()
    const headers = { 'If-Match': 'W/"1"' }
    const replies = await Promise.all(
      ['a', 'b', 'c'].map((userName) => scim.put(`/Users/${id}`, { userName }, { headers })),
    )
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412])
  })

  it('deactivate and rename: neither undoes the other', async () => {
    const id = await scim.user()
    await Promise.all([
      scim.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false }),
      ...Array.from({ length: 8 }, (_, i) =>
        scim.patch(`/Users/${id}`, { op: 'replace', path: 'title', value: `${i}` }),
      ),
    ])
    expect((await scim.get(`/Users/${id}`)).body.active).toBe(false)
    const row = await env.DB.prepare('SELECT active FROM users WHERE id = ?1').bind(id).first()
    expect(row).toEqual({ active: 0 })
  })
})

describe('one that is cut off', () => {
  /** D1 whose batches break at their last statement. */
  const breaking = (db: D1Database): D1Database =>
    new Proxy(db, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name !== 'batch') return value.bind(target)
        return (list: D1PreparedStatement[]) =>
          target.batch([...list, target.prepare("SELECT json('broken')")])
      },
    })

  it('leaves what was: nobody half made, changed, or removed', async () => {
    const user = await scim.user({ userName: 'ada', emails: [{ value: 'a@b.c' }] })
    const group = await scim.group({ displayName: 'Staff', members: [user] })
    const dump = async () => {
      const tables = [
        'users',
        'scim_users',
        'scim_groups',
        'scim_members',
        'scim_keys',
        'scim_counts',
      ]
      const rows = tables.map((table) => env.DB.prepare(`SELECT * FROM ${table}`).all())
      return (await Promise.all(rows)).map(({ results }) => results)
    }
    const before = await dump()
    for (const [method, path, body] of [
      ['POST', '/Users', { userName: 'bob', emails: [{ value: 'x@b.c' }] }],
      ['PUT', `/Users/${user}`, { userName: 'eve', emails: [] }],
      ['PATCH', `/Users/${user}`, { Operations: [{ op: 'replace', value: { active: false } }] }],
      ['DELETE', `/Users/${user}`, undefined],
      ['POST', '/Groups', { displayName: 'x', members: [user] }],
      ['PUT', `/Groups/${group}`, { displayName: 'x', members: [] }],
      ['PATCH', `/Groups/${group}`, { Operations: [{ op: 'remove', path: 'members' }] }],
    ] as const) {
      const asking = { db: breaking(env.DB), isolate: newWorker() }
      expect((await scim.ask(method, path, body, asking)).status).toBe(503)
      expect(await dump()).toEqual(before)
    }
  })
})
