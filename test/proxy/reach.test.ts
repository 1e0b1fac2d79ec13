/** Resources that a request names beside its URL, judged as its own path is. */
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Policy, SettledPolicy } from '../../src/policy/policy.ts'
import { readReach } from '../../src/proxy/reach.ts'
import { createGate } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'
import { siteOf } from '../support/site.ts'

const group = (name: string): SettledPolicy => ({
  kind: 'rule',
  rule: { kind: 'group', name, connection: null },
})
const routes = [
  { path: '/', policy: { kind: 'signed-in' } },
  { path: '/open', policy: { kind: 'public' } },
  { path: '/admin', policy: group('admins') },
  { path: '/docs/secret', policy: group('keepers') },
] as const
const site = siteOf({ routes })
const url = (path: string) => `https://app.example.com${path}`

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

interface Asked {
  readonly groups?: readonly string[] | null
  readonly headers?: Record<string, string>
  readonly more?: readonly { readonly path: string; readonly policy: Policy }[]
}

/** `groups` null: nobody is signed in. */
async function ask(
  method: string,
  path: string,
  { groups = [], headers = {}, more = [] }: Asked = {},
) {
  const gate = createGate({ site: { routes: [...routes, ...more] } })
  const request =
    groups === null
      ? new Request(url(path), { method, headers })
      : requestWith((await signIn({ groups: [...groups] })).token, url(path), { method, headers })
  const answer = await gate.ask(request)
  return { answer, status: answer.status, sent: gate.sent[0]?.headers, events: gate.events }
}

const copy = (from: string, to: string, groups: readonly string[] | null = []) =>
  ask('COPY', from, { groups, headers: { Destination: to, Depth: '0' } })

