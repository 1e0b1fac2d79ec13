import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import type { Rule } from '../../src/policy/policy.ts'
import { toProgramToken } from '../../src/program/token.ts'
import { countedD1, watched } from '../support/binding.ts'
import { addGroup, addProvisioned, renameGroup } from '../support/directory.ts'
import { createGate, emptyKeys, navigation } from '../support/gate.ts'
import { addSecret, addServiceToken, basic, bearing } from '../support/program.ts'
import {
  addConnection,
  addUser,
  emptyStores,
  requestWith,
  setConnectionEnabled,
  signIn,
  stores,
} from '../support/session.ts'
import { noon } from '../support/site.ts'

const rule = (of: Rule) => ({ kind: 'rule', rule: of }) as const
const group = (name: string) => rule({ kind: 'group', name, connection: null })
const site = {
  routes: [
    { path: '/', policy: { kind: 'signed-in' } },
    { path: '/public', policy: { kind: 'public' } },
    { path: '/staff', policy: group('staff') },
    { path: '/ci', policy: rule({ kind: 'service', name: 'ci' }) },
    { path: '/people', policy: rule({ kind: 'not', rule: { kind: 'service', name: 'ci' } }) },
    { path: '/young', policy: rule({ kind: 'signed-in-within', seconds: 3600 }) },
    { path: '/short', policy: rule({ kind: 'session-within', seconds: 3600 }) },
  ],
} as const
const unknown = toProgramToken('service', new Uint8Array(32))

/** The status, and the word for programs in the answer's body. */
async function said(answer: Response): Promise<string> {
  const body: unknown = await answer.json()
  const error = typeof body === 'object' && body && 'error' in body ? body.error : ''
  return `${answer.status} ${String(error)}`
}

beforeEach(async () => {
  await emptyStores()
  await emptyKeys()
  await addConnection('okta')
})

afterEach(() => void vi.useRealTimers())

