/** Answers of the gate whose modules load when they are first needed, and what happens where they do not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET_BYTES } from '../../src/lib/secret.ts'
import { en } from '../../src/lib/words/en.ts'
import { hashProgramToken, toProgramToken } from '../../src/program/token.ts'
import { startAdminWorker } from '../../tools/stage/admin.ts'
import type { StageModule } from '../../tools/stage/build.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'
import type { Told } from '../../tools/stage/origin.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { ask, createStage, type Asking, type Stage } from '../../tools/stage/stage.ts'

const asPage = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
const asForm = { ...asPage, 'Sec-Fetch-Site': 'same-origin' }
const urlencoded = 'application/x-www-form-urlencoded'

async function open(missing?: RegExp) {
  const stage = await createStage(undefined, 300, missing ? { missing } : {})
  const at = (path: string, asking: Partial<Asking> = {}, body?: string) =>
    ask(path, { port: stage.ports[0], ...asking }, body)
  return { stage, at }
}

/** A service token of the person who signed in. */
async function addToken({ db }: Stage): Promise<string> {
  const token = toProgramToken('service', crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))
  const user = await db.prepare('SELECT id FROM users').first<string>('id')
  const now = Date.now()
  await db.batch([
    db
      .prepare(
        `INSERT INTO service_tokens (id, name, user_id, sites, made_by, created_at)
         VALUES ('ci', 'ci', ?1, '["app.localhost"]', 'a test', ?2)`,
      )
      .bind(user, now),
    db
      .prepare(
        `INSERT INTO service_secrets (hash, token, created_at, expires_at)
         VALUES (?1, 'ci', ?2, ?3)`,
      )
      .bind(await hashProgramToken(token), now, now + 3_600_000),
  ])
  keepSecret(token)
  return token
}

describe('the Worker in parts', () => {
  let stage: Stage
  let at: Awaited<ReturnType<typeof open>>['at']
  let cookie: string
  beforeAll(async () => {
    ;({ stage, at } = await open())
    cookie = (await signIn(stage, '/')).cookie
  })
  afterAll(() => stage.stop())

  it.each([
    ['a host that is not ours', '/', { host: 'other.localhost' }, 421, 'Website nicht gefunden'],
    ['an address that is too long to go along', `/?${'1'.repeat(3000)}`, {}, 401, 'Adresse'],
  ] as const)('shows a page in the language of the visitor: %s', async (_, path, asking, ...is) => {
    const headers = { ...asPage, 'Accept-Language': 'de' }
    const page = await at(path, { headers, ...asking })
    expect([page.status, page.headers['content-language']]).toEqual([is[0], 'de'])
    expect(page.text).toContain(is[1])
  })

  it('refuses with a page, and with JSON', async () => {
    const headers = { ...asPage, Cookie: cookie }
    const page = await at('/engineering', { headers })
    expect([page.status, page.headers['content-language']]).toEqual([403, 'en'])
    expect(page.text).toContain('zoe@example.test')
    const json = await at('/engineering', { headers: { Cookie: cookie } })
    expect([json.status, JSON.parse(json.text)]).toMatchObject([403, { error: 'access-denied' }])
    const trace = await at('/', { method: 'TRACE' })
    expect([trace.status, JSON.parse(trace.text)]).toMatchObject([
      405,
      { error: 'method-not-allowed' },
    ])
    expect((await at('/engineering/%2e%2e%2fx', { headers })).status).toBe(400)
  })

  it('notes in the audit which rule was not met', async () => {
    await at('/engineering', { headers: { Cookie: cookie } })
    const reasons = () =>
      stage.db
        .prepare(`SELECT facts ->> 'reason' AS reason FROM audit WHERE kind = 'access-denied'`)
        .all<{ reason: string }>()
    await expect
      .poll(async () => (await reasons()).results[0]?.reason)
      .toBe('needs group engineering of connection okta')
  })

  it('tells a script where to sign in', async () => {
    const told = await at('/')
    expect([told.status, JSON.parse(told.text)]).toMatchObject([401, { error: 'login-required' }])
    expect(told.headers['www-authenticate']).toContain('login_url="http://app.localhost/')
  })

  it('keeps a form, and sends it after sign-in once', async () => {
    const form = { ...asForm, 'Content-Type': urlencoded }
    const kept = await at('/save', { method: 'POST', headers: form }, 'text=hello')
    expect(kept.status).toBe(401)
    const sealed = /name="gatehouse-form" value="([^"]*)"/.exec(kept.text)?.[1] ?? ''
    const body = `gatehouse-form=${sealed}\r\n`
    const headers = {
      ...asForm,
      Cookie: cookie,
      'Content-Type': 'text/plain',
      'Content-Length': String(body.length),
    }
    const send = () => at('/save', { method: 'POST', headers }, body)
    const sent = await send()
    const told: Told = JSON.parse(sent.text)
    expect(told).toMatchObject({ method: 'POST', url: '/save', bodyLength: 'text=hello'.length })
    expect(told.headers['content-type']).toBe(urlencoded)
    const again = await send()
    expect(again.status).toBe(409)
    const spoilt = await at('/other', { method: 'POST', headers }, body)
    expect(spoilt.status).toBe(410)
  })

  it('passes other forms on as they are', async () => {
    for (const type of [urlencoded, 'text/plain']) {
      const headers = { ...asForm, Cookie: cookie, 'Content-Type': type, 'Content-Length': '10' }
      const sent = await at('/save', { method: 'POST', headers }, 'text=hello')
      expect(JSON.parse(sent.text)).toMatchObject({ method: 'POST', bodyLength: 10 })
    }
  })

  it('lets a program in by its token, and no other', async () => {
    const token = await addToken(stage)
    const bearing = (text: string, path = '/') =>
      at(path, { headers: { Authorization: `Bearer ${text}` } })
    const told: Told = JSON.parse((await bearing(token)).text)
    expect(told.headers['x-forwarded-email']).toBe('zoe@example.test')
    expect(told.headers).not.toHaveProperty('authorization')
    const misspelt = await bearing(`${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`)
    expect([misspelt.status, JSON.parse(misspelt.text)]).toMatchObject([
      401,
      { error: 'invalid-token' },
    ])
    expect((await bearing(token, '/engineering')).status).toBe(403)
  })
})