describe('Destination (RFC 4918 §10.3)', () => {
  it('is rewritten to the address that the origin knows', async () => {
    for (const to of [url('/b/c%20d?x'), '/b/c%20d?x', 'http://app.example.com/b/c%20d?x']) {
      const { status, sent } = await copy('/a', to)
      expect([status, sent?.get('Destination')]).toEqual([
        200,
        'https://origin.example.net/b/c%20d?x',
      ])
    }
    const bound = createGate({ site: { routes, origin: { kind: 'service', binding: 'APP' } } })
    const { token } = await signIn()
    const headers = { Destination: '/b' }
    await bound.ask(requestWith(token, url('/a'), { method: 'MOVE', headers }))
    expect(bound.sent[0]?.headers.get('Destination')).toBe(url('/b'))
  })

  it('is judged by the route that it is at, whatever the method', async () => {
    for (const method of ['COPY', 'MOVE', 'PUT', 'POST']) {
      const headers = { Destination: url('/admin/x'), Depth: '0' }
      const refused = await ask(method, '/mine', { headers })
      expect([refused.status, refused.sent]).toEqual([403, undefined])
      expect(refused.events).toMatchObject([
        { kind: 'access-denied', reason: 'needs group admins' },
      ])
      const allowed = await ask(method, '/mine', { headers, groups: ['admins'] })
      expect(allowed.status).toBe(200)
    }
  })

  it('has to be open as well as the path: who may do one may not do both', async () => {
    expect((await copy('/admin/x', '/mine')).status).toBe(403)
    expect((await copy('/admin/x', '/docs/secret/y', ['admins'])).status).toBe(403)
    expect((await copy('/admin/x', '/docs/secret/y', ['admins', 'keepers'])).status).toBe(200)
  })

  it('is written to and emptied: rules go by PUT and DELETE too (RFC 4918 §9.8, §9.9)', async () => {
    const readOnly = (...written: string[]): Policy => ({
      kind: 'rule',
      rule: { kind: 'not', rule: { kind: 'method', methods: written } },
    })
    const otherwise = group('editors')
    const more = [
      { path: '/library', policy: { kind: 'by-method', methods: ['GET', 'COPY'], otherwise } },
      { path: '/kept', policy: readOnly('PUT') },
      { path: '/notes', policy: readOnly('DELETE') },
    ] as const
    const moved = async (method: string, to: string, groups: readonly string[] = []) => {
      const headers = { Destination: to, Depth: '0' }
      const { status, sent } = await ask(method, '/mine', { groups, headers, more })
      return [status, sent === undefined]
    }
    for (const method of ['COPY', 'MOVE', 'POST']) {
      for (const to of ['/library/x', '/kept/x', '/notes/x'])
        expect(await moved(method, to)).toEqual([403, true])
      expect(await moved(method, '/library/x', ['editors'])).toEqual([200, false])
    }
    expect((await ask('COPY', '/library/x', { groups: null, more })).status).toBe(200)
    expect((await ask('POST', '/kept/x', { more })).status).toBe(200)
  })

  it('that is guarded makes a request of a public path one that needs a session', async () => {
    expect((await copy('/open/a', '/open/b', null)).status).toBe(200)
    const nobody = await copy('/open/a', '/b', null)
    expect([nobody.status, nobody.sent]).toEqual([401, undefined])
    const somebody = await copy('/open/a', '/b')
    expect(somebody.status).toBe(200)
    expect(somebody.sent?.get('X-Forwarded-User')).toMatch(/\S/)
    expect(somebody.answer.headers.get('Cache-Control')).toContain('private')
    expect((await copy('/open/a', '/admin/b')).status).toBe(403)
    const open = await copy('/open/a', '/open/b')
    expect(open.sent?.has('X-Forwarded-User')).toBe(false)
  })

  it.each([
    '/open/..%2fadmin',
    '/ADMIN/x',
    '//admin/x'.replace('//', '/%2f'),
    '/index.php/admin/x',
    '/.gatehouse/login',
    '/open/../.gatehouse/x',
    'https://app.example.com/%61dmin',
  ])('that may be read in two ways, or is one of ours, is refused: %s', async (to) => {
    const { status, sent } = await copy('/open/a', to, ['admins'])
    expect([status, sent]).toEqual([400, undefined])
  })

  it.each([
    'https://evil.example/x',
    'https://origin.example.net/x',
    'https://app.example.com:8443/x',
    'https://app.example.com./x',
    '//evil.example/x',
    '/\\evil.example/x',
    'http://app.example.com.evil.example/x',
  ])('of another host is refused (RFC 4918 §9.8.5): %s', async (to) => {
    const { status, sent, answer } = await copy('/a', to, ['admins', 'keepers'])
    expect([status, sent]).toEqual([502, undefined])
    expect(await answer.json()).toMatchObject({ error: 'other-site' })
  })

  it.each([
    '',
    'x/y',
    '?x',
    'https:/app.example.com/x',
    'https:app.example.com/x',
    'ftp://app.example.com/x',
    'https://',
    'https://[::1/x',
    'https://ada@app.example.com/x',
    'https://:secret@app.example.com/x',
    'javascript:alert(1)',
  ])('that cannot be read is refused: %s', async (to) => {
    const { status, sent, answer } = await copy('/a', to, ['admins', 'keepers'])
    expect([status, sent]).toEqual([400, undefined])
    expect(await answer.json()).toMatchObject({ error: 'unreadable-header' })
  })

  it('given twice is not two', async () => {
    const headers = new Headers([
      ['Destination', url('/b')],
      ['Destination', '/admin/x'],
    ])
    const reach = readReach(new Request(url('/a'), { method: 'COPY', headers }), site, '/a')
    expect(reach.kind === 'judged' && reach.headers).toEqual([
      ['Destination', 'https://origin.example.net/b,%20/admin/x'],
    ])
  })

  it('goes no further with a method that reads', async () => {
    const headers = {
      Destination: '/admin/x',
      If: '</admin/x> (["x"])',
      'x-amz-copy-source': '/bucket/key',
      'X-HTTP-Method-Override': 'DELETE',
    }
    for (const method of ['GET', 'HEAD']) {
      const { status, sent } = await ask(method, '/a', { headers })
      const passed = Object.keys(headers).filter((name) => sent?.has(name))
      expect([status, passed]).toEqual([200, []])
    }
  })
})

