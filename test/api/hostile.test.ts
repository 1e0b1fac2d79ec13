import { beforeEach, describe, expect, it } from 'vitest'
import type { Scope } from '../../src/admin/context.ts'
import { operations } from '../../src/admin/operations.ts'
import { MAX_BODY_BYTES } from '../../src/api/problems.ts'
import { db, emptyStore, seedConnection, seedUser } from '../admin/stage.ts'
import { API, ask, createIsolate, problemOf, programWith, type Program } from './stage.ts'
import type { Json } from '../support/worker.ts'

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
  await seedUser('acme', 'ada')
})

/** The path of an operation, each field of it given. */
const pathOf = (path: string): string => path.replace(/\{\w+\}/g, 'ada')

/** All that an operation could have changed. What the API refused is in the audit, as it should be. */
async function rows(): Promise<string> {
  const tables = ['connections', 'users', 'sessions', 'scim_tokens', 'admin_tokens', 'admin_links']
  const read = (from: string) => db.prepare(`SELECT * FROM ${from} ORDER BY 1`)
  const all = await db.batch([...tables.map(read), read("audit WHERE kind <> 'api-refused'")])
  return JSON.stringify(
    all.map(({ results }) => results),
    (name, value) => (name === 'last_used_at' ? undefined : value),
  )
}

describe.each<Scope>(['read', 'people', 'connections'])('a token with the scope %s', (scope) => {
  const foreign = operations.filter((operation) => operation.scope !== scope)

  it('may do nothing that asks for another scope', async () => {
    expect(foreign.length).toBeGreaterThan(5)
    const program = await programWith([scope])
    const before = await rows()
    for (const { http, scope: needed, name } of foreign) {
      const reply = await program.ask(http.method, pathOf(http.path))
      expect(problemOf(reply), name).toEqual([403, 'scope-missing'])
      expect(reply.body.scope).toBe(needed)
      expect(reply.headers.get('WWW-Authenticate')).toContain(
        `error="insufficient_scope", scope="${needed}"`,
      )
    }
    expect(await rows()).toBe(before)
  })

  it('gets past the scope where it has it', async () => {
    const program = await programWith([scope])
    const own = operations.filter((operation) => operation.scope === scope)
    expect(own.length).toBeGreaterThan(0)
    for (const { http, name } of own) {
      expect((await program.ask(http.method, pathOf(http.path))).status, name).not.toBe(403)
    }
  })
})

it('a token without a valid secret does nothing, whatever the operation', async () => {
  const before = await rows()
  for (const { http, name } of operations) {
    for (const token of [null, 'gatehouse_admin_', `gatehouse_admin_${'A'.repeat(49)}`]) {
      const reply = await ask(token, createIsolate(), [http.method, pathOf(http.path)])
      expect(problemOf(reply), name).toEqual([401, 'no-valid-token'])
    }
  }
  expect(await rows()).toBe(before)
})

describe('credentials in the wrong place', () => {
  const places: Readonly<
    Record<string, (token: string) => { readonly query?: string; readonly headers?: Json }>
  > = {
    'a query': (token) => ({ query: `?access_token=${token}` }),
    'a cookie': (token) => ({ headers: { Cookie: `Authorization=Bearer ${token}` } }),
    Basic: (token) => ({ headers: { Authorization: `Basic ${btoa(`x:${token}`)}` } }),
    'no scheme': (token) => ({ headers: { Authorization: token } }),
    'two tokens': (token) => ({ headers: { Authorization: `Bearer ${token}, Bearer x` } }),
    'the header of a proxy': (token) => ({ headers: { 'X-Forwarded-Authorization': token } }),
  }

  it.each(Object.entries(places))('count for nothing: %s', async (_, asking) => {
    const { token } = await programWith(['all'])
    const { query = '', headers = {} } = asking(token)
    const reply = await ask(null, createIsolate(), ['GET', `/users${query}`, { headers }])
    expect(problemOf(reply)).toEqual([401, 'no-valid-token'])
    expect(reply.text).not.toContain(token)
  })

  it('a token in the query beside a valid one is refused by name, and not repeated', async () => {
    const program = await programWith(['read'])
    const reply = await program.ask('GET', `/users?access_token=${program.token}`)
    expect(problemOf(reply)).toEqual([400, 'invalid-input'])
    expect(reply.text).not.toContain(program.token)
  })
})

