/** What RFC 7643, 7644 and 9865 offer besides: discovery, projections, order, cursors, search, bulk. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { recording } from '../../tools/stage/recording.ts'
import {
  CORE,
  createDirectory,
  ENTERPRISE,
  GROUP,
  namesOf,
  newWorker,
  SITE,
  type Directory,
  type Json,
} from './stage.ts'
import { firstOver } from '../support/limit.ts'

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
const base = `${SITE}/.gatehouse/scim/okta/v2`

let scim: Directory
beforeEach(async () => {
  scim = await createDirectory()
})

describe('discovery', () => {
  it('tells what the service can do, within which limits', async () => {
    const { body } = await scim.get('/ServiceProviderConfig')
    expect(body).toMatchObject({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 100, maxPayloadSize: 1_048_576 },
      filter: { supported: true, maxResults: 200 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      pagination: { cursor: true, index: true, defaultPaginationMethod: 'index' },
      authenticationSchemes: [{ type: 'oauthbearertoken' }],
    })
  })

  it('is for anybody (RFC 7644 §4), says nothing of who is there, and has an end', async () => {
    const recorded = recording(env.DB)
    const asking = { token: null, db: recorded.binding, isolate: newWorker() }
    for (const path of [
      '/ServiceProviderConfig',
      '/ResourceTypes',
      '/Schemas',
      '/Schemas/' + CORE,
    ]) {
      const open = await scim.get(path, asking)
      expect([open.status, open.body]).toEqual([200, (await scim.get(path)).body])
      const nobody = await scim.get(path, { ...asking, connection: 'nobody' })
      expect(nobody.status).toBe(200)
      expect(nobody.text.replaceAll('/scim/nobody/', '/scim/okta/')).toBe(open.text)
      expect(open.text.length).toBeLessThan(32_768)
    }
    expect(recorded.statements).toEqual([])
    expect((await scim.get('/Schemas?filter=id+pr', asking)).status).toBe(403)
    expect((await scim.get('/Schemas/urn:x', asking)).status).toBe(404)
    const from = { ...asking, headers: { 'CF-Connecting-IP': '192.0.2.60' } }
    expect((await scim.get('/Schemas', from)).status).toBe(200)
    const limited = await firstOver(() => scim.get('/Schemas', from))
    expect(limited.headers.get('Retry-After')).toBe('60')
    const { isolate } = asking
    const { headers } = from
    expect((await scim.get('/Schemas', { isolate, headers })).status).toBe(200)
    expect((await scim.get('/Users', { isolate, headers })).status).toBe(200)
  })

  it('lists the types and the schemas, each also alone', async () => {
    for (const [path, ids] of [
      ['/ResourceTypes', ['User', 'Group']],
      ['/Schemas', [CORE, ENTERPRISE, GROUP]],
    ] as const) {
      const { body } = await scim.get(path)
      expect(body).toMatchObject({ schemas: [LIST], totalResults: ids.length })
      expect(body.Resources.map(({ id }: Json) => id)).toEqual(ids)
      for (const resource of body.Resources) {
        expect((await scim.get(`${path}/${resource.id}`)).body).toEqual(resource)
        expect(resource.meta.location).toBe(`${base}${path}/${resource.id}`)
      }
    }
  })

  it('lists no attribute that is not kept: all that can be written come back', async () => {
    const { Resources } = (await scim.get('/Schemas')).body
    const valueFor = (attribute: Json, name: string): Json => {
      if (attribute.type === 'boolean') return true
      if (attribute.type !== 'complex') return `${name} value`
      const parts = attribute.subAttributes
        .filter(({ mutability }: Json) => mutability !== 'readOnly')
        .map((sub: Json) => [sub.name, valueFor(sub, sub.name)])
      return Object.fromEntries(parts)
    }
    const fieldsOf = (id: string): Json => {
      const { attributes } = Resources.find((each: Json) => each.id === id)
      const writable = attributes.filter(
        ({ mutability, name }: Json) => mutability !== 'readOnly' && name !== 'members',
      )
      expect(writable.length).toBeGreaterThan(0)
      return Object.fromEntries(
        writable.map((attribute: Json) => {
          const value = valueFor(attribute, attribute.name)
          return [attribute.name, attribute.multiValued ? [value] : value]
        }),
      )
    }
    const user = { externalId: 'e', ...fieldsOf(CORE), [ENTERPRISE]: fieldsOf(ENTERPRISE) }
    expect(Object.keys(user).length).toBeGreaterThan(20)
    const made = await scim.post('/Users', user)
    expect(made.body).toMatchObject(user)
    expect((await scim.get(`/Users/${made.body.id}`)).body).toEqual(made.body)
    const group = { externalId: 'e', ...fieldsOf(GROUP) }
    expect((await scim.post('/Groups', group)).body).toMatchObject(group)
  })
})

describe('attributes and excludedAttributes', () => {
  it('choose what is shown, down to sub-attributes; id and schemas always are', async () => {
    const id = await scim.user({
      userName: 'ada',
      name: { givenName: 'Ada', familyName: 'King' },
      emails: [{ value: 'a@b.c', type: 'work' }],
      [ENTERPRISE]: { department: 'x', manager: { value: 'y' } },
    })
    const shown = async (query: string): Promise<Json> => {
      const { body } = await scim.get(`/Users/${id}?${query}`)
      const { schemas, id: same, ...rest } = body
      expect([same, schemas]).toEqual([id, [CORE, ENTERPRISE]])
      return rest
    }
    expect(await shown('attributes=userName')).toEqual({ userName: 'ada' })
    expect(await shown('attributes=name.givenName,emails.type')).toEqual({
      name: { givenName: 'Ada' },
      emails: [{ type: 'work' }],
    })
    expect(await shown(`attributes=${ENTERPRISE}:department`)).toEqual({
      [ENTERPRISE]: { department: 'x' },
    })
    expect(await shown(`attributes=${ENTERPRISE}`)).toEqual({
      [ENTERPRISE]: { department: 'x', manager: { value: 'y' } },
    })
    expect(await shown('attributes=nobody')).toEqual({
      ...(await shown('attributes=nobody,alsoNobody')),
    })
    expect(await shown('attributes=meta.version')).toEqual({ meta: { version: 'W/"1"' } })
    const without = await shown(
      `excludedAttributes=name.givenName,emails,id,meta,${ENTERPRISE},groups`,
    )
    expect(without).toEqual({ userName: 'ada', active: true, name: { familyName: 'King' } })
  })

  it('apply to lists, and to what a change answers', async () => {
    const made = await scim.post('/Users?attributes=userName', { userName: 'ada', title: 'Dr' })
    expect(Object.keys(made.body)).toEqual(['schemas', 'id', 'userName'])
    const put = await scim.put(`/Users/${made.body.id}?excludedAttributes=title`, {
      userName: 'ada',
      title: 'Dr',
    })
    expect(put.body).not.toHaveProperty('title')
    const list = await scim.get('/Users?attributes=title,active')
    expect(list.body.Resources).toEqual([expect.not.objectContaining({ userName: 'ada' })])
  })
})

describe('order', () => {
  it('is by any attribute, case aside where it does not count, absent last; or turned round', async () => {
    await scim.user({ userName: 'b', title: 'x' })
    await scim.user({ userName: 'A', title: 'Y' })
    await scim.user({ userName: 'c' })
    const by = async (query: string) => namesOf(await scim.get(`/Users?${query}`))
    expect(await by('sortBy=userName')).toEqual(['A', 'b', 'c'])
    expect(await by('sortBy=userName&sortOrder=descending')).toEqual(['c', 'b', 'A'])
    expect(await by('sortBy=title')).toEqual(['b', 'A', 'c'])
    expect(await by('sortBy=title&sortOrder=Descending')).toEqual(['c', 'A', 'b'])
    expect(await by('')).toEqual(['b', 'A', 'c'])
  })

  it('of several values is by the primary one, else the first', async () => {
    const of = (...values: string[]) => values.map((value, i) => ({ value, primary: i === 1 }))
    await scim.user({ userName: 'two', emails: of('a', 'z') })
    await scim.user({ userName: 'one', emails: [{ value: 'm' }, { value: 'a' }] })
    await scim.user({ userName: 'none' })
    expect(namesOf(await scim.get('/Users?sortBy=emails'))).toEqual(['one', 'two', 'none'])
    expect(namesOf(await scim.get('/Users?sortBy=emails.value&filter=emails+pr'))).toEqual([
      'one',
      'two',
    ])
  })
})

describe('cursors', () => {
  const walk = async (query: string): Promise<readonly string[]> => {
    const names = []
    let cursor = ''
    for (let i = 0; i < 10; i++) {
      const page = await scim.get(`/Users?${query}&count=2&cursor=${encodeURIComponent(cursor)}`)
      expect([page.status, page.body.totalResults]).toEqual([200, 5])
      names.push(...namesOf(page))
      if (page.body.nextCursor === undefined) return names
      cursor = page.body.nextCursor
    }
    throw new Error('it does not end')
  }

  it('lead through a list once, in its order, and in one that is asked for', async () => {
    for (const userName of ['b', 'd', 'a', 'e', 'c']) await scim.user({ userName })
    expect(await walk('')).toEqual(['b', 'd', 'a', 'e', 'c'])
    expect(await walk('sortBy=userName')).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await walk('filter=active+eq+true')).toEqual(['b', 'd', 'a', 'e', 'c'])
  })

  it('pass over nobody when somebody is removed meanwhile', async () => {
    const ids = []
    for (const userName of ['a', 'b', 'c', 'd']) ids.push(await scim.user({ userName }))
    const first = await scim.get('/Users?cursor&count=2')
    await scim.remove(`/Users/${ids[0]}`)
    const next = await scim.get(`/Users?count=2&cursor=${first.body.nextCursor}`)
    expect(namesOf(next)).toEqual(['c', 'd'])
  })

  it('are of one question: invalidCursor for another, or for none of ours', async () => {
    for (let i = 0; i < 3; i++) await scim.user()
    const { nextCursor } = (await scim.get('/Users?cursor&count=1')).body
    for (const query of [
      `cursor=${nextCursor}&filter=active+eq+true`,
      `cursor=${nextCursor}&sortBy=userName`,
      'cursor=nonsense',
      `cursor=${nextCursor}x`,
      "cursor=a1-'or'1'%3D'1",
    ]) {
      const reply = await scim.get(`/Users?count=1&${query}`)
      expect([reply.status, reply.body.scimType]).toEqual([400, 'invalidCursor'])
    }
    const other = await scim.get(`/Groups?count=1&cursor=${nextCursor}`)
    expect(other.body.scimType).toBe('invalidCursor')
    const count = await scim.get('/Users?cursor&count=x')
    expect([count.status, count.body.scimType]).toEqual([400, 'invalidCount'])
  })
})

describe('.search', () => {
  it('asks by a body what a list asks by its address', async () => {
    await scim.user({ userName: 'a', title: 'x' })
    await scim.user({ userName: 'b' })
    const found = await scim.post('/Users/.search', {
      schemas: [SEARCH],
      filter: 'userName pr',
      attributes: ['userName'],
      sortBy: 'userName',
      sortOrder: 'descending',
      startIndex: 1,
      count: 1,
    })
    expect(found.status).toBe(200)
    expect(found.body).toMatchObject({ schemas: [LIST], totalResults: 2, itemsPerPage: 1 })
    expect(namesOf(found)).toEqual(['b'])
    for (const [body, type] of [
      ['[]', 'invalidSyntax'],
      [{ schemas: [BULK] }, 'invalidSyntax'],
      [{ filter: 5 }, 'invalidValue'],
      [{ filter: 'x' }, 'invalidFilter'],
      [{ attributes: [5] }, 'invalidValue'],
    ] as const) {
      const reply = await scim.post('/Users/.search', body)
      expect([reply.status, reply.body.scimType]).toEqual([400, type])
    }
  })

  it('at the root finds people, then groups', async () => {
    await scim.user({ userName: 'a', displayName: 'Staff Ada' })
    await scim.user({ userName: 'b' })
    await scim.group({ displayName: 'Staff' })
    await scim.group({ displayName: 'Others' })
    const all = await scim.post('/.search', { filter: 'displayName sw "staff"' })
    expect([all.body.totalResults, namesOf(all)]).toEqual([2, ['a', 'Staff']])
    const page = await scim.get('/?startIndex=2&count=2')
    expect([page.body.totalResults, namesOf(page)]).toEqual([4, ['b', 'Staff']])
    const users = await scim.post('/.search', { filter: 'userName pr' })
    expect(namesOf(users)).toEqual(['a', 'b'])
    expect((await scim.post('/.search', { filter: 'nobody pr' })).status).toBe(400)
    expect((await scim.get('/?cursor')).body.scimType).toBe('invalidCursor')
  })
})

describe('large groups', () => {
  it('one of 25,000 comes whole', async () => {
    const { fill } = await import('./stage.ts')
    await fill('okta', 25_000)
    const members = Array.from({ length: 25_000 }, (_, i) => `u-${i}`)
    const id = await scim.group({ members })
    const group = await scim.get(`/Groups/${id}`)
    expect(new Set(group.body.members.map(({ value }: Json) => value)).size).toBe(25_000)
  })
})

describe('people in very many groups', () => {
  it('have them all on a page, which is as long as any other', async () => {
    const { fill } = await import('./stage.ts')
    await fill('okta', 3, 8000)
    await env.DB.exec(
      "INSERT INTO scim_members SELECT g.id, u.id FROM scim_groups g, scim_users u WHERE u.connection = 'okta'",
    )
    const first = await scim.get('/Users')
    expect([first.body.totalResults, first.body.itemsPerPage]).toEqual([3, 3])
    for (const { groups } of first.body.Resources) expect(groups).toHaveLength(8000)
    expect(namesOf(await scim.get('/Users?startIndex=3'))).toHaveLength(1)
    const both = await scim.get('/?attributes=groups')
    expect([both.body.totalResults, both.body.itemsPerPage]).toEqual([8003, 100])
    expect(both.body.Resources).toHaveLength(100)
    await fill('okta', 0, 14_000, 'more')
    await env.DB.exec("INSERT OR IGNORE INTO scim_members SELECT id, 'u-0' FROM scim_groups")
    const one = await scim.get('/Users/u-0')
    expect(one.body.groups).toHaveLength(22_000)
  })
})

describe('bulk', () => {
  const bulk = (Operations: readonly Json[], more: Json = {}) =>
    scim.post('/Bulk', { schemas: [BULK], Operations, ...more })

  it('does one after the other, and names what was made before', async () => {
    const { status, body } = await bulk([
      { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: 'ada' } },
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'g',
        data: { displayName: 'Staff', members: [{ value: 'bulkId:a' }, { value: 'bulkId:b' }] },
      },
      { method: 'post', path: 'Users', bulkId: 'b', data: { userName: 'bob' } },
      {
        method: 'PATCH',
        path: '/Users/bulkId:a',
        data: { Operations: [{ op: 'add', path: 'title', value: 'x' }] },
      },
      { method: 'DELETE', path: '/Users/nobody' },
    ])
    expect(status).toBe(200)
    expect(body.schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:BulkResponse'])
    const outcomes = body.Operations.map(
      ({ method, bulkId, status: code }: Json) => `${method} ${bulkId ?? '-'} ${code}`,
    )
    expect(outcomes.toSorted()).toEqual([
      'DELETE - 404',
      'PATCH - 200',
      'POST a 201',
      'POST b 201',
      'POST g 201',
    ])
    expect(body.Operations[0]).toMatchObject({
      location: expect.stringContaining(`${base}/Users/`),
      version: 'W/"1"',
    })
    const [staff] = (await scim.get('/Groups')).body.Resources
    expect(staff.members).toHaveLength(2)
    expect((await scim.find('Users', 'title eq "x"')).body.totalResults).toBe(1)
  })

  it('stops after as many errors as it may have, and tells each', async () => {
    const bad = { method: 'POST', path: '/Users', bulkId: 'x', data: {} }
    const good = { method: 'POST', path: '/Users', bulkId: 'y', data: { userName: 'y' } }
    const { body } = await bulk([bad, bad, good], { failOnErrors: 2 })
    expect(body.Operations).toHaveLength(2)
    expect(body.Operations[0]).toMatchObject({
      status: '400',
      response: { status: '400', scimType: 'invalidValue' },
    })
    expect((await scim.get('/Users')).body.totalResults).toBe(0)
    expect((await bulk([bad, bad, good])).body.Operations).toHaveLength(3)
  })

  it('keeps to the version that an operation names', async () => {
    const id = await scim.user()
    const operation = { method: 'DELETE', path: `/Users/${id}`, version: 'W/"9"' }
    expect((await bulk([operation])).body.Operations[0].status).toBe('412')
    const known = { ...operation, version: 'W/"1"' }
    expect((await bulk([known])).body.Operations[0].status).toBe('204')
  })

  it('makes neither of two that wait for each other', async () => {
    const of = (bulkId: string, other: string) => ({
      method: 'POST',
      path: '/Users',
      bulkId,
      data: { userName: bulkId, manager: `bulkId:${other}` },
    })
    const { body } = await bulk([of('a', 'b'), of('b', 'a')])
    expect(body.Operations.map(({ status }: Json) => status)).toEqual(['409', '409'])
    expect((await scim.get('/Users')).body.totalResults).toBe(0)
  })

  it('has bounds, and no bulk within', async () => {
    const one = { method: 'DELETE', path: '/Users/x' }
    expect((await bulk(Array.from({ length: 101 }, () => one))).status).toBe(413)
    expect((await scim.post('/Bulk', `{"x":"${'x'.repeat(1_048_576)}"}`)).status).toBe(413)
    for (const operation of [
      { method: 'POST', path: '/Bulk', data: { Operations: [one] } },
      { method: 'POST', path: '//bulk/', data: {} },
      { method: 'GET', path: '/Users' },
    ]) {
      expect((await bulk([operation])).body.Operations[0].status).toBe('400')
    }
    for (const body of [{}, { Operations: 'x' }, { Operations: [5] }, { Operations: [{}] }]) {
      expect((await scim.post('/Bulk', body)).body.scimType).toBe('invalidSyntax')
    }
  })
})