describe('a deploy that left modules out', () => {
  it('answers 503 where it cannot refuse, and opens nothing', async () => {
    const { stage, at } = await open(/^(refusals|keep|keep-events|programs)-/)
    try {
      const { cookie } = await signIn(stage, '/')
      const token = await addToken(stage)
      const form = { method: 'POST', headers: { ...asForm, 'Content-Type': urlencoded } }
      const kept = {
        ...asForm,
        Cookie: cookie,
        'Content-Type': 'text/plain',
        'Content-Length': '4',
      }
      const closed = await Promise.all([
        at('/engineering', { headers: { ...asPage, Cookie: cookie } }),
        at('/engineering', { headers: { Cookie: cookie } }),
        at('/'),
        at('/', { method: 'TRACE', headers: { Cookie: cookie } }),
        at('/save', form, 'text=hello'),
        at('/save', { method: 'POST', headers: kept }, 'text'),
        at('/', { headers: { Authorization: `Bearer ${token}` } }),
        at('/', { headers: { Authorization: `Bearer ${token}`, Cookie: cookie } }),
      ])
      for (const answer of closed) {
        expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
        expect(answer.text).not.toContain('x-gatehouse-jwt-assertion')
      }
      expect(closed[0]?.headers['content-type']).toContain('text/html')
      expect(JSON.parse(closed[1]?.text ?? '')).toMatchObject({ error: 'temporarily-unavailable' })
      await expect
        .poll(() =>
          ['audit', 'forms', 'programs', 'refusals'].filter((part) => isLogged(stage, part)),
        )
        .toEqual(['audit', 'forms', 'programs', 'refusals'])
      // An event that cannot be kept is in the log.
      const eventsOf = (kind: string) =>
        stage.logged.filter((line) => line.startsWith(`{"audit":"${kind}"`))
      await expect.poll(() => eventsOf('login').length).toBeGreaterThan(0)
      // So is one whose words do not load.
      await expect.poll(() => eventsOf('access-denied').length).toBe(2)
      const [said = '', again = ''] = eventsOf('access-denied')
      expect(JSON.parse(again)).toMatchObject({ path: '/engineering' })
      expect(JSON.parse(said)).toMatchObject({ reason: 'the rule of the route is not met' })

      const page = await at('/', { headers: { ...asPage, Cookie: cookie } })
      expect(JSON.parse(page.text)).toMatchObject({ method: 'GET', url: '/' })
      expect((await at('/public')).status).toBe(200)
      expect((await at('/', { headers: asPage })).status).toBe(302)
    } finally {
      await stage.stop()
    }
  })

  it('shows the page before the IdP, and signs nobody in without what takes the answer', async () => {
    const { stage, at } = await open(/^(start|acs|at-idp|slo)-/)
    try {
      const page = await at('/.gatehouse/login', { headers: asPage })
      expect([page.status, page.text]).toEqual([200, expect.stringContaining('id="onward"')])
      expect((await at('/.gatehouse/logout', { headers: asPage })).status).toBe(200)
      const closed = await Promise.all([
        at('/.gatehouse/login?go=1', { headers: asPage }),
        at('/.gatehouse/saml/okta/acs', { method: 'POST', headers: asForm }),
        at('/.gatehouse/logout/idp', { headers: asPage }),
        at('/.gatehouse/saml/okta/slo', { headers: asPage }),
      ])
      for (const answer of closed) {
        expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
        expect(answer.headers).not.toHaveProperty('set-cookie')
      }
      await expect
        .poll(() => ['start', 'acs', 'at-idp', 'slo'].filter((part) => isLogged(stage, part)))
        .toEqual(['start', 'acs', 'at-idp', 'slo'])
    } finally {
      await stage.stop()
    }
  })

  it('signs people in without our keys for IdPs, where no message needs one, and shows no metadata', async () => {
    const { stage, at } = await open(/^keys-/)
    try {
      expect((await signIn(stage, '/')).landedAt).toContain('/')
      const closed = await at('/.gatehouse/saml/okta/metadata', { headers: asPage })
      expect([closed.status, closed.headers['retry-after']]).toEqual([503, '5'])
      await expect.poll(() => isLogged(stage, 'sp-keys')).toBe(true)
    } finally {
      await stage.stop()
    }
  })

  it('signs people out here without what asks the IdP, which is 503', async () => {
    const { stage, at } = await open(/^at-idp-/)
    try {
      const { cookie } = await signIn(stage, '/')
      const headers = { ...asForm, Origin: 'http://app.localhost', 'Content-Type': urlencoded }
      const signOut = { method: 'POST', headers: { ...headers, Cookie: cookie } }
      const out = await at('/.gatehouse/logout', signOut, 'scope=idp')
      expect(out.status).toBe(303)
      expect(out.headers['set-cookie']).toContainEqual(
        expect.stringMatching(/^__Host-gatehouse=;.*Max-Age=0/),
      )
      expect((await at('/', { headers: { ...asPage, Cookie: cookie } })).status).toBe(302)
      const { pathname, search } = new URL(String(out.headers['location']))
      const closed = await at(pathname + search, { headers: asPage })
      expect([closed.status, closed.headers['retry-after']]).toEqual([503, '5'])
      await expect.poll(() => isLogged(stage, 'at-idp')).toBe(true)
    } finally {
      await stage.stop()
    }
  })

  it('signs people in without what explains a refusal, and refuses with 503', async () => {
    const { stage, at } = await open(/^(refused|write)-/)
    try {
      expect((await signIn(stage, '/')).landedAt).toContain('/')
      const refused = await at('/.gatehouse/saml/okta/acs', { method: 'POST', headers: asForm })
      expect(refused.status).toBe(503)
      await expect
        .poll(() => ['attempts', 'refused'].filter((part) => isLogged(stage, part)))
        .toEqual(['attempts', 'refused'])
      // The reason is on record all the same, under the number that the visitor sees.
      const request = /Request number <code[^>]*>([\w-]{36})/.exec(refused.text)?.[1]
      const events = () =>
        stage.db
          .prepare(
            `SELECT request_id AS request, connection, facts ->> 'reason' AS reason
             FROM audit WHERE kind = 'login-refused'`,
          )
          .all()
      await expect
        .poll(async () => (await events()).results)
        .toEqual([{ request, connection: 'okta', reason: 'not-a-form' }])
    } finally {
      await stage.stop()
    }
  })

  it('answers in plain text where not even the answers load', async () => {
    const { stage, at } = await open(/^(?!worker\.js|chunk-)/)
    try {
      expect((await at('/public')).status).toBe(200)
      const closed = await Promise.all([
        at('/', { host: 'other.localhost', headers: asPage }),
        at('/'),
        at('/.gatehouse/login', { headers: asPage }),
        at('/.gatehouse/healthz'),
      ])
      for (const answer of closed) {
        expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
        expect(answer.headers['content-type']).toContain('text/plain')
        expect(answer.headers['cache-control']).toBe('no-store')
        expect(answer.text).toMatch(/^Temporarily unavailable\..*\nRequest number [\w-]{36}\n$/)
      }
      await expect
        .poll(() =>
          ['answers', 'refusals', 'login', 'status'].filter((part) => isLogged(stage, part)),
        )
        .toEqual(['answers', 'refusals', 'login', 'status'])
    } finally {
      await stage.stop()
    }
  })

  it.each<[string, (module: StageModule) => boolean]>([
    ['the texts of pages', ({ contents }) => contents.includes(en.protectedBy)],
    ['what chooses them', ({ path }) => path.startsWith('brand-')],
  ])('answers programs without %s, and shows no page', async (_, missing) => {
    const { url, logged, stop } = await startAdminWorker(missing)
    const get = (path: string, init?: RequestInit) => fetch(`${url}/.gatehouse${path}`, init)
    try {
      const scim = await get('/scim/okta/v2/Users', { headers: asPage })
      expect([scim.status, scim.headers.get('content-type')]).toEqual([
        401,
        'application/scim+json',
      ])
      expect((await get('/scim/okta/v2/ServiceProviderConfig')).status).toBe(200)
      expect((await get('/health/ready')).status).toBe(200)
      expect((await get('/jwks.json')).status).toBe(200)
      expect((await get('/signals/stream', { method: 'POST' })).status).toBe(400)
      expect((await get('/device/refresh', { method: 'POST' })).status).toBe(401)
      for (const path of ['/login', '/logout', '', '/admin']) {
        const page = await get(path, { headers: asPage })
        expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5'])
        expect(page.headers.get('content-type')).toContain('text/plain')
      }
      const api = await get('/api/v1/users')
      expect([api.status, api.headers.get('retry-after')]).toEqual([503, '5'])
      await expect.poll(() => logged.some((line) => line.includes('"part":"texts"'))).toBe(true)
    } finally {
      await stop()
    }
  })
})

const isLogged = ({ logged }: Stage, part: string): boolean =>
  logged.some((line) => line.includes(`"part":"${part}"`))
