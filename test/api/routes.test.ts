import document from '../../assets/.gatehouse/assets/openapi.json'
import { beforeEach, describe, expect, it } from 'vitest'
import { toAdminToken } from '../../src/admin/admin-token.ts'
import { operations } from '../../src/admin/operations.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { db, emptyStore, now, seedConnection, seedSession, seedUser } from '../admin/stage.ts'
import { everyEvent, listEvents } from '../../src/audit/store.ts'
import { said } from '../../tools/stage/evidence.ts'
import { ask, createIsolate, LOGIN, problemOf, SITE, programWith } from './stage.ts'
import { firstOver } from '../support/limit.ts'

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
})

it('no two paths are alike but for the names in braces: one says for each path what it takes', () => {
  const paths = [...new Set(operations.map(({ http }) => http.path))]
  const shapes = new Set(paths.map((path) => path.replace(/\{\w+\}/g, '{}')))
  expect(paths.length).toBeGreaterThan(10)
  expect(shapes.size).toBe(paths.length)
})

describe('an operation', () => {
  it('answers with its facts, and tells the audit which token asked', async () => {
    const ada = await seedUser('acme', 'ada@x')
    await seedSession(ada, 's1')
    const program = await programWith(['people'])
    const reply = await program.ask('POST', '/users/ada%40x/disable', {
      body: { connection: 'acme' },
    })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('Content-Type')).toBe('application/json')
    expect(reply.headers.get('Cache-Control')).toBe('no-store')
    expect(reply.body).toMatchObject({
      user: { id: ada.id, barred: true },
      changed: true,
      withinSeconds: 15,
    })
    const filter = { ...everyEvent, kinds: ['operator'] }
    const events = await listEvents(db, filter, { order: 'oldest-first', after: null, limit: 9 })
    expect(
      events.map(({ facts }) => [facts['actor'], facts['operator'], facts['command']]),
    ).toEqual([['api', `test (token ${program.id})`, 'user disable']])
    // The number is that of the request: another request has another one.
    await program.ask('POST', '/users/ada%40x/enable', { body: { connection: 'acme' } })
    const both = await listEvents(db, filter, { order: 'oldest-first', after: null, limit: 9 })
    const numbers = new Set(both.map(({ requestId }) => requestId))
    expect(numbers.size).toBe(2)
    expect([...numbers]).toEqual([
      expect.stringMatching(/^[\da-f-]{36}$/),
      expect.stringMatching(/^[\da-f-]{36}$/),
    ])
  })

  it('takes the fields of a GET from the query', async () => {
    for (const name of ['ada', 'bob']) await seedUser('acme', name)
    const program = await programWith(['read'])
    const { body } = await program.ask('GET', '/users?connection=acme&limit=1')
    expect(body.users).toHaveLength(1)
    const none = await program.ask('GET', '/users?limit=0')
    expect(problemOf(none)).toEqual([400, 'invalid-input'])
    expect(none.body.errors).toEqual([{ field: 'limit', detail: 'must be 1 to 1000; it is "0"' }])
  })

  it('that refuses is a problem with its reason and facts', async () => {
    const program = await programWith(['all'])
    const reply = await program.ask('POST', '/users/eve/disable')
    expect(problemOf(reply)).toEqual([404, 'unknown-user'])
    expect(reply.body).toMatchObject({
      title: 'Not found',
      see: 'user list',
      instance: expect.stringMatching(/^urn:uuid:/),
    })
    const input = await program.ask('POST', '/admin-tokens', {
      body: { label: 'x', scopes: ['read'], expires: '2001-01-01' },
    })
    expect(problemOf(input)).toEqual([400, 'expiry'])
  })

  it('answers HEAD as GET without the body, and OPTIONS with what the path takes', async () => {
    const program = await programWith(['read'])
    const head = await program.ask('HEAD', '/users')
    expect([head.status, head.text]).toEqual([200, ''])
    const options = await program.ask('OPTIONS', '/admin-tokens')
    expect([options.status, options.text]).toEqual([204, ''])
    expect(options.headers.get('Allow')).toBe('GET, HEAD, OPTIONS, POST')
    const other = await program.ask('PUT', '/admin-tokens', { body: {} })
    expect(problemOf(other)).toEqual([405, 'method-not-allowed'])
    expect(other.headers.get('Allow')).toBe('GET, HEAD, OPTIONS, POST')
  })

  it('shows its words for people too, to a client that asks for them', async () => {
    await seedUser('acme', 'ada')
    const program = await programWith(['all'])
    const { body, headers } = await program.ask('POST', '/users/ada/disable', {
      headers: { Accept: 'application/vnd.gatehouse.answer+json' },
    })
    expect(headers.get('Content-Type')).toBe('application/vnd.gatehouse.answer+json')
    expect(body).toMatchObject({
      facts: { changed: true },
      view: [{ kind: 'sentence', text: expect.stringContaining('ada is disabled') }],
      undo: { operation: 'user enable' },
    })
  })

  it('shows the words of a refusal to the same client: what would be lost, what helps, which field', async () => {
    await seedConnection('acme')
    const program = await programWith(['all'])
    const headers = { Accept: 'application/vnd.gatehouse.answer+json' }
    const unconfirmed = await program.ask('POST', '/connections/acme/remove', { headers, body: {} })
    expect(problemOf(unconfirmed)).toEqual([409, 'unconfirmed'])
    expect(unconfirmed.body.refusal).toEqual({
      kind: 'conflict',
      view: [],
      see: { operation: 'connection disable', asks: null, input: { id: 'acme' } },
    })
    const twice = await program.ask('POST', '/users/ada/disable', { headers, body: {} })
    expect(twice.body.refusal).toMatchObject({ kind: 'not-found', see: { operation: 'user list' } })
    const faulty = await program.ask('PATCH', '/connections/acme', {
      headers,
      body: { 'sso-url': 'http://idp.example.com' },
    })
    expect(faulty.body.refusal).toMatchObject({
      kind: 'invalid',
      faults: [{ field: 'sso-url', problem: expect.stringContaining('https://') }],
    })
    const usual = await program.ask('POST', '/connections/acme/remove', { body: {} })
    expect(usual.body.reason).toBe('unconfirmed')
    expect(usual.body).not.toHaveProperty('refusal')
  })
})

