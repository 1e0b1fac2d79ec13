/** The authorization code with PKCE, by a client that nobody here wrote. */
import { env } from 'cloudflare:workers'
import * as oauth from 'oauth4webapi'
import { beforeEach, describe, expect, it } from 'vitest'
import { A, at, B, C, LOGIN, rows } from '../login/person.ts'
import {
  addClient,
  allow,
  BACK,
  begin,
  configOf,
  connect,
  createStage,
  emptyAll,
  kept,
  lastSeen,
  personOf,
  postTo,
  press,
  redeem,
  through,
} from './stage.ts'

beforeEach(emptyAll)

const grants = () => rows('oauth_grants')

describe('a client that an operator registered', () => {
  it('gets a token by the code, after sign-in and consent, and another by the refresh token', async () => {
    const stage = await createStage(configOf())
    const client = await addClient()
    const zoe = personOf(stage)
    const { answer, access, refresh, server } = await connect(stage, zoe, client)
    expect(answer).toMatchObject({ token_type: 'bearer', expires_in: 600, scope: 'access' })
    expect(access).toMatch(/^gh_at_[\w-]{43}[A-Za-z0-9]{6}$/)
    expect(refresh).toMatch(/^gh_rt_[\w-]{43}[A-Za-z0-9]{6}$/)
    expect(zoe.timesAtIdp).toBe(1)
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refresh,
      through(stage),
    )
    const again = kept(await oauth.processRefreshTokenResponse(server, client, response))
    expect(again.access).not.toBe(access)
    expect(again.refresh).not.toBe(refresh)
    expect(stage.audit().filter(({ audit }) => audit === 'grant-made')).toMatchObject([
      { site: 'a.example.com', client: 'reports', name: 'Reports', by: 'consent' },
    ])
  })

  it('proves itself by its secret, as Basic or in the form, and only so', async () => {
    const stage = await createStage(configOf())
    const secret = 'a secret: of + the client%'
    const client = await addClient({ secret })
    const zoe = personOf(stage)
    for (const auth of [oauth.ClientSecretBasic(secret), oauth.ClientSecretPost(secret)]) {
      const begun = await begin(stage, client)
      const page = await zoe.open(begun.url.href)
      if (page.status === 200 && lastSeen(zoe).host === 'login.example.com') {
        await press(zoe, await page.text(), 'allow')
      }
      const { answer } = await redeem(stage, client, begun, lastSeen(zoe), auth)
      expect(answer.token_type).toBe('bearer')
    }
    const wrong = [
      [{ client_id: 'reports' }, {}],
      [{ client_id: 'reports', client_secret: 'another' }, {}],
      [{}, { Authorization: `Basic ${btoa('reports:another')}` }],
      [{}, { Authorization: `Basic ${btoa('nobody:another')}` }],
    ] as const
    for (const [fields, headers] of wrong) {
      const form: Record<string, string> = { grant_type: 'authorization_code', ...fields }
      const answer = await postTo(stage, 'token', form, headers)
      expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client'])
      const challenge = 'Authorization' in headers ? 'Basic realm="oauth"' : null
      expect(answer.headers.get('WWW-Authenticate')).toBe(challenge)
    }
    const both = { client_id: 'reports', client_secret: secret }
    const answer = await postTo(stage, 'token', both, {
      Authorization: `Basic ${btoa('reports:x')}`,
    })
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request'])
  })

  it('that is public sends no secret', async () => {
    const stage = await createStage(configOf())
    await addClient()
    const answer = await postTo(stage, 'token', { client_id: 'reports', client_secret: 'x' })
    expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client'])
  })

  it('hears that the person refused, and gets nothing', async () => {
    const stage = await createStage(configOf())
    const client = await addClient()
    const zoe = personOf(stage)
    const begun = await begin(stage, client)
    await press(zoe, await (await zoe.open(begun.url.href)).text(), 'refuse')
    const back = lastSeen(zoe)
    expect(() => oauth.validateAuthResponse(begun.server, client, back, begun.state)).toThrow(
      oauth.AuthorizationResponseError,
    )
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect(await grants()).toEqual([])
  })

  it('is remembered for this person and site, until the person takes it back', async () => {
    const stage = await createStage(configOf())
    const client = await addClient()
    const zoe = personOf(stage)
    await connect(stage, zoe, client)
    const again = await begin(stage, client)
    await zoe.open(again.url.href)
    expect(lastSeen(zoe).searchParams.has('code')).toBe(true)
    await redeem(stage, client, again, lastSeen(zoe))
    const silent = await begin(stage, client, { prompt: 'none' })
    await zoe.open(silent.url.href)
    expect(lastSeen(zoe).searchParams.has('code')).toBe(true)

    const elsewhere = await begin(stage, client, { resource: `${B}/` })
    expect(await (await zoe.open(elsewhere.url.href)).text()).toContain('b.example.com')
    expect(lastSeen(zoe).host).toBe('login.example.com')
    const other = personOf(stage, 'bob@example.test')
    expect(await (await other.open(again.url.href)).text()).toContain('Let a program act for you?')
    const forced = await begin(stage, client, { prompt: 'consent' })
    expect(await (await zoe.open(forced.url.href)).text()).toContain('Let a program act for you?')

    const home = await (await zoe.open(`${LOGIN}/`)).text()
    expect(home).toContain('Programs that act for you')
    const [, id = ''] = /name="grant" value="([^"]+)"/.exec(home) ?? []
    await zoe.post(`${LOGIN}/.gatehouse/oauth/grants`, { grant: id })
    expect((await grants()).filter((row) => row['redeemed_at'] !== null)).toEqual([])
    expect(await (await zoe.open(again.url.href)).text()).toContain('Let a program act for you?')
    expect(stage.audit().filter(({ audit }) => audit === 'grant-ended')).toMatchObject([
      { reason: 'person', client: 'reports' },
      { reason: 'person', client: 'reports' },
      { reason: 'person', client: 'reports' },
    ])
  })

  it('takes back nothing of another person, and only by a page of ours', async () => {
    const stage = await createStage(configOf())
    await connect(stage, personOf(stage), await addClient())
    const [row] = await grants()
    const grant = String(row?.['id'])
    const bob = personOf(stage, 'bob@example.test')
    await bob.open(`${LOGIN}/`)
    await bob.post(`${LOGIN}/.gatehouse/oauth/grants`, { grant })
    await bob.at(LOGIN).submitFromElsewhere(`${LOGIN}/.gatehouse/oauth/grants`, { grant })
    expect(await grants()).toHaveLength(1)
  })
})

