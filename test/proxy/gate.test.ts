import { env } from 'cloudflare:workers'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { LOOK_UP_SECONDS, StoreUnavailable } from '../../src/lib/store-error.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import { breakable, failsToAnswer, silent, slowly, watched } from '../support/binding.ts'
import { createGate, emptyKeys, navigation } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn, stores } from '../support/session.ts'
import { noon } from '../support/site.ts'

const { kv, db } = stores
const group = (name: string): Policy => ({
  kind: 'rule',
  rule: { kind: 'group', name, connection: null },
})
const site = {
  routes: [
    { path: '/app', policy: { kind: 'signed-in' } },
    { path: '/app/public', policy: { kind: 'public' } },
    { path: '/app/admin', policy: group('admins') },
    { path: '/app/staff', policy: group('staff') },
  ],
} as const
const url = (path: string) => `https://app.example.com${path}`
const page = (path: string) => new Request(url(path), { headers: navigation })
const pageOf = (token: string, path: string) =>
  requestWith(token, url(path), { headers: navigation })

beforeEach(async () => {
  await emptyStores()
  await emptyKeys()
  await addConnection('okta')
})

afterEach(() => void vi.useRealTimers())

describe('a public route', () => {
  it('is open to anyone, asks neither KV nor D1, and tells the origin of nobody', async () => {
    const [watchedKv, watchedDb] = [watched(kv), watched(db)]
    const { ask, sent } = createGate({
      site,
      stores: { kv: watchedKv.binding, db: watchedDb.binding },
    })
    const { token } = await signIn()
    const answer = await ask(requestWith(token, url('/app/public/logo.svg')))
    expect(await answer.text()).toBe('from the origin')
    expect([watchedKv.calls, watchedDb.calls]).toEqual([[], []])
    expect(sent[0]?.headers.has('X-Gatehouse-Jwt-Assertion')).toBe(false)
    expect(sent[0]?.headers.has('X-Forwarded-User')).toBe(false)
    expect(sent[0]?.headers.has('Cookie')).toBe(false)
  })

  it('hears of nobody from a visitor either, in no dialect and no spelling', async () => {
    const { ask, sent } = createGate({ site })
    const forged = [
      'X-Gatehouse-Jwt-Assertion',
      'X-Forwarded-User',
      'X_Forwarded_User',
      'x-forwarded--email',
      'X.Auth.Request.Email',
      'Remote-User',
      'X-authentik-groups',
    ]
    const headers = Object.fromEntries(forged.map((name) => [name, 'root']))
    await ask(new Request(url('/app/public'), { headers: { ...headers, 'X-Own': '1' } }))
    expect(sent[0]?.headers.get('X-Own')).toBe('1')
    expect(forged.filter((name) => sent[0]?.headers.has(name))).toEqual([])
  })

  it('may be stored by whom the origin lets store it', async () => {
    const origin = () => new Response('', { headers: { 'Cache-Control': 'public, max-age=60' } })
    const answer = await createGate({ site, origin }).ask(page('/app/public'))
    expect(answer.headers.get('Cache-Control')).toBe('public, max-age=60')
    expect(answer.headers.has('Vary')).toBe(false)
  })
})