describe('what a client accepts', () => {
  it.each(['application/json', '*/*', 'text/html, application/*;q=0.1', 'Application/JSON; q=1'])(
    'is met: %s',
    async (accept) => {
      const program = await programWith(['read'])
      const { status } = await program.ask('GET', '/users', { headers: { Accept: accept } })
      expect(status).toBe(200)
    },
  )

  it.each(['text/html', 'application/json;q=0', 'application/xml, text/*'])(
    'cannot be met: %s',
    async (accept) => {
      const program = await programWith(['read'])
      const reply = await program.ask('GET', '/users', { headers: { Accept: accept } })
      expect(problemOf(reply)).toEqual([406, 'not-acceptable'])
    },
  )
})

describe('a token', () => {
  it('is made by a token with every scope, and shown once', async () => {
    const program = await programWith(['all'])
    const made = await program.ask('POST', '/admin-tokens', {
      body: { label: 'Terraform', scopes: ['people', 'read'] },
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      label: 'Terraform',
      scopes: ['read', 'people'],
      madeBy: `test (token ${program.id})`,
      expiresAt: new Date(plusSeconds(now, 90 * 86_400)).toISOString(),
      secret: expect.stringMatching(/^gatehouse_admin_[A-Za-z0-9_-]{43}[A-Za-z0-9]{6}$/),
    })
    const listed = await program.ask('GET', '/admin-tokens')
    expect(listed.body.tokens.map(({ label }: { label: string }) => label)).toContain('Terraform')
    expect(listed.text).not.toContain(made.body.secret)
    const stored = await db.prepare('SELECT * FROM admin_tokens').all()
    const audit = await db.prepare('SELECT * FROM audit').all()
    expect(JSON.stringify([stored, audit])).not.toContain(made.body.secret.slice(16, 59))
  })

  it('is made for a year at most', async () => {
    const program = await programWith(['all'])
    const until = (days: number) => {
      const expires = new Date(plusSeconds(now, days * 86_400)).toISOString().slice(0, 10)
      const body = { label: 'x', scopes: ['read'], expires }
      return program.ask('POST', '/admin-tokens', { body })
    }
    expect((await until(365)).status).toBe(201)
    const longer = await until(368)
    expect(problemOf(longer)).toEqual([400, 'expiry'])
    expect(longer.text).toContain('within a year')
    const listed = await program.ask('GET', '/admin-tokens')
    expect(listed.body.tokens.filter(({ label }: { label: string }) => label === 'x')).toHaveLength(
      1,
    )
  })

  it('counts until it expires or is revoked, and the answers do not tell which', async () => {
    const isolate = createIsolate()
    const owner = await programWith(['all'], { isolate })
    const program = await programWith(['read'], { isolate, ends: plusSeconds(now, 60) })
    expect((await program.ask('GET', '/users', { at: plusSeconds(now, 59) })).status).toBe(200)
    const expired = await program.ask('GET', '/users', { at: plusSeconds(now, 60) })
    const revoked = await programWith(['read'], { isolate })
    expect((await owner.ask('DELETE', `/admin-tokens/${revoked.id}`)).body).toEqual({
      revoked: revoked.id,
    })
    // The last character is of a checksum, so any letter may be there.
    const other = program.token.endsWith('x') ? 'y' : 'x'
    const misspelt = { Authorization: `Bearer ${program.token.slice(0, -1)}${other}` }
    const unknown = { Authorization: `Bearer ${toAdminToken(new Uint8Array(32))}` }
    const answers = [
      expired,
      await revoked.ask('GET', '/users'),
      await owner.ask('GET', '/users', { headers: misspelt }),
      await owner.ask('GET', '/users', { headers: unknown }),
      await owner.ask('GET', '/nowhere', { headers: { Authorization: '' } }),
    ].map((reply) => ({
      ...reply.body,
      instance: null,
      challenge: reply.headers.get('WWW-Authenticate'),
    }))
    expect(answers[0]).toMatchObject({
      status: 401,
      reason: 'no-valid-token',
      challenge: 'Bearer realm="Gatehouse API"',
    })
    for (const answer of answers) expect(answer).toEqual(answers[0])
    const logged = said
      .flatMap((line) => (line.includes('"audit":"api-refused"') ? [JSON.parse(line)] : []))
      .slice(-answers.length)
    expect(logged).toEqual(
      answers.map(() =>
        expect.objectContaining({
          token: null,
          operation: null,
          status: 401,
          reason: 'no-valid-token',
        }),
      ),
    )
  })

  it('has its last use noted, once a minute', async () => {
    const program = await programWith(['all'])
    const lastUse = async () =>
      (await program.ask('GET', '/admin-tokens')).body.tokens[0].lastUsedAt
    await lastUse()
    await program.ask('GET', '/users', { at: plusSeconds(now, 59) })
    expect(await lastUse()).toBe(new Date(now).toISOString())
    await program.ask('GET', '/users', { at: plusSeconds(now, 60) })
    expect(await lastUse()).toBe(new Date(plusSeconds(now, 60)).toISOString())
  })

  it('that is wrong too often has to wait, and one that is right does not', async () => {
    const isolate = createIsolate()
    const program = await programWith(['read'], { isolate })
    const from = { 'CF-Connecting-IP': '192.0.2.70' }
    const wrong = { headers: { Authorization: 'Bearer wrong', ...from } }
    expect((await program.ask('GET', '/users', { headers: from })).status).toBe(200)
    expect((await program.ask('GET', '/users', wrong)).status).toBe(401)
    const late = await firstOver(() => program.ask('GET', '/users', wrong))
    expect(problemOf(late)).toEqual([429, 'too-many-failures'])
    expect(late.headers.get('Retry-After')).toBe('60')
    expect((await program.ask('GET', '/users', { headers: from })).status).toBe(200)
  })
})

it('is at the login host alone', async () => {
  const isolate = createIsolate()
  const program = await programWith(['all'], { isolate })
  const headers = { Authorization: `Bearer ${program.token}` }
  const statusAt = async (host: string) =>
    (await isolate(new Request(`${host}/.gatehouse/api/v1/users`, { headers }))).status
  expect([await statusAt(LOGIN), await statusAt(SITE)]).toEqual([200, 404])
})

it('has its OpenAPI document for everybody', async () => {
  const reply = await ask(null, createIsolate(), ['GET', '/openapi.json'])
  expect([reply.status, reply.headers.get('Content-Type')]).toEqual([200, 'application/json'])
  expect(reply.body).toEqual(document)
  expect((await ask(null, createIsolate(), ['POST', '/openapi.json'])).status).toBe(401)
})
