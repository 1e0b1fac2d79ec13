/** Every route that reads a body stops at its bound, also where nothing says how long the body is. */
import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { insertAdminToken } from '../../src/admin/admin-token-store.ts'
import { hashAdminToken, toAdminToken } from '../../src/admin/admin-token.ts'
import { insertToken } from '../../src/directory/token-store.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { hashScimToken, toScimToken } from '../../src/scim/token.ts'
import { insertStream } from '../../src/signals/store.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'
import { createHandOver } from '../console/handed.ts'
import { CONSOLE, owner, withConsole } from '../console/stage.ts'
import { A, LOGIN } from '../login/person.ts'
import { start, type Stage } from '../login/stage.ts'
import { createSigner, nowSeconds, signToken, streamOf } from '../signals/stage.ts'
import { beginAt } from './requests.ts'
import { config, createIsolate } from './stage.ts'

const OWN = `${LOGIN}/.gatehouse`
const KIB = 1024
const CHUNK = 16 * KIB
const FORM = 'application/x-www-form-urlencoded'

interface Reading {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** What is read at most, in bytes. */
  readonly bound: number
  /** Of the answer to a body that is too large. */
  readonly status: number
}

let stage: Stage
let readings: Readonly<Record<string, readonly Reading[]>>

/** These stand before other routes and read nothing, or answer without the body. */
const readNothing = [
  'ALL /.gatehouse/admin',
  'ALL /.gatehouse/admin/*',
  'ALL /.gatehouse/hand-over',
  'ALL /.gatehouse/hand-over/*',
  'ALL /.gatehouse/assets',
  'ALL /.gatehouse/assets/*',
  'ALL /.gatehouse/scim',
  'POST /.gatehouse/admin/leave',
  'POST /.gatehouse/device/register',
  'POST /.gatehouse/device/refresh',
]

beforeAll(async () => {
  const { loginHost, oauth, sites } = config
  const made = await createHandOver(withConsole({ loginHost, oauth, sites }))
  stage = made.stage
  const now = toInstant(start.getTime())
  const random = () => crypto.getRandomValues(new Uint8Array(32))
  const scimToken = toScimToken(random())
  const row = { id: 'scim', connection: 'okta', label: 'test', createdAt: now, expiresAt: null }
  await insertToken(env.DB, row, await hashScimToken(scimToken)).run()
  const adminToken = toAdminToken(random())
  keepSecret(scimToken, adminToken)
  await insertAdminToken(
    env.DB,
    {
      id: 'api',
      label: 'test',
      scopes: ['all'],
      madeBy: 'Olga',
      maker: null,
      createdAt: now,
      expiresAt: plusSeconds(now, 3600),
    },
    await hashAdminToken(adminToken),
  )
  await insertStream(env.DB, streamOf(await createSigner()))
  const revocation = await signToken(
    { alg: 'RS256', key: stage.idp.keys.privateKey },
    { typ: 'global-token-revocation+jwt' },
    {
      iss: stage.idp.entityId,
      aud: `${OWN}/revocation/okta`,
      iat: nowSeconds(),
      exp: nowSeconds() + 300,
      jti: 'revocation-1',
    },
  )
  const olga = owner(stage)
  await olga.open(CONSOLE)
  const handed = await made.handed()
  const cookieOf = (person: typeof olga) => ({
    Cookie: [...person.at(LOGIN).cookies].map(([name, { value }]) => `${name}=${value}`).join('; '),
  })
  const { cookie } = await beginAt({ send: (request) => stage.send(request) })

  const form = (url: string, bound: number, status: number, more = {}): Reading => ({
    url,
    headers: {
      Origin: new URL(url).origin,
      'Sec-Fetch-Site': 'same-origin',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
      Accept: 'text/html',
      'Content-Type': FORM,
      ...more,
    },
    bound,
    status,
  })
  const token = (path: string, bound: number, bearer: string, type = 'application/json') => ({
    url: OWN + path,
    headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': type },
    bound,
    status: 413,
  })
  const small = 16 * KIB
  readings = {
    // A small form of ours that is too long counts as one without fields.
    'POST /.gatehouse/login': [form(`${OWN}/login`, small, 200)],
    'POST /.gatehouse/switch': [form(`${OWN}/switch`, small, 303)],
    'POST /.gatehouse/test-sign-in': [form(`${OWN}/test-sign-in`, small, 400)],
    'POST /.gatehouse/arrive': [form(`${A}/.gatehouse/arrive`, small, 303)],
    'POST /.gatehouse/logout': [form(`${OWN}/logout`, small, 200)],
    'POST /.gatehouse/saml/:connection/acs': [
      form(`${OWN}/saml/okta/acs`, 512 * KIB, 403, { Cookie: cookie }),
    ],
    'POST /.gatehouse/saml/:connection/slo': [form(`${OWN}/saml/okta/slo`, 512 * KIB, 403)],
    'POST /.gatehouse/saml/:connection/slo/soap': [
      form(`${OWN}/saml/okta/slo/soap`, 64 * KIB, 500),
    ],
    'POST /.gatehouse/form': [form(`${A}/.gatehouse/form`, 100 * KIB, 410)],
    'POST /.gatehouse/signals/:stream': [
      token('/signals/stream-1', 64 * KIB, 'x', 'application/secevent+jwt'),
    ],
    'POST /.gatehouse/revocation/:connection': [
      { ...token('/revocation/okta', small, revocation), status: 400 },
    ],
    'ALL /.gatehouse/scim/*': [
      token('/scim/okta/v2/Users', 1024 * KIB, scimToken),
      token('/scim/okta/v2/Groups', 8 * 1024 * KIB, scimToken),
      token('/scim/okta/v2/Bulk', 1024 * KIB, scimToken),
      token('/scim/okta/v2/.search', 1024 * KIB, scimToken),
    ],
    'ALL /.gatehouse/api/v1/*': [token('/api/v1/connections', 2048 * KIB, adminToken)],
    'POST /.gatehouse/admin/enter': [form(`${OWN}/admin/enter`, 1024 * KIB, 403)],
    'POST /.gatehouse/admin/do/:slug': [
      form(`${OWN}/admin/do/user-disable`, 1024 * KIB, 413, cookieOf(olga)),
    ],
    'POST /.gatehouse/hand-over/enter': [form(`${OWN}/hand-over/enter`, 1024 * KIB, 403)],
    'POST /.gatehouse/hand-over/:action': [
      form(`${OWN}/hand-over/metadata`, 1024 * KIB, 413, cookieOf(handed)),
    ],
    'POST /.gatehouse/oauth/authorize': [
      form(`${OWN}/oauth/authorize`, small, 400, cookieOf(olga)),
    ],
    'POST /.gatehouse/oauth/device': [form(`${OWN}/oauth/device`, small, 400, cookieOf(olga))],
    'POST /.gatehouse/oauth/grants': [form(`${OWN}/oauth/grants`, small, 303, cookieOf(olga))],
    'POST /.gatehouse/oauth/token': [form(`${OWN}/oauth/token`, small, 400)],
    'POST /.gatehouse/oauth/revoke': [form(`${OWN}/oauth/revoke`, small, 400)],
    'POST /.gatehouse/oauth/device-authorization': [
      form(`${OWN}/oauth/device-authorization`, small, 400),
    ],
    'POST /.gatehouse/oauth/register': [
      form(`${OWN}/oauth/register`, small, 400, { 'Content-Type': 'application/json' }),
    ],
    // The gate keeps a form of somebody without a session.
    'the gate': [form(`${A}/page`, 64 * KIB, 401)],
  }
})

