/** A whole journey by a client that a library makes of the OpenAPI document. */
import { readFileSync } from 'node:fs'
import { Validator } from '@cfworker/json-schema'
import { AxiosError, type AxiosAdapter, type AxiosResponse } from 'axios'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { OpenAPIClientAxios } from 'openapi-client-axios'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { hashAdminToken, toAdminToken } from '../src/admin/admin-token.ts'
import { insertAdminToken } from '../src/admin/admin-token-store.ts'
import { admin } from '../src/admin-entry.ts'
import { createGatehouse } from '../src/app.ts'
import { provision } from './support/provision.ts'
import { plusSeconds, toInstant } from '../src/lib/instant.ts'
import { migrate } from '../tools/stage/migrate.ts'
import { fetchSettled, type Json } from './support/worker.ts'

const LOGIN = 'https://login.example.com'

const document: Json = JSON.parse(readFileSync('assets/.gatehouse/assets/openapi.json', 'utf8'))
const sspMetadata = readFileSync('test/vectors/responses/metadata/ssp.xml', 'utf8')

/** KV and D1 are real; the Worker runs here. */
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    modules: true,
    script: 'export default {}',
    compatibilityDate: '2026-11-17',
    kvNamespaces: ['SESSIONS'],
    d1Databases: ['DB'],
  }),
)
interface Stores {
  readonly DB: D1Database
  readonly SESSIONS: KVNamespace
}
let stores: Stores
beforeAll(async () => {
  stores = await miniflare.getBindings<Stores>()
  await migrate(stores.DB)
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
})
afterAll(() => miniflare.dispose())

type Isolate = (request: Request) => Promise<Response>

function createIsolate(): Isolate {
  const worker = createGatehouse(
    {
      loginHost: { url: LOGIN },
      sites: [
        {
          url: 'https://app.example.com',
          origin: 'https://origin.example.com',
          routes: [{ path: '/', access: 'signed-in' }],
        },
      ],
    },
    { admin },
  )
  const GATEHOUSE_SECRET = btoa('x'.repeat(32))
  return async (request) => {
    return fetchSettled(worker, request, { ...stores, GATEHOUSE_SECRET })
  }
}

async function makeToken(): Promise<string> {
  const secret = toAdminToken(crypto.getRandomValues(new Uint8Array(32)))
  const now = toInstant(Date.now())
  const times = { createdAt: now, expiresAt: plusSeconds(now, 3600) }
  const token = {
    id: 'first',
    label: 'journey',
    scopes: ['all'],
    madeBy: 'Grace',
    maker: null,
    ...times,
  } as const
  await insertAdminToken(stores.DB, token, await hashAdminToken(secret))
  return secret
}

/** As a sign-in makes a user. */
async function signIn(name: string): Promise<void> {
  const names = { subject: name, userName: name, email: null, displayName: null }
  const person = { connection: 'acme', ...names, groups: [], attributes: {} }
  const now = toInstant(Date.now())
  await provision(stores.DB, person, { mode: 'jit+scim', join: 'user-name', newId: name, now })
}

/** The answers, by the operation that the document has for them. */
const answered: { readonly operation: string; readonly status: number; readonly body: unknown }[] =
  []

/** axios fetches from the Worker itself. */
const adapterTo =
  (isolate: Isolate): AxiosAdapter =>
  async (config) => {
    const url = new URL(`${config.baseURL ?? ''}${config.url ?? ''}`)
    const params = new URLSearchParams(config.params ?? {})
    url.search = String(params)
    const headers = new Headers(config.headers.toJSON() as Record<string, string>)
    const body: unknown = config.data
    const request = new Request(url, {
      method: config.method?.toUpperCase() ?? 'GET',
      headers,
      body: typeof body === 'string' ? body : null,
    })
    const response = await isolate(request)
    const answer: AxiosResponse = {
      data: await response.json(),
      status: response.status,
      statusText: '',
      headers: Object.fromEntries(response.headers),
      config,
    }
    if (response.ok) return answer
    throw new AxiosError('refused', String(answer.status), config, null, answer)
  }