describe('a protected route', () => {
  it('sends who is nobody to sign in, and comes back to path and query', async () => {
    const { ask, sent } = createGate({ site })
    const answer = await ask(page('/app/a%20b?q=1&r=%2F'))
    expect(answer.status).toBe(302)
    const to = encodeURIComponent('/app/a%20b?q=1&r=%2F')
    expect(answer.headers.get('Location')).toBe(`/.gatehouse/login?to=${to}`)
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    expect(sent).toEqual([])
  })

  it('lets in who is signed in, and tells the origin who that is', async () => {
    const { ask, sent } = createGate({ site })
    const { token, user } = await signIn({ groups: ['staff', 'a,b'] })
    const answer = await ask(pageOf(token, '/app/x?y=z'))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('from the origin')
    expect(sent).toHaveLength(1)
    const { headers } = sent[0] ?? page('/')
    expect(sent[0]?.url).toBe('https://origin.example.net/app/x?y=z')
    expect(headers.get('X-Forwarded-User')).toBe(user.id)
    expect(headers.get('X-Forwarded-Preferred-Username')).toBe('ada')
    expect(headers.get('X-Forwarded-Email')).toBe('ada@example.com')
    expect(headers.get('X-Forwarded-Groups')).toBe('staff,a%2Cb')
  })

  it('gives the origin a token that the published keys verify', async () => {
    const { ask, sent } = createGate({ site })
    const { token, user } = await signIn()
    await ask(pageOf(token, '/app'))
    const assertion = sent[0]?.headers.get('X-Gatehouse-Jwt-Assertion') ?? ''
    const row = await env.DB.prepare('SELECT public_jwk FROM signing_keys').first<{
      public_jwk: string
    }>()
    const jwks = createLocalJWKSet({ keys: [JSON.parse(row?.public_jwk ?? '{}')] })
    const currentDate = new Date(noon)
    const { payload } = await jwtVerify(assertion, jwks, { currentDate })
    expect(payload.sub).toBe(user.id)
    expect(payload.aud).toBe('https://app.example.com')
  })

  it.each(['expired', 'revoked', 'unknown', 'user-disabled'] as const)(
    'sends who has a session that is %s to sign in',
    async (reason) => {
      const { ask, sent, events } = createGate({ site })
      const { token, session, user } = await signIn()
      if (reason === 'revoked') await revokeSession(db, session.id, noon)
      if (reason === 'user-disabled') await setUserActive(db, user.id, false, noon)
      if (reason === 'unknown') await env.DB.exec('DELETE FROM sessions')
      const now = reason === 'expired' ? session.expiresAt : noon
      const answer = await ask(pageOf(token, '/app'), now)
      expect(answer.status).toBe(302)
      expect(answer.headers.get('Location')).toBe('/.gatehouse/login?to=%2Fapp')
      expect(sent).toEqual([])
      const refused = {
        kind: 'session-refused',
        site: 'app.example.com',
        connection: 'okta',
        user: user.id,
        session: session.id,
        reason,
      }
      // The others are everyday.
      expect(events).toEqual(['revoked', 'user-disabled'].includes(reason) ? [refused] : [])
    },
  )

  it('lets in until revocationSeconds after a revocation, and not at them', async () => {
    const { ask, sent } = createGate({ site })
    const { token, session } = await signIn()
    await ask(pageOf(token, '/app'))
    await revokeSession(db, session.id, noon)
    expect((await ask(pageOf(token, '/app'), plusSeconds(noon, 14.999))).status).toBe(200)
    expect((await ask(pageOf(token, '/app'), plusSeconds(noon, 15))).status).toBe(302)
    expect(sent).toHaveLength(2)
  })

  it('is closed to sessions of a connection that the site does not name', async () => {
    const { token } = await signIn()
    const here = createGate({ site: { ...site, connections: ['okta'] } })
    const there = createGate({ site: { ...site, connections: ['entra'] } })
    expect((await here.ask(pageOf(token, '/app'))).status).toBe(200)
    expect((await there.ask(pageOf(token, '/app'))).status).toBe(302)
    expect(there.sent).toEqual([])
  })
})

describe('a session that comes from elsewhere than its device', () => {
  it('ends, and the request goes on until that is on record, also if the thief is gone', async () => {
    const { session, token } = await signIn()
    await db.prepare('UPDATE sessions SET bound_at = ?1').bind(noon).run()
    let isHeld = false
    const gate = createGate({
      site: { ...site, deviceBinding: 'offer' },
      waitUntil: () => (isHeld = true),
    })
    expect((await gate.ask(pageOf(token, '/app'), plusSeconds(noon, 61))).status).toBe(302)
    expect(gate.events).toMatchObject([{ kind: 'theft-stopped', session: session.id }])
    expect(isHeld).toBe(true)
  })
})

describe('a route for a group', () => {
  it('lets its members in', async () => {
    const { ask } = createGate({ site })
    const { token } = await signIn()
    expect((await ask(pageOf(token, '/app/staff'))).status).toBe(200)
  })

  it('tells others as whom they are signed in, with a request number, and audits why', async () => {
    const { ask, sent, events } = createGate({ site })
    const { token, session, user } = await signIn({ email: 'ada@example.com' })
    const answer = await ask(pageOf(token, '/app/admin/users?id=7'))
    expect(answer.status).toBe(403)
    const text = await answer.text()
    expect(text).toContain('ada@example.com')
    expect(text).toContain('request-1')
    expect(text).toContain('<form method="post" action="/.gatehouse/logout">')
    expect(text).not.toContain('admins')
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    expect(answer.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    expect(sent).toEqual([])
    expect(events).toEqual([
      {
        kind: 'access-denied',
        site: 'app.example.com',
        connection: 'okta',
        user: user.id,
        session: session.id,
        path: '/app/admin/users',
        reason: 'needs group admins',
      },
    ])
  })

  it('writes the name of who is denied as text', async () => {
    const { token } = await signIn({ email: '<img src=x>@example.com' })
    const answer = await createGate({ site }).ask(pageOf(token, '/app/admin'))
    const text = await answer.text()
    expect(text).toContain('&lt;img src=x&gt;@example.com')
    expect(text).not.toContain('<img')
  })

  it('answers programs with JSON', async () => {
    const { token } = await signIn()
    const answer = await createGate({ site }).ask(requestWith(token, url('/app/admin')))
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ error: 'access-denied', requestId: 'request-1' })
  })
})