describe('a code', () => {
  const ready = async () => {
    const stage = await createStage(configOf())
    const client = await addClient()
    const begun = await begin(stage, client)
    const back = await allow(personOf(stage), begun)
    const fields = {
      grant_type: 'authorization_code',
      client_id: 'reports',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: BACK,
      code_verifier: begun.verifier,
      resource: `${A}/`,
    }
    return { stage, client, begun, back, fields }
  }

  it('is taken once: of eight at the same moment one gets tokens', async () => {
    const { stage, fields } = await ready()
    const all = await Promise.all(Array.from({ length: 8 }, () => postTo(stage, 'token', fields)))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(all.flatMap(({ body }) => body['error'] ?? [])).toEqual(Array(7).fill('invalid_grant'))
  })

  it('that comes again ends what came of it', async () => {
    const { stage, fields } = await ready()
    expect((await postTo(stage, 'token', fields)).status).toBe(200)
    expect(await rows('oauth_access')).toHaveLength(1)
    expect((await postTo(stage, 'token', fields)).body['error']).toBe('invalid_grant')
    expect([await grants(), await rows('oauth_access')]).toEqual([[], []])
    expect(stage.audit().at(-1)).toMatchObject({ audit: 'grant-ended', reason: 'code' })
  })

  it.each([
    ['another client', { client_id: 'thief' }],
    ['another address', { redirect_uri: `${BACK}/` }],
    ['another verifier', { code_verifier: 'v'.repeat(43) }],
    ['another site', { resource: `${B}/` }],
  ])('is spoilt by %s, so that a stolen one is of no use', async (_, wrong) => {
    const { stage, fields } = await ready()
    await addClient({ id: 'thief' })
    const answer = await postTo(stage, 'token', { ...fields, ...wrong })
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_grant'])
    expect((await postTo(stage, 'token', fields)).body['error']).toBe('invalid_grant')
    expect(await grants()).toEqual([])
  })

  it.each([
    ['no verifier', { code_verifier: '' }, 'invalid_request'],
    ['a short verifier', { code_verifier: 'v'.repeat(42) }, 'invalid_request'],
    ['a long verifier', { code_verifier: 'v'.repeat(129) }, 'invalid_request'],
    ['no code', { code: '' }, 'invalid_grant'],
    ['a site without OAuth', { resource: `${C}/` }, 'invalid_target'],
    ['no grant_type', { grant_type: '' }, 'invalid_request'],
    ['an unknown grant_type', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['an unknown scope', { scope: 'admin' }, 'invalid_scope'],
  ])('is not even looked for with %s', async (_, wrong, error) => {
    const { stage, fields } = await ready()
    expect((await postTo(stage, 'token', { ...fields, ...wrong })).body['error']).toBe(error)
    expect((await postTo(stage, 'token', fields)).status).toBe(200)
  })

  it('is valid for a minute', async () => {
    const { stage, fields } = await ready()
    at(61)
    expect((await postTo(stage, 'token', fields)).body['error']).toBe('invalid_grant')
  })

  it('may come without redirect_uri and resource, which the code is bound to anyway', async () => {
    const { stage, fields } = await ready()
    const { redirect_uri: _, resource: __, ...rest } = fields
    expect((await postTo(stage, 'token', rest)).status).toBe(200)
  })

  it('needs each parameter once', async () => {
    const { stage, fields } = await ready()
    for (const name of ['code', 'client_id', 'code_verifier', 'grant_type', 'resource'] as const) {
      const twice = new URLSearchParams(fields)
      twice.append(name, fields[name])
      const { body } = await postTo(stage, 'token', twice)
      expect([name, body['error']]).toEqual([
        name,
        name === 'resource' ? 'invalid_target' : 'invalid_request',
      ])
    }
    expect((await postTo(stage, 'token', fields)).status).toBe(200)
  })

  it('is not given where the form is too large, of another type, or has too many fields', async () => {
    const { stage, fields } = await ready()
    const large = { ...fields, padding: 'x'.repeat(20_000) }
    expect((await postTo(stage, 'token', large)).body['error']).toBe('invalid_request')
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, '1']))
    expect((await postTo(stage, 'token', { ...fields, ...many })).body['error']).toBe(
      'invalid_request',
    )
    const json = { 'Content-Type': 'application/json' }
    expect((await postTo(stage, 'token', fields, json)).body['error']).toBe('invalid_request')
  })
})