describe('a service token of a person', () => {
  it.each([
    ['Bearer', (token: string) => ({ Authorization: `Bearer ${token}` })],
    ['the password of Basic', (token: string) => ({ Authorization: basic('anything', token) })],
    [
      'the pair of Cloudflare Access',
      (token: string) => ({ 'CF-Access-Client-Id': 'the-id', 'CF-Access-Client-Secret': token }),
    ],
  ])('opens the gate as %s, and never reaches the origin', async (_, headersOf) => {
    const user = await addUser()
    const token = await addServiceToken({ id: 'the-id', user: user.id })
    const { ask, sent } = createGate({ site })
    const answer = await ask(
      new Request('https://app.example.com/a', { headers: { ...headersOf(token), 'X-Own': '1' } }),
    )
    expect(await answer.text()).toBe('from the origin')
    const headers = new Headers(sent[0]?.headers)
    expect(headers.get('X-Own')).toBe('1')
    expect(JSON.stringify([...headers])).not.toContain(token)
    expect(headers.has('Authorization')).toBe(false)
    expect(headers.has('CF-Access-Client-Id')).toBe(false)
  })

  it('tells the origin who the owner is, and that a program comes for them', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const { ask, sent } = createGate({ site })
    await ask(bearing(token, '/', { headers: { 'X-Gatehouse-Via': 'forged' } }))
    const headers = new Headers(sent[0]?.headers)
    expect(headers.get('X-Forwarded-User')).toBe(user.id)
    expect(headers.get('X-Forwarded-Email')).toBe('ada@example.com')
    expect(headers.get('X-Gatehouse-Via')).toBe('service ci')
    expect(decodeJwt(headers.get('X-Gatehouse-Jwt-Assertion') ?? '')).toMatchObject({
      sub: user.id,
      gatehouse_via: 'service',
      client_id: 'ci',
    })
  })

  it('opens a site that requires sessions to be bound to a device, and meets no rule for such', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    await env.DB.prepare('UPDATE service_tokens SET created_at = ?')
      .bind(noon - 86_400_000)
      .run()
    const routes = [...site.routes, { path: '/bound', policy: rule({ kind: 'device-bound' }) }]
    const { ask } = createGate({ site: { routes, deviceBinding: 'require' } })
    expect((await ask(bearing(token))).status).toBe(200)
    expect(await said(await ask(bearing(token, '/bound')))).toBe('403 access-denied')
  })

  it('says nothing of programs to the origin when a browser comes', async () => {
    const { token } = await signIn()
    const { ask, sent } = createGate({ site })
    await ask(requestWith(token, undefined, { headers: { 'X-Gatehouse-Via': 'service ci' } }))
    const headers = new Headers(sent[0]?.headers)
    expect(headers.has('X-Gatehouse-Via')).toBe(false)
    const claims = decodeJwt(headers.get('X-Gatehouse-Jwt-Assertion') ?? '')
    expect(Object.keys(claims)).not.toContain('gatehouse_via')
  })

  it('has the rule of its name, and no rule of another name', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const other = await addServiceToken({ name: 'backup', user: user.id })
    const { ask } = createGate({ site })
    expect((await ask(bearing(token, '/ci'))).status).toBe(200)
    expect(await said(await ask(bearing(other, '/ci')))).toBe('403 access-denied')
    expect(await said(await ask(bearing(token, '/people')))).toBe('403 access-denied')
    expect((await ask(bearing(other, '/people'))).status).toBe(200)
    const { token: cookie } = await signIn()
    expect((await ask(requestWith(cookie, 'https://app.example.com/ci'))).status).toBe(403)
  })

  it('is no sign-in: a rule about the age of one refuses it, and sends it nowhere', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const { ask } = createGate({ site })
    for (const path of ['/young', '/short']) {
      const answer = await ask(bearing(token, path, { headers: navigation }))
      expect(await said(answer)).toBe('403 access-denied')
    }
  })

  it('has no group of an assertion, because nobody knows whether it still holds', async () => {
    const user = await addUser({ groups: ['staff'] })
    const token = await addServiceToken({ user: user.id })
    const { ask, events } = createGate({ site })
    expect(await said(await ask(bearing(token, '/staff')))).toBe('403 access-denied')
    expect(events).toMatchObject([
      {
        kind: 'access-denied',
        connection: user.connection,
        user: user.id,
        reason: 'needs group staff (not known: groups), asked by service ci',
      },
    ])
  })

  it('is told what it lacks where the site says so, and not elsewhere', async () => {
    const token = await addServiceToken({ user: (await addUser()).id })
    const messageAt = async (shown: 'shown' | 'hidden', connections: readonly string[] | null) => {
      const denied = { words: null, rule: shown }
      const { ask } = createGate({ site: { ...site, denied, connections } })
      return (await ask(bearing(token, '/staff'))).text()
    }
    expect(await messageAt('shown', null)).toContain('It needs group staff')
    expect(await messageAt('hidden', null)).not.toContain('staff')
    expect(await messageAt('shown', ['entra'])).not.toContain('needs')
  })

  it('has the groups of the directory as they are now', async () => {
    await addConnection('dir', 'scim')
    const user = await addProvisioned({ userName: 'ada' }, 'dir')
    const staff = await addGroup('staff', [user], 'dir')
    const token = await addServiceToken({ user })
    const { ask } = createGate({ site })
    expect((await ask(bearing(token, '/staff'))).status).toBe(200)
    await renameGroup(staff, 'former staff', 'dir')
    const later = plusSeconds(noon, 15)
    expect(await said(await ask(bearing(token, '/staff'), later))).toBe('403 access-denied')
  })

  it('is not let in by a cookie that comes with it, nor is the cookie’s person told of', async () => {
    const bob = await addUser({ subject: 'bob', userName: 'bob', email: 'bob@example.com' })
    const token = await addServiceToken({ user: bob.id })
    const { token: cookie } = await signIn()
    const { ask, sent } = createGate({ site })
    const both = (secret: string) =>
      bearing(secret, '/', { headers: { Cookie: `__Host-gatehouse=${cookie}` } })
    await ask(both(token))
    expect(sent[0]?.headers.get('X-Forwarded-Email')).toBe('bob@example.com')
    expect(await said(await ask(both(unknown)))).toBe('401 invalid-token')
  })

  it('is refused for the person that a page names, if that is another', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const { ask, events } = createGate({ site })
    const asking = (person: string) =>
      ask(bearing(token, '/', { headers: { 'X-Gatehouse-Person': person } }))
    expect(await said(await asking('user-2'))).toBe('403 other-person')
    expect((await asking(user.id)).status).toBe(200)
    expect(events).toMatchObject([
      {
        kind: 'access-denied',
        user: user.id,
        reason: 'the request is for another person, asked by service ci',
      },
    ])
  })

  it('keeps answers out of shared caches, and apart from those of others', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const origin = () => new Response('', { headers: { 'Cache-Control': 'public, max-age=60' } })
    const answer = await createGate({ site, origin }).ask(bearing(token))
    expect(answer.headers.get('Cache-Control')).toBe('private, max-age=60')
    expect(answer.headers.get('Vary')).toBe('Cookie, Authorization, CF-Access-Client-Secret')
  })
})