describe('an address without a route', () => {
  it('is 404 for everybody, and asks nobody', async () => {
    const watchedKv = watched(kv)
    const { ask, sent } = createGate({ site, stores: { kv: watchedKv.binding } })
    const { token } = await signIn()
    for (const request of [page('/'), page('/application'), pageOf(token, '/other')]) {
      const answer = await ask(request)
      expect(answer.status).toBe(404)
      expect(await answer.text()).toContain('request-1')
    }
    expect(await (await ask(new Request(url('/')))).json()).toMatchObject({ error: 'no-route' })
    expect(sent).toEqual([])
    expect(watchedKv.calls).toEqual([])
  })
})

describe('an address that can be read in two ways', () => {
  it.each([
    '/app/public/..%2fadmin',
    '/app/public/..;/admin',
    '/app/public/%2e%2e%2fadmin',
    '/app//admin',
    '/app/ADMIN',
    '/app/admin%20/',
    '/app/public/x.php/app/admin',
    '/app/admin%00',
  ])('is 400 for everybody: %s', async (path) => {
    const { ask, sent } = createGate({ site })
    const { token } = await signIn({ groups: ['admins'] })
    for (const request of [page(path), pageOf(token, path)]) {
      const answer = await ask(request)
      expect(answer.status).toBe(400)
      expect(sent).toEqual([])
    }
  })

  it('says so', async () => {
    const answer = await createGate({ site }).ask(new Request(url('/app//admin')))
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: 'ambiguous-path', requestId: 'request-1' })
  })
})

describe('storage that fails', () => {
  it('of KV throws StoreUnavailable out of the gate, and the origin is not asked', async () => {
    const broken = breakable(kv)
    broken.isBroken = true
    const { ask, sent } = createGate({ site, stores: { kv: broken.binding } })
    const { token } = await signIn()
    await expect(ask(pageOf(token, '/app'))).rejects.toBeInstanceOf(StoreUnavailable)
    await expect(ask(requestWith(token, url('/app')))).rejects.toMatchObject({ store: 'KV' })
    expect(sent).toEqual([])
  })

  it('of D1 throws StoreUnavailable out of the gate, and the origin is not asked', async () => {
    const broken = breakable(db)
    broken.isBroken = true
    const { token } = await signIn()
    for (const failing of [broken.binding, failsToAnswer(db, 'first')]) {
      const { ask, sent } = createGate({ site, stores: { db: failing } })
      await expect(ask(pageOf(token, '/app'))).rejects.toBeInstanceOf(StoreUnavailable)
      await expect(ask(pageOf(token, '/app'))).rejects.toMatchObject({ store: 'D1' })
      expect(sent).toEqual([])
    }
  })

  it('of D1 where the signing keys are is as shut: the origin is told by token or not at all', async () => {
    const { token } = await signIn()
    const { ask, sent } = createGate({ site, stores: { db: failsToAnswer(db, 'all') } })
    await expect(ask(pageOf(token, '/app'))).rejects.toBeInstanceOf(StoreUnavailable)
    expect(sent).toEqual([])
  })

  it('answers nothing: after ten seconds that is a failure too, and the origin is not asked', async () => {
    const { token } = await signIn()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const never = () => new Promise(() => {})
    const hanging = [
      { store: 'KV', stores: { kv: silent(kv, 'get') } },
      { store: 'D1', stores: { db: slowly(db, 'first', never) } },
      { store: 'D1', stores: { db: slowly(db, 'all', never) } },
    ] as const
    for (const { store, stores: slow } of hanging) {
      const { ask, sent } = createGate({ site, stores: slow })
      let failed: unknown = null
      void ask(pageOf(token, '/app')).catch((fault: unknown) => (failed = fault))
      // Whatever is looked up before needs no timer, only time.
      const afterTime = async () => {
        await vi.advanceTimersByTimeAsync(LOOK_UP_SECONDS * 1000)
        return failed
      }
      await expect.poll(afterTime).toMatchObject({ name: 'StoreUnavailable', store })
      expect(sent).toEqual([])
    }
  })

  it('is no matter to public routes, nor to who is nobody', async () => {
    const [brokenKv, brokenDb] = [breakable(kv), breakable(db)]
    brokenKv.isBroken = brokenDb.isBroken = true
    const { ask } = createGate({ site, stores: { kv: brokenKv.binding, db: brokenDb.binding } })
    expect((await ask(page('/app/public'))).status).toBe(200)
    expect((await ask(page('/app'))).status).toBe(302)
  })

  it('does not shut out who is warm before revocationSeconds, and does at them', async () => {
    const broken = breakable(db)
    const { ask, sent } = createGate({ site, stores: { db: broken.binding } })
    const { token } = await signIn()
    await ask(pageOf(token, '/app'))
    broken.isBroken = true
    expect((await ask(pageOf(token, '/app'), plusSeconds(noon, 14))).status).toBe(200)
    await expect(ask(pageOf(token, '/app'), plusSeconds(noon, 15))).rejects.toBeInstanceOf(
      StoreUnavailable,
    )
    expect(sent).toHaveLength(2)
  })
})
