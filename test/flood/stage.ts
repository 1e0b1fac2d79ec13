/** The whole Worker with console and API, and everything counted that a request makes it do. */
import { env } from 'cloudflare:workers'
import { Hono } from 'hono/tiny'
import { vi } from 'vitest'
import { admin } from '../../src/admin-entry.ts'
import { createGatehouse } from '../../src/app.ts'
import { sloPath } from '../../src/lib/paths.ts'
import { places } from '../../src/own.ts'
import { Scanner } from '../../src/saml/xml/scanner.ts'
import { recording } from '../../tools/stage/recording.ts'
import { A, LOGIN, three } from '../login/person.ts'
import { watched } from '../support/binding.ts'
import { fetchSettled } from '../support/worker.ts'

const merges = vi.spyOn(Hono.prototype, 'route')
const xml = vi.spyOn(Scanner.prototype, 'write')
const expensive = {
  verify: vi.spyOn(crypto.subtle, 'verify'),
  sign: vi.spyOn(crypto.subtle, 'sign'),
  decrypt: vi.spyOn(crypto.subtle, 'decrypt'),
}

export const config = {
  ...three({ [A]: { oauth: true, deviceBinding: 'offer' } }),
  loginHost: { url: LOGIN, deviceBinding: 'offer' as const },
  oauth: { registration: 'loopback' as const, device: 'on' as const },
  admins: { owner: { group: 'administrators', connection: 'okta' } },
}

/** The address of everybody here. */
const STRANGER = '203.0.113.50'

export interface Cost {
  readonly kvReads: number
  readonly kvWrites: number
  readonly reads: number
  readonly writes: number
  /** Of D1, index rows included. */
  readonly rowsWritten: number
  /** Signatures made or verified, and keys unwrapped, by RSA or an elliptic curve. */
  readonly publicKey: number
  /** Characters that the reader of XML was given. */
  readonly xml: number
}

export interface Isolate {
  readonly send: (request: Request) => Promise<Response>
  /** What was done since the last call. */
  readonly take: () => Cost
  /** Loads all parts. */
  readonly loadAll: () => Promise<void>
  /** Every route of the parts that are loaded: method and path. */
  readonly routes: () => readonly string[]
  /** The routes that answer a request. */
  readonly routesOf: (request: Request) => readonly string[]
}

/** HMAC and AES take microseconds, whatever is sent. */
const isPublicKey = (call: readonly unknown[]): boolean => {
  const [algorithm] = call
  const name = typeof algorithm === 'string' ? algorithm : String(Object(algorithm)['name'])
  return /^(RSA|ECDSA|Ed25519)/i.test(name)
}

const isWrite = ({ sql }: { readonly sql: string }): boolean => !/^\s*SELECT/i.test(sql)

export function createIsolate(bindings: object = {}): Isolate {
  const kv = watched(env.SESSIONS)
  const db = recording(env.DB)
  const worker = createGatehouse(config, { admin })
  const merged = merges.mock.contexts.length
  const all = {
    ...env,
    SESSIONS: kv.binding,
    DB: db.binding,
    ASSETS: { fetch: () => new Response('a file') },
    ORIGIN: { fetch: () => new Response('the page behind') },
    ...bindings,
  }
  const take = (): Cost => {
    const kvReads = kv.calls.filter((call) => call === 'get').length
    const cost = {
      kvReads,
      kvWrites: kv.calls.length - kvReads,
      reads: db.statements.filter((statement) => !isWrite(statement)).length,
      writes: db.statements.filter(isWrite).length,
      rowsWritten: db.written(),
      publicKey: Object.values(expensive).flatMap(({ mock }) => mock.calls.filter(isPublicKey))
        .length,
      xml: xml.mock.calls.reduce(
        (sum, [chunk]) => sum + (typeof chunk === 'string' ? chunk.length : 0),
        0,
      ),
    }
    kv.calls.length = 0
    db.forget()
    for (const spy of [...Object.values(expensive), xml]) spy.mockClear()
    return cost
  }
  /** The app of each part: other apps are merged into it, and it into none. */
  const own = (): readonly Hono[] => {
    const { contexts, calls } = merges.mock
    const inner = new Set<unknown>(calls.map(([, app]) => app))
    const apps = new Set(contexts.slice(merged).filter((each) => each instanceof Hono))
    return [...apps].filter((app) => !inner.has(app))
  }
  const nameOf = ({ method, path }: { readonly method: string; readonly path: string }) =>
    `${method} ${path}`
  /** A middleware stands before every route, and answers none. */
  const middleware = new Set(['ALL /*', 'ALL *'])
  return {
    send(request) {
      request.headers.set('CF-Connecting-IP', STRANGER)
      return fetchSettled(worker, request, all)
    },
    take,
    async loadAll() {
      const others = ['/.gatehouse/health', sloPath('okta')]
      for (const path of [...others, ...Object.values(places).map(([first]) => first)]) {
        await fetchSettled(worker, new Request(`${LOGIN}${path}`), all)
      }
      take()
    },
    routes: () => [
      ...new Set(
        own()
          .flatMap(({ routes }) => routes.map(nameOf))
          .filter((name) => !middleware.has(name)),
      ),
    ],
    routesOf: ({ method, url }) =>
      own().flatMap(({ router }) =>
        router.match(method, new URL(url).pathname)[0].map(([[, route]]) => nameOf(route)),
      ),
  }
}