describe('what is in a collection (RFC 4918 §9)', () => {
  it.each([
    ['COPY', '/docs', { Destination: '/mine' }],
    ['MOVE', '/docs/', { Destination: '/mine', Depth: '0' }],
    ['COPY', '/DOCS', { Destination: '/mine', Depth: 'infinity' }],
    ['COPY', '/docs%2f', { Destination: '/mine' }],
    ['COPY', '/%64ocs', { Destination: '/mine' }],
    ['COPY', '/mine', { Destination: '/docs', Depth: '0' }],
    ['DELETE', '/docs', {}],
    ['LOCK', '/docs', {}],
    ['PROPFIND', '/docs', {}],
    ['PROPFIND', '/docs', { Depth: 'infinity' }],
    ['REPORT', '/docs', { Depth: 'infinity' }],
    ['REPORT', '/docs', { Depth: '1' }],
    // RFC 6578 §3.2: Depth is 0, and `sync-level` in the body says that all members are meant.
    ['REPORT', '/docs', { Depth: '0' }],
    ['REPORT', '/docs', {}],
    // A method whose depth no rule here knows.
    ['PROPPATCH', '/docs', { Depth: 'infinity' }],
    ['POST', '/docs', { Depth: '1' }],
    ['POST', '/docs', { 'X-HTTP-Method-Override': 'DELETE' }],
    ['POST', '/docs', { X_Method_Override: 'delete' }],
    ['POST', '/docs', { 'X-HTTP-Method': 'MOVE', Destination: '/mine' }],
    ['POST', '/docs', { 'X-HTTP-Verb-Override': 'DELETE' }],
    ['POST', '/docs', { 'X-HTTP-MethodOverride': 'DELETE' }],
    ['POST', '/docs', { 'HTTP-Method-Override': 'DELETE' }],
    ['POST', '/docs', { 'Method-Override': 'DELETE' }],
    // Where a header is given twice or has a list, Express's `method-override` takes the first.
    ['POST', '/docs', { 'X-HTTP-Method-Override': 'DELETE, PATCH' }],
    ['POST', '/docs', { 'X-HTTP-Method-Override': 'patch,delete' }],
    ['POST', '/docs', { 'X-HTTP-Method-Override': '"DELETE"' }],
  ])('is judged with it where it is acted on: %s %s %o', async (method, path, headers) => {
    expect((await ask(method, path, { headers })).status).toBe(403)
    expect((await ask(method, path, { headers, groups: ['keepers'] })).status).toBe(200)
  })

  it.each([
    ['COPY', '/docs', { Destination: '/mine', Depth: '0' }],
    ['LOCK', '/docs', { Depth: '0' }],
    ['PROPFIND', '/docs', { Depth: '1' }],
    ['PROPFIND', '/', { Depth: '0' }],
    ['REPORT', '/docs/other', {}],
    ['PUT', '/docs', {}],
    ['PUT', '/mine', { If: '</docs> (["x"])' }],
    ['PROPPATCH', '/docs', { Depth: '0' }],
    ['POST', '/docs', { 'X-HTTP-Method-Override': 'PATCH' }],
    ['POST', '/docs', { 'X-HTTP-Method-Override': '1' }],
    ['POST', '/docs', { 'X-Payment-Method': 'DELETE' }],
    ['DELETE', '/docs/other', {}],
    ['DELETE', '/docs/my%20file.txt', {}],
    ['MOVE', '/documents', { Destination: '/docs/other' }],
    ['COPY', '/mine', { Destination: '/mine/index.php/' }],
  ])('is not judged where it is not: %s %s %o', async (method, path, headers) => {
    expect((await ask(method, path, { headers })).status).toBe(200)
  })

  it('is judged with it where a route has `*`', async () => {
    const more = [{ path: '/teams/*/secret', policy: group('keepers') }]
    for (const path of ['/teams', '/teams/a', '/Teams/A/', '/teams/a/secret']) {
      expect((await ask('DELETE', path, { more })).status, path).toBe(403)
      expect((await ask('DELETE', path, { more, groups: ['keepers'] })).status, path).toBe(200)
    }
    for (const path of ['/teams/a/other', '/teams/a/secrets', '/team', '/mine/teams']) {
      expect((await ask('DELETE', path, { more })).status, path).toBe(200)
    }
  })

  it.each([
    ['SEARCH', {}],
    ['POST', { 'X-HTTP-Method-Override': 'SEARCH' }],
    ['POST', { X_HTTP_Method: 'search, POST' }],
  ])('is all of the site for a search (RFC 5323 §5.4): %s %o', async (method, headers) => {
    expect((await ask(method, '/mine', { headers })).status).toBe(403)
    const groups = ['admins', 'keepers']
    expect((await ask(method, '/mine', { headers, groups })).status).toBe(200)
  })
})