describe('a service token of a group', () => {
  it('comes as nobody: with that group only, no address, and a name that no user has', async () => {
    await addConnection('dir', 'scim')
    await addUser()
    await setConnectionEnabled('okta', false)
    await addGroup('admins', [await addProvisioned({ userName: 'zoe' }, 'dir')], 'dir')
    const staff = await addGroup('staff', [], 'dir')
    const token = await addServiceToken({ id: 'token-1', group: staff })
    const { ask, sent } = createGate({ site })
    expect((await ask(bearing(token, '/staff'))).status).toBe(200)
    const headers = new Headers(sent[0]?.headers)
    expect(headers.get('X-Forwarded-User')).toBe('token-1')
    expect(headers.get('X-Forwarded-Preferred-Username')).toBe('service:ci')
    expect(headers.get('X-Forwarded-Groups')).toBe('staff')
    expect(headers.has('X-Forwarded-Email')).toBe(false)
  })

  it('goes by the name that the group has now, and dies with the group', async () => {
    await addConnection('dir', 'scim')
    const staff = await addGroup('staff', [], 'dir')
    const token = await addServiceToken({ group: staff })
    const { ask } = createGate({ site, revocationSeconds: 1 })
    await renameGroup(staff, 'former staff', 'dir')
    expect(await said(await ask(bearing(token, '/staff')))).toBe('403 access-denied')
    expect((await ask(bearing(token, '/'))).status).toBe(200)
    await env.DB.prepare('DELETE FROM scim_groups WHERE id = ?1').bind(staff).run()
    const later = plusSeconds(noon, 1)
    expect(await said(await ask(bearing(token, '/'), later))).toBe('401 invalid-token')
  })
})

