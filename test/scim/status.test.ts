/** Every answer of the table of status codes, and that nothing else ever answers a SCIM path. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { firstOver } from '../support/limit.ts'
import { background } from '../support/background.ts'
import { breakable } from '../support/binding.ts'
import { setConnectionEnabled } from '../support/session.ts'
import {
  createDirectory,
  newWorker,
  ORIGIN,
  PATCH_OP,
  SITE,
  type Directory,
  type Reply,
} from './stage.ts'

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'

let scim: Directory
beforeEach(async () => {
  scim = await createDirectory()
})

function expectError(reply: Reply, status: number, scimType: string | null): void {
  expect([reply.status, reply.body.scimType ?? null]).toEqual([status, scimType])
  expect(reply.headers.get('Content-Type')).toBe('application/scim+json')
  expect(reply.body.schemas).toEqual([ERROR])
  expect(reply.body.status).toBe(String(status))
  expect(reply.body.detail).toMatch(/\w/)
}

describe('what is done', () => {
  it('creating answers 201 with the resource and where it is', async () => {
    const made = await scim.post('/Users', { userName: 'ada' })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      id: expect.any(String),
      userName: 'ada',
      active: true,
      groups: [],
      meta: {
        resourceType: 'User',
        created: '2026-11-24T12:00:00.000Z',
        lastModified: '2026-11-24T12:00:00.000Z',
        location: `${SITE}/.gatehouse/scim/okta/v2/Users/${made.body.id}`,
        version: 'W/"1"',
      },
    })
    expect(made.headers.get('Location')).toBe(made.body.meta.location)
    expect(made.headers.get('ETag')).toBe('W/"1"')
    expect(made.headers.get('Cache-Control')).toBe('no-store')
  })

  it('a PATCH or PUT of a user answers 200 with the resource and its new version', async () => {
    const id = await scim.user()
    const patched = await scim.patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Dr' })
    expect([patched.status, patched.body.title]).toEqual([200, 'Dr'])
    expect(patched.headers.get('ETag')).toBe('W/"2"')
    const put = await scim.put(`/Users/${id}`, { userName: 'ada' })
    expect([put.status, put.body.userName, put.body.title]).toEqual([200, 'ada', undefined])
    expect(put.body.meta.version).toBe('W/"3"')
  })

  it('a change to what is already so makes no new version', async () => {
    const id = await scim.user({ title: 'Dr' })
    const patched = await scim.patch(`/Users/${id}`, { op: 'add', path: 'title', value: 'Dr' })
    expect([patched.status, patched.body.meta.version]).toEqual([200, 'W/"1"'])
  })

  it('a PATCH of a group answers 204, and 200 with the resource where attributes are named', async () => {
    const id = await scim.group()
    const rename = { op: 'replace', path: 'displayName', value: 'x' }
    const patched = await scim.patch(`/Groups/${id}`, rename)
    expect([patched.status, patched.body]).toEqual([204, null])
    const told = await scim.patch(`/Groups/${id}?attributes=displayName`, { ...rename, value: 'y' })
    expect(told.status).toBe(200)
    expect(Object.keys(told.body).toSorted()).toEqual(['displayName', 'id', 'schemas'])
    const bare = await scim.patch(`/Groups/${id}?excludedAttributes=members`, rename)
    expect([bare.status, 'members' in bare.body]).toEqual([200, false])
  })

  it('removing answers 204, and 404 the second time and to who asks for it', async () => {
    for (const path of [`/Users/${await scim.user()}`, `/Groups/${await scim.group()}`]) {
      const gone = await scim.remove(path)
      expect([gone.status, gone.body]).toEqual([204, null])
      expectError(await scim.remove(path), 404, null)
      expectError(await scim.get(path), 404, null)
      expectError(await scim.patch(path, { op: 'add', path: 'displayName', value: 'x' }), 404, null)
      expectError(await scim.put(path, { userName: 'x', displayName: 'x' }), 404, null)
    }
  })
})

describe('uniqueness', () => {
  it('holds on POST, PUT and PATCH, without regard to case: 409', async () => {
    const ada = await scim.user({ userName: 'Ada@Example.com' })
    const bob = await scim.user({ userName: 'bob' })
    expectError(await scim.post('/Users', { userName: 'ada@EXAMPLE.com' }), 409, 'uniqueness')
    expectError(await scim.put(`/Users/${bob}`, { userName: 'ADA@example.com' }), 409, 'uniqueness')
    const rename = { op: 'replace', value: { userName: 'ada@example.com' } }
    expectError(await scim.patch(`/Users/${bob}`, rename), 409, 'uniqueness')
    expect((await scim.get(`/Users/${bob}`)).body.userName).toBe('bob')
    expect((await scim.patch(`/Users/${ada}`, rename)).status).toBe(200)
    const staff = await scim.group({ displayName: 'Staff' })
    const other = await scim.group()
    expectError(await scim.post('/Groups', { displayName: 'STAFF' }), 409, 'uniqueness')
    expectError(await scim.put(`/Groups/${other}`, { displayName: 'staff' }), 409, 'uniqueness')
    const name = { op: 'replace', path: 'displayName', value: 'staff' }
    expectError(await scim.patch(`/Groups/${other}`, name), 409, 'uniqueness')
    expect((await scim.patch(`/Groups/${staff}`, name)).status).toBe(204)
  })
})

describe('400, by its scimType', () => {
  it.each([
    'userName',
    'userName eq',
    'userName eq ada',
    'userName zz "ada"',
    'nobody eq "x"',
    'name.nobody eq "x"',
    'userName eq "x" and',
    '(userName eq "x"',
    'not userName eq "x"',
    'active gt true',
    'active co "t"',
    'meta.created co "2026"',
    'meta.created gt 2026',
    'name eq "x"',
    'addresses eq "x"',
    'name[givenName eq "x"]',
    'emails[type eq "work"',
    'emails[type[value eq "x"] eq "work"]',
    'urn:example:User:userName eq "x"',
    'userName eq "\\ud800"',
    'userName eq "\\q"',
    'userName gt null',
    '',
    ' ',
    `userName eq "${'x'.repeat(5000)}"`,
    Array.from({ length: 41 }, (_, i) => `title eq "${i}"`).join(' or '),
    `${'('.repeat(30)}userName pr${')'.repeat(30)}`,
  ])('invalidFilter: %j', async (filter) => {
    expectError(await scim.find('Users', filter), 400, 'invalidFilter')
  })

  it.each([
    ['text', 'not JSON'],
    ['nothing', ''],
    ['a list', '[]'],
    ['a string', '"x"'],
    ['a name given twice', '{"userName":"a","userName":"b"}'],
    ['a name given twice in another case', '{"userName":"a","USERNAME":"b"}'],
    ['the schemas of another message', { schemas: [PATCH_OP], userName: 'x' }],
    ['what is nested too deep', `{"userName":${'['.repeat(30)}${']'.repeat(30)}}`],
    ['a lone surrogate', '{"userName":"\\ud800"}'],
    ['U+0000', '{"userName":"a\\u0000b"}'],
  ])('invalidSyntax: %s', async (_, body) => {
    expectError(await scim.post('/Users', body), 400, 'invalidSyntax')
  })

  it.each([
    ['no Operations', { schemas: [PATCH_OP] }],
    ['an op that there is not', { Operations: [{ op: 'move', path: 'title', value: 'x' }] }],
    ['an addition of no value', { Operations: [{ op: 'add', path: 'title' }] }],
    ['an operation that is none', { Operations: ['add'] }],
    ['a PATCH of SCIM 1.1', { schemas: ['urn:scim:schemas:core:1.0'], members: [{ value: 'x' }] }],
    ['a value without path that is no object', { Operations: [{ op: 'add', value: 'x' }] }],
    ['another message', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'] }],
  ])('invalidSyntax of a PATCH: %s', async (_, body) => {
    const id = await scim.user()
    expectError(await scim.ask('PATCH', `/Users/${id}`, body), 400, 'invalidSyntax')
  })

  it.each([
    ['nobody', 'x'],
    ['name.nobody', 'x'],
    ['emails[type eq "work"', 'x'],
    ['emails[type zz "work"].value', 'x'],
    ['emails[nobody eq "work"].value', 'x'],
    ['emails[type eq "work"].nobody', 'x'],
    ['title[value eq "x"]', 'x'],
    ['name.givenName.x', 'x'],
    ['emails[type eq "work"][value eq "x"]', 'x'],
  ])('invalidPath: %s', async (path, value) => {
    const id = await scim.user()
    expectError(await scim.patch(`/Users/${id}`, { op: 'add', path, value }), 400, 'invalidPath')
  })

  it.each([
    ['a filter that matches nothing, and does not say what would', 'emails[type co "w"].value'],
    ['the same, with ne', 'emails[type ne "work"].value'],
  ])('noTarget: %s', async (_, path) => {
    const id = await scim.user()
    expectError(
      await scim.patch(`/Users/${id}`, { op: 'replace', path, value: 'x' }),
      400,
      'noTarget',
    )
  })

  it('noTarget: a removal without a path', async () => {
    const id = await scim.user()
    expectError(await scim.patch(`/Users/${id}`, { op: 'remove' }), 400, 'noTarget')
    expectError(await scim.patch(`/Users/${id}`, { op: 'remove', path: ' ' }), 400, 'noTarget')
  })

  it.each([
    [{}],
    [{ userName: '' }],
    [{ userName: '  ' }],
    [{ userName: null }],
    [{ userName: 5 }],
    [{ userName: { name: 'x' } }],
    [{ userName: [{ value: 'x' }, { value: 'y' }] }],
    [{ userName: ['a', 'b'] }],
    [{ userName: 'x', active: 'yes' }],
    [{ userName: 'x', active: 1 }],
    [{ userName: 'x', name: 'Ada' }],
    [{ userName: 'x', emails: [5] }],
    [{ userName: 'x', emails: [{ value: {} }] }],
    [{ userName: 'x', addresses: 'home' }],
    [{ userName: 'x'.repeat(1025) }],
    [{ userName: 'x', [`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`]: 'x' }],
  ])('invalidValue: %j', async (body) => {
    expectError(await scim.post('/Users', body), 400, 'invalidValue')
  })

  it.each([
    [{ op: 'remove', path: 'userName' }],
    [{ op: 'replace', path: 'userName', value: null }],
    [{ op: 'replace', path: 'userName', value: '' }],
    [{ op: 'replace', path: 'active', value: 'perhaps' }],
    [{ op: 'replace', path: 'name', value: 'Ada' }],
    [{ op: 'add', path: 'emails', value: [7] }],
  ])('invalidValue of a PATCH: %j', async (operation) => {
    const id = await scim.user()
    expectError(await scim.patch(`/Users/${id}`, operation), 400, 'invalidValue')
  })

  it('mutability: what is ours to say, by a path; in an object it is passed over', async () => {
    const id = await scim.user()
    for (const path of ['id', 'meta', 'meta.created', 'groups', 'groups[value eq "x"].display']) {
      const operation = { op: 'replace', path, value: 'x' }
      expectError(await scim.patch(`/Users/${id}`, operation), 400, 'mutability')
    }
    const same = await scim.patch(`/Users/${id}`, { op: 'replace', path: 'id', value: id })
    expect(same.status).toBe(200)
    const value = { id: 'x', meta: {}, groups: [{ value: 'x' }], title: 'Dr' }
    const okta = await scim.patch(`/Users/${id}`, { op: 'replace', value })
    expect([okta.status, okta.body.id, okta.body.title]).toEqual([200, id, 'Dr'])
    const members = { op: 'replace', path: 'members[value eq "x"].display', value: 'x' }
    expectError(await scim.patch(`/Groups/${await scim.group()}`, members), 400, 'mutability')
  })

  it.each(['startIndex=x', 'count=many', 'count=1.5', 'sortOrder=up', 'sortBy=nobody'])(
    'invalidValue: ?%s',
    async (query) => {
      expectError(await scim.get(`/Users?${query}`), 400, 'invalidValue')
    },
  )

  it('a parameter given twice is refused', async () => {
    expectError(await scim.get('/Users?filter=id+pr&filter=id+pr'), 400, 'invalidValue')
  })

  it('tooMany: more operations, or members, than one request may have', async () => {
    const id = await scim.group()
    const Operations = Array.from({ length: 1001 }, () => ({
      op: 'add',
      path: 'title',
      value: 'x',
    }))
    expectError(await scim.ask('PATCH', `/Groups/${id}`, { Operations }), 400, 'tooMany')
    const members = Array.from({ length: 100_001 }, (_, i) => `m${i}`)
    expectError(await scim.put(`/Groups/${id}`, { displayName: 'x', members }), 400, 'tooMany')
  })
})

describe('versions', () => {
  it('If-Match of another version: 412, and nothing is done', async () => {
    for (const [path, body] of [
      [`/Users/${await scim.user({ title: 'old' })}`, { userName: 'x', title: 'new' }],
      [`/Groups/${await scim.group()}`, { displayName: 'new' }],
    ] as const) {
      const before = (await scim.get(path)).body
      for (const tag of ['W/"2"', '"0"', 'W/"x"', 'nonsense']) {
        const headers = { 'If-Match': tag }
        expectError(await scim.put(path, body, { headers }), 412, null)
        expectError(await scim.remove(path, { headers }), 412, null)
        const Operations = [{ op: 'replace', path: 'displayName', value: 'new' }]
        expectError(await scim.ask('PATCH', path, { Operations }, { headers }), 412, null)
      }
      expect((await scim.get(path)).body).toEqual(before)
      const known = await scim.put(path, body, { headers: { 'If-Match': 'W/"7", W/"1"' } })
      expect([known.status, known.headers.get('ETag')]).toEqual([200, 'W/"2"'])
      expect((await scim.put(path, body, { headers: { 'If-Match': '*' } })).status).toBe(200)
    }
  })

  it('If-Match guards a change of members too', async () => {
    const [user, id] = [await scim.user(), await scim.group()]
    const body = { Operations: [{ op: 'add', path: 'members', value: [{ value: user }] }] }
    const patch = (tag: string) =>
      scim.ask('PATCH', `/Groups/${id}`, body, { headers: { 'If-Match': tag } })
    expectError(await patch('W/"9"'), 412, null)
    expect((await scim.get(`/Groups/${id}`)).body.members).toEqual([])
    expect((await patch('W/"1"')).status).toBe(204)
    expect((await scim.get(`/Groups/${id}`)).body.members).toHaveLength(1)
  })

  it('If-None-Match of the version there is: 304 without a body', async () => {
    const path = `/Users/${await scim.user()}`
    // RFC 9110 §13.1.2: the comparison is the weak one.
    for (const tag of ['W/"1"', '*', 'W/"0", W/"1"', '"1"', '"0","1"', 'W/"0" , "1"']) {
      const known = await scim.get(path, { headers: { 'If-None-Match': tag } })
      expect([known.status, known.text, known.headers.get('ETag')]).toEqual([304, '', 'W/"1"'])
    }
    for (const tag of ['W/"2"', '"2"', '1', '"11"', 'w/"1"']) {
      expect((await scim.get(path, { headers: { 'If-None-Match': tag } })).status).toBe(200)
    }
  })

  it('the groups that are shown of a person are part of what is known, and no reason not to change it', async () => {
    const user = await scim.user()
    const path = `/Users/${user}`
    const ask = (tag: string | null, more = '') =>
      scim.get(path + more, { headers: { 'If-None-Match': tag ?? '' } })
    const [group, other] = [await scim.group({ members: [user] }), await scim.group()]
    const joined = await scim.get(path)
    const tag = joined.headers.get('ETag')
    expect(joined.body.meta.version).toBe(tag)
    expect((await ask('W/"1"')).status).toBe(200)
    expect((await ask(tag)).status).toBe(304)
    expect((await ask('W/"1"', '?excludedAttributes=groups')).status).toBe(304)
    const value = [{ value: user }]
    for (const change of [
      () => scim.patch(`/Groups/${group}`, { op: 'replace', path: 'displayName', value: 'new' }),
      () => scim.patch(`/Groups/${other}`, { op: 'add', path: 'members', value }),
      () => scim.patch(`/Groups/${group}`, { op: 'remove', path: 'members', value }),
    ]) {
      const before = (await scim.get(path)).headers.get('ETag')
      expect((await change()).status).toBe(204)
      expect((await ask(before)).status).toBe(200)
    }
    const put = (version: string | null) =>
      scim.put(path, { userName: 'x' }, { headers: { 'If-Match': version ?? '' } })
    expect((await put(tag)).status).toBe(200)
    expectError(await put(tag), 412, null)
  })
})

describe('who may not', () => {
  it.each([
    ['no token', null],
    ['a token that is none', 'x'],
    ['a token of nobody', `gatehouse_scim_${'A'.repeat(43)}`],
  ])('%s: 401, whatever is asked, with a SCIM body and WWW-Authenticate', async (_, token) => {
    for (const path of ['/Users', '/Users/x', '/Nowhere', '/Me', '/Bulk', '/SchemasX', '']) {
      const reply = await scim.get(path, { token })
      expectError(reply, 401, null)
      expect(reply.headers.get('WWW-Authenticate')).toContain('Bearer')
    }
    for (const path of ['/Schemas', '/ResourceTypes/User', '/ServiceProviderConfig']) {
      expectError(await scim.ask('POST', path, '{}', { token }), 401, null)
    }
  })

  it('a wrong token is refused where none is needed, so that a test of the connection fails', async () => {
    for (const path of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig']) {
      expectError(await scim.get(path, { token: 'x' }), 401, null)
      expect((await scim.get(path)).status).toBe(200)
    }
  })

  it('the word Bearer is of any case, and another scheme is none', async () => {
    const sent = (Authorization: string) =>
      scim.get('/Users', { token: null, headers: { Authorization } })
    expect((await sent(`bearer ${scim.token}`)).status).toBe(200)
    expectError(await sent(`Basic ${scim.token}`), 401, null)
    expectError(await sent(scim.token), 401, null)
    expectError(await sent(`Bearer ${scim.token} x`), 401, null)
  })
})

describe('what is not there, or not done', () => {
  it('404 for any path that is none', async () => {
    for (const path of ['/Nowhere', '/Users/a/b', '/Schemas/urn:x', '/ResourceTypes/Robot']) {
      expectError(await scim.get(path), 404, null)
    }
    expectError(await scim.ask('PATCH', '/Nowhere', '{}'), 404, null)
  })

  it('405 with what is allowed', async () => {
    for (const [method, path, allowed] of [
      ['PUT', '/Users', 'GET, POST'],
      ['DELETE', '/Groups', 'GET, POST'],
      ['POST', '/Users/x', 'GET, PUT, PATCH, DELETE'],
      ['POST', '/Schemas', 'GET'],
      ['PUT', '/ResourceTypes/User', 'GET'],
      ['PATCH', '/ServiceProviderConfig', 'GET'],
      ['GET', '/Bulk', 'POST'],
      ['OPTIONS', '/Users', 'GET, POST'],
      ['DELETE', '', 'GET'],
    ] as const) {
      const reply = await scim.ask(method, path)
      expectError(reply, 405, null)
      expect(reply.headers.get('Allow')).toBe(allowed)
    }
  })

  it('403 for a filter on what describes the service', async () => {
    for (const path of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig']) {
      expect((await scim.get(path)).status).toBe(200)
      expectError(await scim.get(`${path}?filter=id%20pr`), 403, null)
    }
  })

  it('501 for /Me', async () => {
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
      expectError(await scim.ask(method, '/Me'), 501, null)
    }
  })

  it('413 for a body that is too large, whether or not it says so', async () => {
    const large = JSON.stringify({ userName: 'x', title: 'x'.repeat(1_048_577) })
    expectError(await scim.post('/Users', large), 413, null)
    const document = { userName: 'x', title: 'x'.repeat(500_000) }
    expectError(await scim.post('/Users', document), 413, null)
    expect((await scim.find('Users', 'userName eq "x"')).body.totalResults).toBe(0)
  })

  it('400 for a body that the client breaks off, and no fault of ours in the log', async () => {
    const faults = vi.spyOn(console, 'error')
    for (const [method, path] of [
      ['POST', '/Users'],
      ['PATCH', `/Users/${await scim.user()}`],
      ['PUT', `/Groups/${await scim.group()}`],
      ['POST', '/Bulk'],
      ['POST', '/Users/.search'],
    ] as const) {
      let isSent = false
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (isSent) controller.error(new Error('Network connection lost.'))
          else controller.enqueue(utf8('{"userName":'))
          isSent = true
        },
      })
      const request = new Request(`${SITE}/.gatehouse/scim/okta/v2${path}`, {
        method,
        headers: { Authorization: `Bearer ${scim.token}`, 'Content-Type': 'application/scim+json' },
        body,
      })
      const reply = await scim.worker.fetch(request, { ...env, ORIGIN }, background)
      expect([reply.status, Object(await reply.json())['scimType']]).toEqual([400, 'invalidSyntax'])
    }
    expect(faults).not.toHaveBeenCalled()
    faults.mockRestore()
  })

  it('415 for what is no JSON by its name, or compressed', async () => {
    const body = '{"userName":"x"}'
    for (const type of ['text/xml', 'text/plain', 'application/x-www-form-urlencoded']) {
      expectError(await scim.post('/Users', body, { headers: { 'Content-Type': type } }), 415, null)
    }
    const gzip = { 'Content-Encoding': 'gzip' }
    expectError(await scim.post('/Users', body, { headers: gzip }), 415, null)
    const json = { 'Content-Type': 'application/json; charset=utf-8' }
    expect((await scim.post('/Users', body, { headers: json })).status).toBe(201)
  })

  it('429 with whole seconds for who fails too often, but not for a token that counts', async () => {
    const from = (client: string) => ({ headers: { 'CF-Connecting-IP': client } })
    expect((await scim.get('/Users', from('192.0.2.1'))).status).toBe(200)
    expectError(await scim.get('/Users', { token: 'x', ...from('192.0.2.1') }), 401, null)
    const limited = await firstOver(() => scim.get('/Users', { token: 'x', ...from('192.0.2.1') }))
    expectError(limited, 429, null)
    expect(limited.headers.get('Retry-After')).toMatch(/^[1-9]\d*$/)
    expectError(await scim.get('/Users', { token: 'x', ...from('192.0.2.2') }), 401, null)
    expect((await scim.get('/Users', from('192.0.2.1'))).status).toBe(200)
  })
})

describe('whatever happens, the answer is SCIM', () => {
  it('503 with Retry-After when D1 is down', async () => {
    const id = await scim.user()
    const broken = breakable(env.DB)
    broken.isBroken = true
    for (const [method, path] of [
      ['GET', '/Users'],
      ['GET', `/Users/${id}`],
      ['POST', '/Users'],
      ['DELETE', `/Users/${id}`],
    ] as const) {
      const body = method === 'POST' ? { userName: 'x' } : undefined
      const reply = await scim.ask(method, path, body, { db: broken.binding, isolate: newWorker() })
      expectError(reply, 503, null)
      expect(reply.headers.get('Retry-After')).toMatch(/^\d+$/)
    }
  })

  it('503 when the Worker is set up wrongly, 403 over plain http, 404 elsewhere below the prefix', async () => {
    const ask = async (url: string, bindings: object) =>
      newWorker().fetch(new Request(url), bindings, background)
    const toReply = async (response: Response): Promise<Reply> => {
      const text = await response.text()
      const { status, headers } = response
      return { status, headers, text, body: JSON.parse(text) }
    }
    const url = `${SITE}/.gatehouse/scim/okta/v2/Users`
    expectError(await toReply(await ask(url, {})), 503, null)
    const all = { ...env, ORIGIN }
    expectError(await toReply(await ask(url.replace('https', 'http'), all)), 403, null)
    for (const path of ['', '/', '/okta', '/okta/v1/Users', '/OKTA_1/v2/Users', '/okta/v22']) {
      expectError(await toReply(await ask(`${SITE}/.gatehouse/scim${path}`, all)), 404, null)
    }
    expectError(await toReply(await ask(url.replace('app.', 'other.'), all)), 421, null)
  })

  it('a connection that the site does not take has no directory there', async () => {
    const isolate = newWorker(['entra'])
    expectError(await scim.get('/Users', { isolate }), 404, null)
  })

  it('a disabled connection still hears its directory, so that who left is out when it is enabled', async () => {
    const id = await scim.user()
    await setConnectionEnabled('okta', false)
    const left = await scim.patch(`/Users/${id}`, { op: 'replace', value: { active: false } })
    expect(left.status).toBe(200)
  })
})

describe('the media type', () => {
  it.each([
    [null, 'application/scim+json'],
    ['*/*', 'application/scim+json'],
    ['application/scim+json', 'application/scim+json'],
    ['application/json', 'application/json'],
    ['application/json, */*', 'application/scim+json'],
    ['application/json, application/scim+json', 'application/scim+json'],
    ['text/html', 'application/scim+json'],
  ])('for Accept %j is %s', async (accept, type) => {
    const headers: Record<string, string> = accept === null ? {} : { Accept: accept }
    expect((await scim.get('/Users', { headers })).headers.get('Content-Type')).toBe(type)
    expect((await scim.get('/Users/x', { headers })).headers.get('Content-Type')).toBe(type)
  })
})
