/** The API on the real D1, asked as a program asks. */
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { hashAdminToken, toAdminToken } from '../../src/admin/admin-token.ts'
import { insertAdminToken } from '../../src/admin/admin-token-store.ts'
import { admin } from '../../src/admin-entry.ts'
import type { Scope } from '../../src/admin/context.ts'
import { createGatehouse } from '../../src/app.ts'
import { encodeBase64 } from '../../src/lib/bytes.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { keepSecret, said } from '../../tools/stage/evidence.ts'
import { now } from '../admin/stage.ts'
import { fetchSettled, readReply, type Reply } from '../support/worker.ts'

export const LOGIN = 'https://login.example.com'
export const API = `${LOGIN}/.gatehouse/api/v1`

export const SITE = 'https://app.example.com'

/** An isolate of the Worker, which remembers wrong tokens. */
export type Isolate = (request: Request, at?: Instant) => Promise<Response>

/** @param secret one byte of GATEHOUSE_SECRET, repeated. */
export function createIsolate({
  db = env.DB,
  secret = 7,
}: { readonly db?: D1Database; readonly secret?: number } = {}): Isolate {
  const worker = createGatehouse(
    {
      loginHost: { url: LOGIN },
      sites: [
        {
          url: SITE,
          origin: { url: 'https://origin.example.com' },
          routes: [{ path: '/', access: 'signed-in' }],
          session: { absoluteSeconds: 28_800, idleSeconds: null },
        },
      ],
    },
    { admin },
  )
  const GATEHOUSE_SECRET = encodeBase64(new Uint8Array(32).fill(secret))
  return async (request, at = now) => {
    vi.useFakeTimers({ toFake: ['Date'], now: at })
    return fetchSettled(worker, request, { ...env, LIMITS: env.FEW, DB: db, GATEHOUSE_SECRET })
  }
}

export interface Asking {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly at?: Instant
  readonly isolate?: Isolate
}

/** A program with a token. */
export interface Program {
  readonly token: string
  readonly id: string
  readonly ask: (method: string, path: string, asking?: Asking) => Promise<Reply>
}

let count = 0

interface Making {
  readonly isolate?: Isolate
  readonly ends?: Instant
  /** The id of the user who made the token. */
  readonly maker?: string | null
}

export async function programWith(
  scopes: readonly Scope[],
  { isolate = createIsolate(), ends = plusSeconds(now, 3600), maker = null }: Making = {},
): Promise<Program> {
  const secret = toAdminToken(crypto.getRandomValues(new Uint8Array(32)))
  keepSecret(secret)
  const id = `token-${++count}`
  const made = { madeBy: 'Grace', maker, createdAt: now, expiresAt: ends }
  const token = { id, label: 'test', scopes, ...made }
  await insertAdminToken(env.DB, token, await hashAdminToken(secret))
  return { token: secret, id, ask: (...asked) => ask(secret, isolate, asked) }
}

/** @param token null: the program sends none. */
export async function ask(
  token: string | null,
  isolate: Isolate,
  [method, path, asking = {}]: Parameters<Program['ask']>,
): Promise<Reply> {
  const headers = new Headers(
    asking.body === undefined ? {} : { 'Content-Type': 'application/json' },
  )
  if (token !== null) headers.set('Authorization', `Bearer ${token}`)
  for (const [name, value] of Object.entries(asking.headers ?? {})) headers.set(name, value)
  const { body } = asking
  const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  const request = new Request(API + path, { method, headers, body: sent ?? null })
  return readReply(await (asking.isolate ?? isolate)(request, asking.at))
}

/** Errors must never repeat a secret, so they are evidence. */
export function problemOf(reply: Reply): readonly [number, string] {
  said.push(reply.text)
  if (reply.headers.get('Content-Type') !== 'application/problem+json') throw new Error(reply.text)
  if (reply.body.status !== reply.status) throw new Error(reply.text)
  return [reply.status, reply.body.reason]
}