interface Pulled {
  bytes: number
  isCancelled: boolean
}

/** Without an end, and without a Content-Length. */
function endless(): { readonly body: ReadableStream<Uint8Array>; readonly pulled: Pulled } {
  const pulled: Pulled = { bytes: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled.bytes += CHUNK
        controller.enqueue(new Uint8Array(CHUNK).fill(0x61))
      },
      cancel() {
        pulled.isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, pulled }
}

it('every route that may read a body is known here', async () => {
  const isolate = createIsolate()
  await isolate.loadAll()
  // A preflight and a GET have no body.
  const routes = isolate.routes().filter((route) => !/^(GET|OPTIONS) /.test(route))
  expect(routes.length).toBeGreaterThan(20)
  const known = [...Object.keys(readings), ...readNothing]
  expect(routes.filter((route) => !known.includes(route))).toEqual([])
})

it('each of them stops reading a body without an end, and refuses it', async () => {
  const seen: unknown[] = []
  const expected: unknown[] = []
  for (const [route, list] of Object.entries(readings)) {
    for (const { url, headers, bound, status } of list) {
      const { body, pulled } = endless()
      const answer = await stage.send(
        new Request(url, { method: 'POST', headers, body, redirect: 'manual' }),
      )
      const isBounded = pulled.bytes <= bound + 4 * CHUNK && pulled.bytes >= Math.min(bound, CHUNK)
      seen.push([route, url, answer.status, pulled.isCancelled, isBounded || pulled.bytes])
      expected.push([route, url, status, true, true])
    }
  }
  expect(seen).toEqual(expected)
})

it('what nobody reads is dropped piece by piece, and after 100 MB not even taken', async () => {
  const { body, pulled } = endless()
  const request = new Request(`${OWN}/scim/okta/v2/Users`, { method: 'POST', body })
  expect((await stage.send(request)).status).toBe(401)
  expect(pulled.isCancelled).toBe(true)
  expect(pulled.bytes).toBeLessThanOrEqual(100 * KIB * KIB + 2 * CHUNK)
})