describe('a token that does not count', () => {
  it.each([
    ['unknown', () => unknown],
    ['misspelt', () => `${unknown.slice(0, -1)}_`],
  ])('is 401 and never a redirect, even for what looks like a browser: %s', async (reason, of) => {
    const { ask, sent, events } = createGate({ site })
    const answer = await ask(bearing(of(), '/', { headers: navigation }))
    expect(answer.headers.get('WWW-Authenticate')).toBe(
      'Bearer realm="app.example.com", error="invalid_token"',
    )
    expect(await said(answer)).toBe('401 invalid-token')
    expect(sent).toEqual([])
    const nobody = { connection: null, token: null, name: null }
    expect(events).toMatchObject([{ kind: 'token-refused', ...nobody, reason }])
    expect(JSON.stringify(events)).not.toContain(of())
  })

  it('asks a program for a password, and the first challenge is Basic, as git and Docker need', async () => {
    const { ask } = createGate({ site })
    const answer = await ask(bearing(unknown))
    expect(answer.headers.get('WWW-Authenticate')).toBe(
      'Basic realm="app.example.com", Bearer realm="app.example.com", error="invalid_token"',
    )
  })

  it('is refused from the moment of its end, also if it is remembered', async () => {
    const user = await addUser()
    const expiresAt = plusSeconds(noon, 10)
    const token = await addServiceToken({ id: 'the-id', user: user.id, expiresAt })
    const { ask, events } = createGate({ site })
    expect((await ask(bearing(token), plusSeconds(noon, 9))).status).toBe(200)
    expect(await said(await ask(bearing(token), plusSeconds(noon, 10)))).toBe('401 invalid-token')
    expect(events).toEqual([
      {
        kind: 'token-refused',
        site: 'app.example.com',
        connection: 'okta',
        token: 'the-id',
        name: 'service ci',
        reason: 'expired',
      },
    ])
  })

  it('is refused where its id is given and is another', async () => {
    const user = await addUser()
    const token = await addServiceToken({ id: 'the-id', user: user.id })
    const { ask, sent, events } = createGate({ site })
    const pair = (id: Record<string, string>) =>
      ask(
        new Request('https://app.example.com/', {
          headers: { ...id, 'CF-Access-Client-Secret': token },
        }),
      )
    for (const id of [{ 'CF-Access-Client-Id': 'another-id' }, {}]) {
      expect(await said(await pair(id))).toBe('401 invalid-token')
    }
    expect(sent).toEqual([])
    expect(events).toMatchObject([
      { kind: 'token-refused', token: 'the-id', reason: 'wrong-id' },
      { kind: 'token-refused', token: 'the-id', reason: 'wrong-id' },
    ])
    expect((await pair({ 'CF-Access-Client-Id': 'the-id' })).status).toBe(200)
  })

  it('counts beside the next secret of the same token until its own end', async () => {
    const user = await addUser()
    const old = await addServiceToken({
      id: 'token-1',
      user: user.id,
      expiresAt: plusSeconds(noon, 60),
    })
    const next = await addSecret('token-1', plusSeconds(noon, 3600))
    const { ask } = createGate({ site })
    const at = plusSeconds(noon, 60)
    expect([(await ask(bearing(old))).status, (await ask(bearing(next))).status]).toEqual([
      200, 200,
    ])
    expect([(await ask(bearing(old), at)).status, (await ask(bearing(next), at)).status]).toEqual([
      401, 200,
    ])
  })

  it.each([
    ['user-disabled', (user: string) => setUserActive(env.DB, user, false, noon)],
    // Only whom the directory knows counts then, as for a session.
    ['user-disabled', () => env.DB.exec("UPDATE connections SET provisioning = 'scim'")],
    ['connection-disabled', () => setConnectionEnabled('okta', false)],
    ['revoked', () => env.DB.exec('UPDATE service_tokens SET revoked_at = 1')],
    ['unknown', () => env.DB.exec('DELETE FROM users')],
  ])('is refused after revocationSeconds at most: %s', async (reason, end) => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const { ask, events } = createGate({ site, revocationSeconds: 15 })
    expect((await ask(bearing(token))).status).toBe(200)
    await end(user.id)
    expect((await ask(bearing(token), plusSeconds(noon, 14.9))).status).toBe(200)
    expect(await said(await ask(bearing(token), plusSeconds(noon, 15)))).toBe('401 invalid-token')
    expect(events).toMatchObject([{ kind: 'token-refused', reason }])
    // The clock is set back.
    expect(await said(await ask(bearing(token), plusSeconds(noon, 1)))).toBe('401 invalid-token')
  })

  it('is 403 where people of the owner’s connection do not come', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const { ask } = createGate({ site: { ...site, connections: ['entra'] } })
    expect(await said(await ask(bearing(token)))).toBe('403 access-denied')
  })

  it('is not looked at on a public route, and does not reach the origin there', async () => {
    const db = countedD1(env.DB)
    const { ask, sent } = createGate({ site, stores: { ...stores, db: db.binding } })
    expect((await ask(bearing(unknown, '/public'))).status).toBe(200)
    expect(sent[0]?.headers.has('Authorization')).toBe(false)
    expect(db.calls()).toBe(0)
  })

  it('is refused as the password of a browser, which sends it with pages of other sites', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const { ask } = createGate({ site })
    const headers = { Authorization: basic('ci', token), 'Sec-Fetch-Site': 'cross-site' }
    const answer = await ask(new Request('https://app.example.com/', { method: 'POST', headers }))
    expect(await said(answer)).toBe('401 invalid-token')
  })

  it('is refused in an address, even on a public route, and D1 is not asked', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const { ask, sent } = createGate({ site })
    for (const path of ['/', '/public']) {
      const answer = await ask(
        new Request(`https://app.example.com${path}?access_token=${token}`, {
          headers: navigation,
        }),
      )
      expect(await said(answer)).toBe('400 token-in-address')
    }
    expect(sent).toEqual([])
  })
})

