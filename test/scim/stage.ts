/** The whole Worker on real KV and D1, spoken to as a directory does. */
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { createGatehouse, type Gatehouse } from '../../src/app.ts'
import { insertToken } from '../../src/directory/token-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { hashScimToken, toScimToken } from '../../src/scim/token.ts'
import { keepSecret, said } from '../../tools/stage/evidence.ts'
import { fillDirectory } from '../../tools/stage/fill.ts'
import { addConnection, emptyStores } from '../support/session.ts'
import { fetchSettled, readReply, type Json, type Reply } from '../support/worker.ts'

export const SITE = 'https://app.example.com'
export const start = new Date('2026-11-24T12:00:00Z')

export const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

export type { Json, Reply }

export interface Asking {
  readonly token?: string | null
  readonly connection?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly db?: D1Database
  /** Another isolate: nothing is remembered. */
  readonly isolate?: Gatehouse
}

export interface Directory {
  readonly token: string
  readonly worker: Gatehouse
  ask(method: string, path: string, body?: unknown, asking?: Asking): Promise<Reply>
  get(path: string, asking?: Asking): Promise<Reply>
  post(path: string, body: unknown, asking?: Asking): Promise<Reply>
  put(path: string, body: unknown, asking?: Asking): Promise<Reply>
  patch(path: string, ...operations: readonly Json[]): Promise<Reply>
  remove(path: string, asking?: Asking): Promise<Reply>
  /** Its id. */
  user(fields?: Json): Promise<string>
  group(fields?: Json): Promise<string>
  find(type: 'Users' | 'Groups', filter: string, more?: string): Promise<Reply>
}

/** Nothing of a directory goes there. */
export const ORIGIN = { fetch: () => new Response('the page behind') }

export const newWorker = (connections: string[] | null = null) =>
  createGatehouse({
    revocationSeconds: 15,
    sites: [
      {
        url: SITE,
        origin: { service: 'ORIGIN' },
        routes: [{ path: '/', access: 'signed-in' }],
        session: { absoluteSeconds: 8 * 3600, idleSeconds: null },
        connections,
      },
    ],
  })

export async function addToken(
  connection: string,
  fields: { readonly id?: string; readonly expiresAt?: number | null } = {},
): Promise<string> {
  const token = toScimToken(crypto.getRandomValues(new Uint8Array(32)))
  keepSecret(token)
  await insertToken(
    env.DB,
    {
      id: fields.id ?? crypto.randomUUID(),
      connection,
      label: 'test',
      createdAt: toInstant(start.getTime()),
      expiresAt: typeof fields.expiresAt === 'number' ? toInstant(fields.expiresAt) : null,
    },
    await hashScimToken(token),
  ).run()
  return token
}

export async function createDirectory(): Promise<Directory> {
  vi.useFakeTimers({ toFake: ['Date'], now: start })
  await emptyStores()
  await addConnection('okta', 'scim')
  await addConnection('entra', 'scim')
  return directoryOf('okta')
}

export async function directoryOf(connection: string): Promise<Directory> {
  const token = await addToken(connection)
  const worker = newWorker()
  let count = 0
  const directory: Directory = {
    token,
    worker,
    async ask(method, path, body, asking = {}) {
      const { db = env.DB, isolate = worker } = asking
      const headers = new Headers({ 'Content-Type': 'application/scim+json' })
      const bearer = asking.token === undefined ? token : asking.token
      if (bearer !== null) headers.set('Authorization', `Bearer ${bearer}`)
      for (const [name, value] of Object.entries(asking.headers ?? {})) headers.set(name, value)
      const url = `${SITE}/.gatehouse/scim/${asking.connection ?? connection}/v2${path}`
      const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
      const request = new Request(url, { method, headers, body: sent ?? null })
      const reply = await readReply(
        await fetchSettled(isolate, request, { ...env, LIMITS: env.FEW, DB: db, ORIGIN }),
      )
      said.push(reply.text)
      return reply
    },
    get: (path, asking) => directory.ask('GET', path, undefined, asking),
    post: (path, body, asking) => directory.ask('POST', path, body, asking),
    put: (path, body, asking) => directory.ask('PUT', path, body, asking),
    patch: (path, ...Operations) =>
      directory.ask('PATCH', path, { schemas: [PATCH_OP], Operations }),
    remove: (path, asking) => directory.ask('DELETE', path, undefined, asking),
    async user(fields = {}) {
      const made = await directory.post('/Users', { userName: `user-${++count}`, ...fields })
      if (made.status !== 201) throw new Error(made.text)
      return made.body.id
    },
    async group(fields = {}) {
      const made = await directory.post('/Groups', { displayName: `group-${++count}`, ...fields })
      if (made.status !== 201) throw new Error(made.text)
      return made.body.id
    },
    find: (type, filter, more = '') =>
      directory.get(`/${type}?filter=${encodeURIComponent(filter)}${more}`),
  }
  return directory
}

/** Names of those whom a list has. */
export const namesOf = (reply: Reply): readonly string[] =>
  reply.body.Resources.map((each: Json) => each.userName ?? each.displayName)

/** People and groups of before, many at once. */
export const fill = (connection: string, users: number, groups = 0, prefix = 'u'): Promise<void> =>
  fillDirectory(env.DB, { connection, users, groups, prefix }, start.getTime())