describe('a browser', () => {
  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'can send no form that counts: %s',
    async (type) => {
      const headers = { 'Content-Type': type, Origin: 'https://evil.example', Cookie: 'a=b' }
      const body = '{"label":"x","scopes":["all"]}'
      const asked = ['POST', '/admin-tokens', { headers, body }] as const
      expect(problemOf(await ask(null, createIsolate(), [...asked]))).toEqual([
        401,
        'no-valid-token',
      ])
      const program = await programWith(['all'])
      expect(problemOf(await program.ask(...asked))).toEqual([415, 'not-json-type'])
    },
  )

  it('lets no page of another origin read or send anything: there is no CORS', async () => {
    const program = await programWith(['all'])
    const origin = { Origin: 'https://evil.example' }
    const preflight = await ask(null, createIsolate(), [
      'OPTIONS',
      '/users',
      { headers: { ...origin, 'Access-Control-Request-Method': 'GET' } },
    ])
    expect(preflight.status).toBe(401)
    const replies = [preflight, await program.ask('GET', '/users', { headers: origin })]
    for (const { headers } of replies) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(headers.has('Set-Cookie')).toBe(false)
    }
  })
})

describe('a body', () => {
  const post = async (body: string, headers: Record<string, string> = {}) =>
    (await programWith(['all'])).ask('POST', '/admin-tokens', {
      body,
      headers: { 'Content-Type': 'application/json', ...headers },
    })

  it.each([
    ['too large', `{"label":"${'x'.repeat(MAX_BODY_BYTES)}"}`, 413, 'body-too-large'],
    ['nested too deeply', '['.repeat(100_000) + ']'.repeat(100_000), 400, 'not-json'],
    ['no JSON', '{label:1}', 400, 'not-json'],
    ['a name twice', '{"label":"a","label":"b","scopes":["read"]}', 400, 'not-json'],
    ['a lone surrogate', '{"label":"\\ud800","scopes":["read"]}', 400, 'not-json'],
    ['U+0000', '{"label":"\\u0000","scopes":["read"]}', 400, 'not-json'],
    ['a list', '[]', 400, 'invalid-input'],
    ['null', 'null', 400, 'invalid-input'],
    ['nothing', '', 400, 'invalid-input'],
    ['__proto__', '{"__proto__":{"label":"a","scopes":["all"]}}', 400, 'invalid-input'],
    ['constructor', '{"constructor":{"prototype":{}},"label":"a"}', 400, 'invalid-input'],
    ['a number for a text', '{"label":1,"scopes":["read"]}', 400, 'invalid-input'],
    ['a text for a list', '{"label":"a","scopes":"all"}', 400, 'invalid-input'],
    ['a list in a list', '{"label":"a","scopes":[["all"]]}', 400, 'invalid-input'],
    ['an empty list', '{"label":"a","scopes":[]}', 400, 'invalid-input'],
    ['an unknown scope', '{"label":"a","scopes":["root"]}', 400, 'invalid-input'],
    ['a line end in a label', '{"label":"a\\nb","scopes":["read"]}', 400, 'label'],
  ])('is refused: %s', async (_, body, status, reason) => {
    const before = await rows()
    const reply = await post(body)
    expect(problemOf(reply)).toEqual([status, reason])
    expect(reply.text.length).toBeLessThan(2000)
    await db.exec("DELETE FROM admin_tokens WHERE label = 'test'")
    expect(await rows()).toBe(before)
  })

  it('is refused in any coding', async () => {
    const reply = await post('{}', { 'Content-Encoding': 'gzip' })
    expect(problemOf(reply)).toEqual([415, 'not-json-type'])
  })

  it('that is too large is refused by its length alone', async () => {
    const reply = await post('{}', { 'Content-Length': String(MAX_BODY_BYTES + 1) })
    expect(problemOf(reply)).toEqual([413, 'body-too-large'])
  })

  it('names what it has too much, and what was probably meant', async () => {
    const program = await programWith(['all'])
    const reply = await program.ask('POST', '/admin-tokens', {
      body: { label: 'a', scope: ['read'], scopes: ['read'] },
    })
    expect(reply.body.errors).toEqual([
      {
        field: 'scope',
        detail:
          'is not known in the body of this request. Did you mean "scopes"? Known: label, scopes, expires',
      },
    ])
  })

  it('may not name again what the path names', async () => {
    const program = await programWith(['all'])
    const reply = await program.ask('POST', '/users/ada/disable', { body: { user: 'bob' } })
    expect(problemOf(reply)).toEqual([400, 'invalid-input'])
    const query = await program.ask('POST', '/users/ada/disable?connection=acme')
    expect(problemOf(query)).toEqual([400, 'invalid-input'])
  })
})