describe('the scope of a token', () => {
  const scoped = async (scope: Parameters<typeof addServiceToken>[0]) => {
    const user = await addUser()
    return addServiceToken({ user: user.id, ...scope })
  }

  it('has sites: a token of another site is refused', async () => {
    const token = await scoped({ sites: ['wiki.example.com', '*.other.example.com'] })
    const { ask, events } = createGate({ site })
    expect(await said(await ask(bearing(token)))).toBe('403 site-not-in-scope')
    expect(events).toMatchObject([
      { kind: 'access-denied', reason: "outside the token's sites, asked by service ci" },
    ])
  })

  it('may be all paths', async () => {
    const token = await scoped({ paths: ['/', '/repo'] })
    for (const path of ['/', '/repo/a', '/other']) {
      expect((await createGate({ site }).ask(bearing(token, path))).status).toBe(200)
    }
  })

  it('has sites of a family, by one label', async () => {
    const token = await scoped({ sites: ['*.example.com'] })
    expect((await createGate({ site }).ask(bearing(token))).status).toBe(200)
  })

  it.each([
    ['/repo', 200],
    ['/repo/', 200],
    ['/repo/a/b', 200],
    ['/repo%2Fa', 403],
    ['/', 403],
    ['/repository', 403],
    ['/REPO/a', 403],
    ['/repo/../other', 403],
    ['/repo/..%2Fother', 403],
    ['/repo/%2e%2e%2fother', 403],
    ['/repo/..;/other', 403],
    ['/repo/a%5c..%5c..%5cother', 403],
    ['/repo%00/a', 403],
    ['/other/repo/a', 403],
    ['/other/..%2frepo/a', 403],
  ])('has paths, by every reading that an origin may have: %s is %d', async (path, status) => {
    const token = await scoped({ paths: ['/repo'] })
    const answer = await createGate({ site: { routes: site.routes.slice(0, 1) } }).ask(
      bearing(token, path),
    )
    expect(answer.status).toBe(status)
    if (status === 403) expect(await said(answer)).toBe('403 path-not-in-scope')
  })

  it('covers all that a request names or replaces', async () => {
    const token = await scoped({ paths: ['/repo'] })
    const { ask } = createGate({ site: { routes: site.routes.slice(0, 1) } })
    const asking = async (method: string, headers: Record<string, string>) =>
      (await ask(bearing(token, '/repo/a', { method, headers }))).status
    expect(await asking('COPY', { Destination: '/repo/b' })).toBe(200)
    expect(await asking('COPY', { Destination: '/other' })).toBe(403)
    expect(await asking('PUT', { 'X-Copy-From': '/other/secret' })).toBe(403)
    expect(await asking('SEARCH', {})).toBe(403)
  })

  it('has methods, and an override header is one of them', async () => {
    const token = await scoped({ methods: ['GET'] })
    const { ask } = createGate({ site })
    const asking = async (method: string, headers: Record<string, string> = {}) =>
      ask(bearing(token, '/', { method, headers }))
    expect((await asking('GET')).status).toBe(200)
    expect((await asking('HEAD')).status).toBe(200)
    expect(await said(await asking('POST'))).toBe('403 method-not-in-scope')
    const override = { 'X-HTTP-Method-Override': 'DELETE' }
    expect((await asking('POST', override)).status).toBe(403)
    const posting = await addServiceToken({
      name: 'poster',
      user: (await addUser()).id,
      methods: ['POST'],
    })
    expect((await ask(bearing(posting, '/', { method: 'POST' }))).status).toBe(200)
    const denied = await ask(bearing(posting, '/', { method: 'POST', headers: override }))
    expect(await said(denied)).toBe('403 method-not-in-scope')
  })

  it('opens a WebSocket only if its methods say so', async () => {
    const token = await scoped({ methods: ['GET'] })
    const headers = { Upgrade: 'websocket' }
    const answer = await createGate({ site }).ask(bearing(token, '/', { headers }))
    expect(await said(answer)).toBe('403 method-not-in-scope')
  })

  it('is said to git as plain text, which git shows', async () => {
    const token = await scoped({ sites: ['wiki.example.com'] })
    const headers = { 'User-Agent': 'git/2.47.3' }
    const answer = await createGate({ site }).ask(bearing(token, '/', { headers }))
    expect(answer.headers.get('Content-Type')).toBe('text/plain')
    expect(await answer.text()).toMatch(/^This token is not for this site\. .*site-not-in-scope/)
  })
})