async function clientOf(isolate: Isolate, token: string) {
  const definition = { ...document, servers: [{ url: LOGIN + String(document.servers[0].url) }] }
  const api = new OpenAPIClientAxios({
    definition,
    axiosConfigDefaults: {
      adapter: adapterTo(isolate),
      headers: { Authorization: `Bearer ${token}` },
    },
  })
  const client = await api.init()
  /** Calls an operation by its name, and keeps the answer to be held against the document. */
  return async (
    operation: string,
    given: Readonly<Record<string, string | number>> = {},
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly body: Json; readonly headers: Json }> => {
    const call = client[operation]
    if (typeof call !== 'function') throw new Error(`the document has no ${operation}`)
    const reply = await call(given, body, { headers }).catch((error: unknown) => {
      if (error instanceof AxiosError && error.response) return error.response
      throw error
    })
    answered.push({ operation, status: reply.status, body: reply.data })
    return { status: reply.status, body: reply.data, headers: reply.headers }
  }
}

it('connects an identity provider, provisions, finds people page by page, switches one, and cleans up', async () => {
  const isolate = createIsolate()
  const token = await makeToken()
  const call = await clientOf(isolate, token)

  // A connection, from metadata.
  const added = await call('connectionAdd', {}, { id: 'acme', metadata: sspMetadata })
  expect(added.status).toBe(201)
  expect(added.body.connection).toMatchObject({ id: 'acme', enabled: true })
  expect((await call('connectionAdd', {}, { id: 'acme', metadata: sspMetadata })).status).toBe(409)

  // Two operators change it: the second is told.
  const shown = await call('connectionShow', { id: 'acme' })
  const version = { 'If-Match': shown.headers.etag }
  expect(version['If-Match']).toMatch(/^"[^"]+"$/)
  const named = await call('connectionUpdate', { id: 'acme' }, { 'display-name': 'One' }, version)
  expect(named.body.connection.displayName).toBe('One')
  const late = await call('connectionUpdate', { id: 'acme' }, { 'display-name': 'Two' }, version)
  expect([late.status, late.body.title]).toEqual([412, 'Changed meanwhile'])
  const kept = await call('connectionShow', { id: 'acme' })
  expect(kept.body.connection.displayName).toBe('One')
  expect(kept.headers.etag).not.toBe(shown.headers.etag)

  // A token for the directory, asked for twice because the network broke.
  const key = { 'Idempotency-Key': '"journey-1"' }
  const asked = ['scimTokenCreate', { connection: 'acme' }, { label: 'Okta' }, key] as const
  const first = await call(...asked)
  const again = await call(...asked)
  expect(first.status).toBe(201)
  expect(first.body.secret).toMatch(/^gatehouse_scim_/)
  expect(again.body).toEqual(first.body)
  const tokens = await call('scimTokenList', { connection: 'acme' })
  expect(tokens.body.tokens).toHaveLength(1)

  // People, two at a time.
  for (const name of ['ada', 'bob', 'eve', 'kim', 'lea']) await signIn(name)
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await call('userList', { limit: 2, ...(cursor ? { cursor } : {}) })
    expect(page.status).toBe(200)
    found.push(...page.body.users.map(({ userName }: Json) => userName))
    cursor = page.body.next
    if (cursor) expect(page.headers.link).toContain(`cursor=${encodeURIComponent(cursor)}`)
  } while (cursor)
  expect(found.toSorted()).toEqual(['ada', 'bob', 'eve', 'kim', 'lea'])

  // One is kept out, and let in again.
  const out = await call('userDisable', { user: 'ada' }, {})
  expect(out.body).toMatchObject({ changed: true, user: { userName: 'ada', barred: true } })
  const back = await call('userEnable', { user: 'ada' }, {})
  expect(back.body).toMatchObject({ changed: true, user: { barred: false } })

  // The tokens end.
  const revoked = await call('scimTokenRevoke', { token: first.body.id })
  expect(revoked.body).toEqual({ revoked: first.body.id })
  const mine = (await call('adminTokenList')).body.tokens[0].id
  expect((await call('adminTokenRevoke', { token: mine })).status).toBe(200)
  expect((await call('userList')).status).toBe(401)

  expect(answered.length).toBeGreaterThan(15)
  expect(answered.flatMap(astray)).toEqual([])
  expect(astray({ operation: 'userList', status: 200, body: { users: [{}] } })).toHaveLength(1)
})

/** What an answer has that the document does not say, judged by a library. */
function astray({ operation, status, body }: (typeof answered)[number]): readonly string[] {
  const described = Object.values<Json>(document.paths)
    .flatMap((path) => Object.values<Json>(path))
    .find(({ operationId }) => operationId === operation)
  const success = described?.responses[status]?.content['application/json'].schema
  const schema = status < 400 ? success : document.components.schemas.Problem
  if (!schema) return [`${operation}: the document has no ${status}`]
  const { valid, errors } = new Validator(schema, '2020-12').validate(body)
  return valid ? [] : [`${operation}: ${JSON.stringify(errors)}`]
}
