/** A token of OAuth at the sites: what it opens, for whom, and until when. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { A, at, B, C, LOGIN, rows } from '../login/person.ts'
import { countedD1 } from '../support/binding.ts'
import {
  addClient,
  begin,
  configOf,
  connect,
  createStage,
  emptyAll,
  personOf,
  postTo,
} from './stage.ts'
import { createGatehouse } from '../../src/app.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { endSignInsOf } from '../../src/session/ending-store.ts'
import { fetchSettled } from '../support/worker.ts'

beforeEach(emptyAll)

const connected = async (
  sites: Parameters<typeof configOf>[1] = {},
  groups: readonly string[] = [],
) => {
  const stage = await createStage(configOf({}, sites))
  const tokens = await connect(
    stage,
    personOf(stage, 'zoe@example.test', groups),
    await addClient(),
  )
  const ask = (url: string, init: RequestInit = {}, token = tokens.access) =>
    stage.send(new Request(url, { ...init, headers: { Authorization: `Bearer ${token}` } }))
  return { stage, ask, ...tokens }
}

const metadataIn = (response: Response) =>
  /resource_metadata="([^"]*)"/.exec(response.headers.get('WWW-Authenticate') ?? '')?.[1]

describe('a token', () => {
  it('opens its site for its person, and the origin is told by which client', async () => {
    const { ask, stage } = await connected()
    const answer = await ask(`${A}/mcp`, { method: 'POST', body: '{}' })
    expect([answer.status, await answer.text()]).toEqual([200, 'the page behind'])
    const headers = stage.origin.at(-1)?.headers
    expect(headers?.has('Authorization')).toBe(false)
    expect(headers?.get('X-Forwarded-Email')).toBe('zoe@example.test')
    expect(headers?.get('X-Gatehouse-Via')).toBe('oauth reports')
    const [, claims = ''] = headers?.get('X-Gatehouse-Jwt-Assertion')?.split('.') ?? []
    expect(JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))).toMatchObject({
      email: 'zoe@example.test',
      gatehouse_via: 'oauth',
      client_id: 'reports',
    })
  })

  it('opens no other site, none without OAuth, and not the login host', async () => {
    const { ask, stage } = await connected()
    const next = { [B]: 'Ask for one whose resource is this site.', [C]: 'Use a service token.' }
    for (const [site, step] of Object.entries(next)) {
      const answer = await ask(`${site}/`)
      expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([
        401,
        expect.stringContaining('error="invalid_token"'),
      ])
      const said = await answer.text()
      expect(said).toContain('This token is for another site')
      expect(said).toContain(step)
    }
    expect(metadataIn(await ask(`${B}/mcp`))).toBe(`${B}/.well-known/oauth-protected-resource/mcp`)
    expect(stage.origin).toEqual([])
    const home = await ask(`${LOGIN}/`, { redirect: 'manual' })
    expect(home.headers.get('Location')).toContain('/.gatehouse/login')
  })

  it('is judged by the policies of the site, with the groups of the sign-in at consent', async () => {
    const access = { group: 'staff', connection: 'okta' }
    const routes = [
      { path: '/', access: 'signed-in' as const },
      { path: '/staff', access },
      { path: '/admins', access: { group: 'admins', connection: 'okta' } },
    ]
    const { ask } = await connected({ [A]: { routes } }, ['staff'])
    expect((await ask(`${A}/staff`)).status).toBe(200)
    expect((await ask(`${A}/admins`)).status).toBe(403)
  })

  it('asks for a new sign-in where a policy does', async () => {
    const routes = [{ path: '/', access: { signedInWithin: '5m' } }]
    const { ask } = await connected({ [A]: { routes } })
    expect((await ask(`${A}/`)).status).toBe(200)
    at(400)
    const answer = await ask(`${A}/`)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('WWW-Authenticate')).toContain(
      'error="insufficient_user_authentication"',
    )
  })

  it.each([
    ['is disabled', 'UPDATE users SET active = 0'],
    ['has a connection that is disabled', 'UPDATE connections SET enabled = 0'],
    ['has all sign-ins ended', 'UPDATE users SET sessions_valid_from = sessions_valid_from + 1'],
    ['is erased', 'DELETE FROM users'],
    ['takes the grant back', 'DELETE FROM oauth_grants'],
  ])('is refused after revocationSeconds at most when the person %s', async (_, sql) => {
    const { ask } = await connected()
    expect((await ask(`${A}/`)).status).toBe(200)
    await env.DB.exec(sql)
    at(15)
    const answer = await ask(`${A}/`)
    expect([answer.status, metadataIn(answer)]).toEqual([
      401,
      `${A}/.well-known/oauth-protected-resource`,
    ])
    expect(answer.headers.get('WWW-Authenticate')).toContain('error="invalid_token"')
  })

  it('is not refused because the browser signed out', async () => {
    const { ask } = await connected()
    await env.DB.exec(`UPDATE sign_ins SET ended_at = 1, ended_why = 'signed-out'`)
    at(15)
    expect((await ask(`${A}/`)).status).toBe(200)
  })

  it('is refused when it has expired, and when its client gave it back', async () => {
    const { ask, stage, access, refresh } = await connected()
    await postTo(stage, 'revoke', { client_id: 'reports', token: access })
    at(15)
    expect((await ask(`${A}/`)).status).toBe(401)
    const next = { grant_type: 'refresh_token', client_id: 'reports', refresh_token: refresh }
    const second = String((await postTo(stage, 'token', next)).body['access_token'])
    expect((await ask(`${A}/`, {}, second)).status).toBe(200)
    at(616)
    expect((await ask(`${A}/`, {}, second)).status).toBe(401)
  })

  it('that is a refresh token or a code opens nothing, and does not reach the origin', async () => {
    const { ask, refresh, stage } = await connected()
    const before = stage.origin.length
    expect((await ask(`${A}/`, {}, refresh)).status).toBe(401)
    expect(stage.origin).toHaveLength(before)
  })

  it('costs one statement when it is cold, and none when it is warm', async () => {
    const { access } = await connected()
    const db = countedD1(env.DB)
    const bindings = {
      ...env,
      DB: db.binding,
      ORIGIN: { fetch: () => Promise.resolve(new Response('behind')) },
    }
    const worker = createGatehouse(configOf())
    const ask = () =>
      fetchSettled(
        worker,
        new Request(`${A}/`, { headers: { Authorization: `Bearer ${access}` } }),
        bindings,
      )
    // The key of the identity token is read once by each isolate.
    expect((await ask()).status).toBe(200)
    expect(db.calls()).toBe(2)
    expect((await ask()).status).toBe(200)
    expect(db.calls()).toBe(2)
  })
})

describe('a site with OAuth', () => {
  it('says to a program without a token where one is to be had, by the path that it asked for', async () => {
    const stage = await createStage(configOf())
    for (const [path, end] of [
      ['/', ''],
      ['/mcp', '/mcp'],
      ['/mcp/tools?x=1', '/mcp/tools'],
      [`/${'x'.repeat(300)}`, ''],
    ] as const) {
      const answer = await stage.send(new Request(A + path, { method: 'POST', body: '{}' }))
      const url = `${A}/.well-known/oauth-protected-resource${end}`
      expect([answer.status, metadataIn(answer)]).toEqual([401, url])
      const metadata = await stage.send(new Request(url))
      expect(metadata.headers.get('Access-Control-Allow-Origin')).toBe('*')
      expect(await metadata.json()).toMatchObject({
        resource: A + end,
        authorization_servers: [LOGIN],
        scopes_supported: ['access'],
        bearer_methods_supported: ['header'],
      })
    }
  })

  it('says Bearer first to browsers and to what calls itself one, for clients that read only the first', async () => {
    const stage = await createStage(configOf())
    const headers = { 'Sec-Fetch-Mode': 'cors' }
    const answer = await stage.send(new Request(`${A}/mcp`, { method: 'POST', headers }))
    expect(answer.headers.get('WWW-Authenticate')).toMatch(/^Bearer resource_metadata=/)
  })

  it('is not one without OAuth: there the addresses are the origin’s', async () => {
    const stage = await createStage(configOf({}, { [C]: {} }))
    const answer = await stage.send(new Request(`${C}/x`, { method: 'POST' }))
    expect(metadataIn(answer)).toBeUndefined()
    const metadata = await stage.send(new Request(`${C}/.well-known/oauth-protected-resource`))
    expect(metadata.status).toBe(401)
  })

  it('loses all grants when break glass ends its sign-ins', async () => {
    const { ask } = await connected()
    const end = (site: string) =>
      endSignInsOf(env.DB, {
        of: { kind: 'site', site },
        why: 'revoked',
        now: toInstant(Date.now()),
      })
    await end('b.example.com')
    expect(await rows('oauth_grants')).toHaveLength(1)
    await end('a.example.com')
    at(15)
    expect((await ask(`${A}/`)).status).toBe(401)
  })
})

it('none of it is there without oauth in the config', async () => {
  const { oauth: _, ...config } = configOf()
  const off = { ...config, sites: config.sites.map(({ oauth: __, ...site }) => site) }
  const stage = await createStage(off)
  await addClient()
  const there = await createStage(configOf())
  const { url } = await begin(there, { client_id: 'reports' })
  for (const path of ['token', 'revoke', 'register', 'device-authorization']) {
    const answer = await stage.send(
      new Request(`${LOGIN}/.gatehouse/oauth/${path}`, { method: 'POST', body: 'x=1' }),
    )
    expect([path, answer.status]).toEqual([path, 404])
  }
  expect((await stage.send(new Request(url))).status).toBe(404)
  const metadata = await stage.send(new Request(`${LOGIN}/.well-known/oauth-authorization-server`))
  expect(metadata.status).toBe(404)
})