describe('what a token costs', () => {
  it('is one statement when it is cold, and nothing when it is warm', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    await env.DB.exec(`UPDATE service_tokens SET last_used_at = ${noon}`)
    const [kv, db] = [watched(stores.kv), countedD1(env.DB)]
    const { ask } = createGate({ site, stores: { kv: kv.binding, db: db.binding } })
    await ask(bearing(token))
    const cold = db.calls()
    await ask(bearing(token), plusSeconds(noon, 10))
    await ask(bearing(token, '/ci'), plusSeconds(noon, 14))
    expect(db.calls()).toBe(cold)
    await ask(bearing(token), plusSeconds(noon, 20))
    expect(db.calls() - cold).toBe(1)
    expect(kv.calls).toEqual([])
  })

  it('is a note of its use every ten minutes, after the answer', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const { ask } = createGate({ site })
    const lastUse = () =>
      env.DB.prepare('SELECT last_used_at AS at FROM service_tokens').first<number>('at')
    await ask(bearing(token))
    await vi.waitFor(async () => expect(await lastUse()).toBe(noon))
    await ask(bearing(token), plusSeconds(noon, 599))
    await ask(bearing(token), plusSeconds(noon, 601))
    await vi.waitFor(async () => expect(await lastUse()).toBe(plusSeconds(noon, 601)))
  })

  it('is one note for all requests of ten minutes, and of the token that was used', async () => {
    const user = await addUser()
    const token = await addServiceToken({ id: 'used', user: user.id })
    await addServiceToken({ id: 'unused', name: 'spare', user: user.id })
    const db = countedD1(env.DB)
    const { ask } = createGate({ site, stores: { ...stores, db: db.binding } })
    const usesOf = async () =>
      (await env.DB.prepare('SELECT last_used_at AS at FROM service_tokens ORDER BY id').all())
        .results
    await ask(bearing(token))
    await vi.waitFor(async () => expect(await usesOf()).toEqual([{ at: null }, { at: noon }]))
    const before = db.calls()
    await ask(bearing(token), plusSeconds(noon, 10))
    expect(db.calls()).toBe(before)
  })

  it('is noted by the messages of a WebSocket too', async () => {
    const token = await addServiceToken({ user: (await addUser()).id })
    const { 0: toGate, 1: atOrigin } = new WebSocketPair()
    const origin = () => new Response(null, { status: 101, webSocket: toGate })
    const world = createGate({ site, origin })
    const headers = { Upgrade: 'websocket' }
    const { webSocket } = await world.ask(bearing(token, '/', { headers }))
    atOrigin.accept()
    webSocket?.accept()
    const lastUse = () =>
      env.DB.prepare('SELECT last_used_at AS at FROM service_tokens').first<number>('at')
    await vi.waitFor(async () => expect(await lastUse()).toBe(noon))
    world.now = plusSeconds(noon, 600)
    webSocket?.send('still here')
    await vi.waitFor(async () => expect(await lastUse()).toBe(world.now))
    webSocket?.close()
    atOrigin.close()
  })

  it('asks D1 for no text that is misspelt', async () => {
    const db = countedD1(env.DB)
    const { ask } = createGate({ site, stores: { ...stores, db: db.binding } })
    await ask(bearing(`${unknown.slice(0, -1)}_`))
    expect(db.calls()).toBe(0)
  })

  it('is bounded for a client who guesses, and a token that was good here stays so', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const db = countedD1(env.DB)
    let left = 3
    const rateLimit = { limit: () => Promise.resolve({ success: left-- > 0 }) }
    const { ask, events } = createGate({
      site,
      rateLimit,
      stores: { ...stores, db: db.binding },
    })
    const from = (secret: string) =>
      bearing(secret, '/', { headers: { 'CF-Connecting-IP': '192.0.2.7' } })
    expect((await ask(from(token))).status).toBe(200)
    const before = db.calls()
    const guess = (i: number) => toProgramToken('service', new Uint8Array(32).fill(i))
    const statuses: number[] = []
    for (let i = 1; i <= 5; i++) statuses.push((await ask(from(guess(i)))).status)
    expect(statuses).toEqual([401, 401, 429, 429, 429])
    // No guess beyond the limit is recorded either: each would cost a write.
    expect(events.map(({ kind }) => kind)).toEqual(['token-refused', 'token-refused'])
    const last = await ask(from(guess(6)))
    expect(last.headers.get('Retry-After')).toBe('60')
    expect(await said(last)).toBe('429 too-many-failures')
    expect(db.calls() - before).toBe(2)
    expect((await ask(from(token), plusSeconds(noon, 20))).status).toBe(200)
  })
})