describe('a path', () => {
  let program: Program
  beforeEach(async () => {
    program = await programWith(['all'])
  })

  it.each([
    '',
    '/',
    '/nowhere',
    '/users/',
    '//users',
    '/users//disable',
    '/users/ada/disable/',
    '/Users',
    '/users%2Fada',
    '/users/%',
    '/users/%ff',
    '/users/%ED%A0%80',
    '/users;x=1',
    '/__proto__',
    '/constructor',
  ])('that is none of an operation is 404: %j', async (path) => {
    expect(problemOf(await program.ask('GET', path))[0]).toBe(404)
  })

  it('has a slash, a percent sign or dots within a value, and no operation comes of it', async () => {
    for (const name of ['a/b', '100%', '..%2f', 'x/disable', '?', '#', 'é']) {
      await seedUser('acme', name)
      const path = `/users/${encodeURIComponent(name)}`
      expect((await program.ask('GET', path)).body.user.userName).toBe(name)
      expect((await program.ask('POST', `${path}/disable`)).body.user).toMatchObject({
        userName: name,
        barred: true,
      })
    }
  })

  it('may not have U+0000 in a value', async () => {
    const reply = await program.ask('GET', '/users/ada%00')
    expect(problemOf(reply)).toEqual([400, 'invalid-input'])
  })

  it('is one path, whatever dots a client sends', () => {
    expect(new URL(`${API}/users/%2e%2e/admin-tokens`).pathname).toBe(
      '/.gatehouse/api/v1/admin-tokens',
    )
  })
})

describe('a query', () => {
  it.each([
    '/users?user=a&user=b',
    '/users?limit=1&limit=2',
    '/users?limt=5',
    '/users?__proto__=x',
  ])('is refused: %s', async (path) => {
    const program = await programWith(['read'])
    expect(problemOf(await program.ask('GET', path))).toEqual([400, 'invalid-input'])
  })

  it('with thousands of unknown names gets a short answer', async () => {
    const program = await programWith(['read'])
    const names = Array.from({ length: 1000 }, (_, i) => `n${i}=1`).join('&')
    const reply = await program.ask('GET', `/users?${names}`)
    expect(problemOf(reply)).toEqual([400, 'invalid-input'])
    expect(reply.text.length).toBeLessThan(10_000)
    const long = await program.ask('GET', `/users?limit=${'9'.repeat(10_000)}`)
    expect(problemOf(long)).toEqual([400, 'invalid-input'])
    expect(long.text.length).toBeLessThan(2000)
  })
})

describe('a header that says less than it seems', () => {
  it('changes neither the method nor the host nor the client', async () => {
    const program = await programWith(['all'])
    const smuggled = {
      'X-HTTP-Method-Override': 'DELETE',
      'X-Original-URL': '/.gatehouse/api/v1/admin-tokens',
      'X-Forwarded-Host': 'evil.example',
    }
    const reply = await program.ask('GET', '/users', { headers: smuggled })
    expect(Object.keys(reply.body)).toEqual(['users'])
  })

  it('If-Match is refused where nothing has a version, and never left unheeded', async () => {
    const program = await programWith(['all'])
    const reply = await program.ask('POST', '/users/ada/disable', {
      headers: { 'If-Match': '"1"' },
    })
    expect(problemOf(reply)).toEqual([400, 'invalid-header'])
    const user = await program.ask('GET', '/users/ada')
    expect(user.body.user.barred).toBe(false)
  })
})