describe('If (RFC 4918 §10.4)', () => {
  const conditions = (value: string, groups: readonly string[] = []) =>
    ask('PUT', '/mine', { groups, headers: { If: value } })

  it('has its resources rewritten, and its tokens and tags left alone', async () => {
    const { sent } = await conditions(
      `<${url('/a')}> (<urn:uuid:1> ["I am an ETag (1)"]) (Not <DAV:no-lock>)   </b> (<http://app.example.com/t>)`,
    )
    expect(sent?.get('If')).toBe(
      '<https://origin.example.net/a> (<urn:uuid:1> ["I am an ETag (1)"]) (Not <DAV:no-lock>) ' +
        '<https://origin.example.net/b> (<http://app.example.com/t>)',
    )
    const untagged = '(<urn:uuid:181d4fae> [W/"x"]) (["y"])'
    expect((await conditions(untagged)).sent?.get('If')).toBe(untagged)
  })

  it('asks nothing of what the visitor may not see', async () => {
    expect((await conditions('</a> (["x"]) </admin/x> (["x"])')).status).toBe(403)
    expect((await conditions('</admin/x> (["x"])', ['admins'])).status).toBe(200)
    expect((await conditions('<https://evil.example/x> (["x"])')).status).toBe(502)
    expect((await conditions('</open/..%2fadmin> (["x"])', ['admins'])).status).toBe(400)
  })

  it.each([
    'x',
    '(',
    '<',
    '</a',
    '</a> (["x")',
    '(<urn:x>',
    'Not',
    '</a> (["x"]) y',
    '<x> (["y"])',
  ])('that cannot be read is refused: %s', async (value) => {
    expect((await conditions(value)).status).toBe(400)
  })

  it('has a hundred parts and 4,096 characters at most', async () => {
    expect((await conditions(`(<urn:${'x'.repeat(4088)}>)`)).status).toBe(200)
    expect((await conditions(`(<urn:${'x'.repeat(4089)}>)`)).status).toBe(400)
    expect((await conditions(`</${'%2541/'.repeat(28)}>`.repeat(25))).status).toBe(400)
    expect((await conditions('(<urn:x>)'.repeat(100))).status).toBe(200)
    expect((await conditions('(<urn:x>)'.repeat(101))).status).toBe(400)
    expect((await conditions(`(${'a'.repeat(60_000)}`)).status).toBe(400)
    expect((await conditions(`${' '.repeat(60_000)}x`)).status).toBe(400)
  })

  it('is read as it was written (RFC 4918 §10.4.2)', () => {
    const token = fc.constantFrom(
      '<urn:uuid:1>',
      '<DAV:no-lock>',
      '["a"]',
      '[W/"b (<c>)"]',
      'Not <a:b>',
    )
    const list = fc.array(token, { minLength: 1, maxLength: 3 }).map((all) => `(${all.join(' ')})`)
    const path = fc.constantFrom('/a', '/open/b', '/mine/%41')
    const tagged = fc.tuple(path, fc.array(list, { minLength: 1, maxLength: 3 }))
    fc.assert(
      fc.property(fc.array(tagged, { minLength: 1, maxLength: 4 }), (all) => {
        const write = (base: string) =>
          all.map(([to, lists]) => `<${base}${to}> ${lists.join(' ')}`).join(' ')
        const headers = { If: write('https://app.example.com') }
        const reach = readReach(new Request(url('/a'), { method: 'PUT', headers }), site, '/a')
        expect(reach).toMatchObject({ headers: [['If', write('https://origin.example.net')]] })
      }),
    )
  })
})