describe('credentials of the site behind', () => {
  it.each(['Bearer eyJhbGciOiJub25lIn0.e30.', basic('ada', 'hunter2'), 'Digest username="a"'])(
    'reach the origin as they came: %s',
    async (authorization) => {
      const { token } = await signIn()
      const { ask, sent } = createGate({ site })
      const headers = { Authorization: authorization }
      await ask(requestWith(token, undefined, { headers }))
      expect(sent[0]?.headers.get('Authorization')).toBe(authorization)
    },
  )

  it('do not let anybody in', async () => {
    const { ask, sent } = createGate({ site })
    const answer = await ask(bearing('eyJhbGciOiJub25lIn0.e30.'))
    expect(await said(answer)).toBe('401 login-required')
    expect(sent).toEqual([])
  })
})

describe('a program without a token', () => {
  const challengeTo = async (headers: Record<string, string>) =>
    (await createGate({ site }).ask(new Request('https://app.example.com/', { headers }))).headers
      .get('WWW-Authenticate')
      ?.split(',')
      .map((each) => each.trim().split(' ')[0])

  it('is asked for a password first, because git and Docker read the first challenge only', async () => {
    expect(await challengeTo({ 'User-Agent': 'git/2.47.3' })).toEqual(['Basic', 'Gatehouse'])
    expect(await challengeTo({})).toEqual(['Basic', 'Gatehouse'])
  })

  it.each([
    { 'Sec-Fetch-Mode': 'cors' },
    { Origin: 'https://app.example.com' },
    { 'X-Requested-With': 'XMLHttpRequest' },
    { 'User-Agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X)' },
  ])('is no browser: that one would open a dialog of its own: %o', async (headers) => {
    expect(await challengeTo(headers)).toEqual(['Gatehouse'])
  })
})

describe('an open request of a program', () => {
  it('ends when its owner is disabled: the answer that it waits for', async () => {
    const user = await addUser()
    const token = await addServiceToken({ user: user.id })
    const { promise, resolve } = Promise.withResolvers<Response>()
    const waiting = createGate({ site, origin: () => promise })
    const answered = waiting.ask(bearing(token))
    await expect.poll(() => waiting.sent.length).toBe(1)
    await setUserActive(env.DB, user.id, false, noon)
    waiting.now = plusSeconds(noon, 15)
    resolve(new Response('of the origin'))
    expect(await said(await answered)).toBe('401 invalid-token')
    expect(waiting.events).toMatchObject([{ kind: 'session-ended', reason: 'user-disabled' }])
  })

  it.each([
    ['goes on while its token counts', 'SELECT 1', '200', []],
    ['ends when its token is removed', 'DELETE FROM service_tokens', '401', ['unknown']],
  ])('%s', async (_, sql, status, reasons) => {
    const token = await addServiceToken({ user: (await addUser()).id })
    const { promise, resolve } = Promise.withResolvers<Response>()
    const waiting = createGate({ site, origin: () => promise })
    const answered = waiting.ask(bearing(token))
    await expect.poll(() => waiting.sent.length).toBe(1)
    await env.DB.exec(sql)
    waiting.now = plusSeconds(noon, 15)
    resolve(new Response('of the origin'))
    expect(String((await answered).status)).toBe(status)
    expect(waiting.events).toMatchObject(
      reasons.map((reason) => ({ kind: 'session-ended', reason })),
    )
  })

  it('ends when its owner loses access, and its token still counts elsewhere', async () => {
    await addConnection('dir', 'scim')
    const staff = await addGroup('staff', [], 'dir')
    const token = await addServiceToken({ group: staff })
    const { promise, resolve } = Promise.withResolvers<Response>()
    const waiting = createGate({ site, origin: () => promise })
    const answered = waiting.ask(bearing(token, '/staff'))
    await expect.poll(() => waiting.sent.length).toBe(1)
    await renameGroup(staff, 'former staff', 'dir')
    waiting.now = plusSeconds(noon, 15)
    resolve(new Response('of the origin'))
    expect(await said(await answered)).toBe('403 access-denied')
    expect(waiting.events).toMatchObject([{ kind: 'session-ended', reason: 'needs group staff' }])
    expect((await createGate({ site }).ask(bearing(token, '/'))).status).toBe(200)
  })
})