describe('a refresh token', () => {
  const ready = async () => {
    const stage = await createStage(configOf({ idleSeconds: 7200, absoluteSeconds: 10_000 }))
    const { refresh } = await connect(stage, personOf(stage), await addClient())
    const use = (token: string, more: Readonly<Record<string, string>> = {}) =>
      postTo(stage, 'token', {
        grant_type: 'refresh_token',
        client_id: 'reports',
        refresh_token: token,
        ...more,
      })
    const next = async (token: string) => String((await use(token)).body['refresh_token'])
    return { stage, refresh, use, next }
  }

  it('that comes again ends the whole family, however long ago it was replaced', async () => {
    const { stage, refresh, use, next } = await ready()
    const second = await next(refresh)
    const third = await next(second)
    expect((await use(refresh)).body['error']).toBe('invalid_grant')
    expect((await use(third)).body['error']).toBe('invalid_grant')
    expect([await grants(), await rows('oauth_access')]).toEqual([[], []])
    expect(stage.audit().at(-1)).toMatchObject({ audit: 'grant-ended', reason: 'refresh' })
  })

  it('is taken once: of eight at the same moment one gets tokens', async () => {
    const { refresh, use } = await ready()
    const all = await Promise.all(Array.from({ length: 8 }, () => use(refresh)))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it('is for its client and site only, and others do it no harm', async () => {
    const { refresh, use } = await ready()
    await addClient({ id: 'thief' })
    expect((await use(refresh, { client_id: 'thief' })).body['error']).toBe('invalid_grant')
    expect((await use(refresh, { resource: `${B}/` })).body['error']).toBe('invalid_grant')
    expect((await use(refresh, { resource: `${A}/mcp` })).status).toBe(200)
  })

  it('is refused after idleSeconds without use, and absoluteSeconds in any case', async () => {
    const { refresh, use, next } = await ready()
    at(7000)
    const second = await next(refresh)
    at(9999)
    const last = await use(second)
    expect(last.body['expires_in']).toBeLessThanOrEqual(1)
    at(10_001)
    expect((await use(String(last.body['refresh_token']))).body['error']).toBe('invalid_grant')
    const { refresh: idle, use: useIdle } = await (async () => {
      await emptyAll()
      return ready()
    })()
    at(7200)
    expect((await useIdle(idle)).body['error']).toBe('invalid_grant')
  })

  it.each([
    ['is disabled', 'UPDATE users SET active = 0'],
    ['is erased', 'DELETE FROM users'],
    ['has all sign-ins ended', 'UPDATE users SET sessions_valid_from = sessions_valid_from + 1'],
    ['has a connection that is disabled', 'UPDATE connections SET enabled = 0'],
  ])('is refused at once when the person %s', async (_, sql) => {
    const { refresh, use } = await ready()
    await env.DB.exec(sql)
    expect((await use(refresh)).body['error']).toBe('invalid_grant')
  })

  it('outlives the sign-in at which it was granted', async () => {
    const { refresh, use } = await ready()
    await env.DB.exec(`UPDATE sign_ins SET ended_at = 1, ended_why = 'signed-out'`)
    expect((await use(refresh)).status).toBe(200)
  })

  it('is given back with its grant (RFC 7009), by its client only', async () => {
    const { stage, refresh, use } = await ready()
    await addClient({ id: 'thief' })
    const give = (client: string, token: string) =>
      postTo(stage, 'revoke', { client_id: client, token })
    expect((await give('thief', refresh)).status).toBe(200)
    const second = String((await use(refresh)).body['refresh_token'])
    expect((await give('reports', second)).status).toBe(200)
    expect((await use(second)).body['error']).toBe('invalid_grant')
    expect((await give('reports', 'nonsense')).status).toBe(200)
    expect((await postTo(stage, 'revoke', { client_id: 'reports' })).body['error']).toBe(
      'invalid_request',
    )
    expect(stage.audit().at(-1)).toMatchObject({ audit: 'grant-ended', reason: 'client' })
  })
})

describe('what lies in the database', () => {
  it('is no token and no code, and cron removes what has expired', async () => {
    const stage = await createStage(configOf())
    const { access, refresh } = await connect(stage, personOf(stage), await addClient())
    const stored = JSON.stringify([await grants(), await rows('oauth_access')])
    for (const secret of [access, refresh]) expect(stored).not.toContain(secret.slice(6, 40))
    at(700)
    await stage.cron()
    expect(await rows('oauth_access')).toEqual([])
    expect(await grants()).toHaveLength(1)
    at(31 * 86_400)
    await stage.cron()
    expect(await grants()).toEqual([])
  })
})