describe('the source of a copy that only the store can read', () => {
  it.each([
    'X-Copy-From',
    'X_Copy_From',
    'X-Copy-From-Account',
    'x-amz-copy-source',
    'x-amz-rename-source',
    'x-ms-copy-source',
    'x-ms-rename-source',
    'x-goog-copy-source',
    'x-oss-copy-source',
    'X-Symlink-Target',
    'X-Object-Manifest',
    'Destination-Account',
    'Upload-Concat',
  ])('could be anything on the site, and is judged so: %s', async (name) => {
    const headers = { [name]: '/bucket/key' }
    expect((await ask('PUT', '/mine', { headers })).status).toBe(403)
    const { status, sent } = await ask('PUT', '/mine', { headers, groups: ['admins', 'keepers'] })
    expect([status, sent?.get(name)]).toEqual([200, '/bucket/key'])
    const read = await ask('GET', '/mine', { headers })
    expect([read.status, read.sent?.has(name)]).toEqual([200, false])
  })

  it('is read, so rules go by GET too', async () => {
    const policy = { kind: 'by-method', methods: ['PUT'], otherwise: group('readers') } as const
    const box = { path: '/box', policy }
    const groups = ['admins', 'keepers']
    const headers = { 'x-amz-copy-source': '/box/key' }
    const more = [box]
    expect((await ask('PUT', '/box/x', { groups, more })).status).toBe(200)
    expect((await ask('PUT', '/box/x', { groups, headers, more })).status).toBe(403)
    const reader = { groups: [...groups, 'readers'], headers, more }
    expect((await ask('PUT', '/box/x', reader)).status).toBe(200)
  })

  it('is none in a part of an upload, which the tus protocol joins later', async () => {
    const headers = { 'Upload-Concat': 'partial' }
    const { status, sent } = await ask('POST', '/mine', { headers })
    expect([status, sent?.get('Upload-Concat')]).toEqual([200, 'partial'])
    for (const whole of [
      { 'Upload-Concat': 'final;/mine/a /admin/b' },
      { 'X-Copy-From': 'partial' },
    ] as const) {
      expect((await ask('POST', '/mine', { headers: { ...whole } })).status).toBe(403)
    }
  })

  it('passes where no other route asks for more', async () => {
    const gate = createGate({
      site: {
        routes: [
          { path: '/', policy: { kind: 'signed-in' } },
          { path: '/open', policy: { kind: 'public' } },
        ],
      },
    })
    const { token } = await signIn()
    const headers = { 'x-amz-copy-source': '/bucket/key' }
    await gate.ask(requestWith(token, url('/mine'), { method: 'PUT', headers }))
    expect(gate.sent[0]?.headers.get('x-amz-copy-source')).toBe('/bucket/key')
  })
})

it('the method that a header asks for, a lock and the name of a new member pass', async () => {
  const headers = {
    'X-HTTP-Method-Override': 'PATCH',
    'X-HTTP-Verb': 'PATCH',
    'Lock-Token': '<urn:uuid:1>',
    Slug: 'x',
    Depth: '0',
    Overwrite: 'F',
  }
  const { sent } = await ask('POST', '/mine', { headers })
  for (const [name, value] of Object.entries(headers)) expect(sent?.get(name)).toBe(value)
})
