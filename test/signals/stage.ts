/** A Worker with people who are signed in, and a stream of events. */
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { insertStream } from '../../src/signals/store.ts'
import type { Stream } from '../../src/signals/stream.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import type { Browser } from '../support/browser.ts'
import { fetchSettled, readReply, type Reply } from '../support/worker.ts'
import { AUDIENCE, createSigner, ISSUER, type Fields, type Signer } from './signer.ts'
import { configOf, createStage, SITE, start, type Stage } from '../login/stage.ts'

export * from './signer.ts'
export const { DB: db } = env
export { SITE, start }

export const streamOf = (signer: Signer, fields: Partial<Stream> = {}): Stream => ({
  id: 'stream-1',
  connection: 'okta',
  issuer: ISSUER,
  delivery: 'push',
  audience: [AUDIENCE],
  authorizationHash: null,
  token: null,
  remote: null,
  jwksUrl: `${ISSUER}/jwks.json`,
  jwks: [signer.jwk],
  jwksAt: toInstant(start.getTime() - 3_600_000),
  expected: null,
  verifiedAt: null,
  lastEventAt: null,
  status: 'enabled',
  fault: null,
  polledAt: null,
  createdAt: toInstant(start.getTime()),
  ...fields,
})

export const emptySignals = () =>
  db.batch(
    ['audit', 'signals_taken', 'signal_streams', 'sign_ins', 'users', 'connections'].map((table) =>
      db.prepare(`DELETE FROM ${table}`),
    ),
  )

/** Another isolate, with bindings of its own. */
export async function postTo(
  bindings: Readonly<Record<string, unknown>>,
  path: string,
  init: RequestInit,
): Promise<Reply> {
  const request = new Request(`${SITE}/.gatehouse/${path}`, { method: 'POST', ...init })
  const ORIGIN = { fetch: () => new Response() }
  const all = { ...env, ORIGIN, ...bindings }
  return readReply(await fetchSettled(createGatehouse(configOf()), request, all))
}
export const pushTo = (bindings: Readonly<Record<string, unknown>>, body: string): Promise<Reply> =>
  postTo(bindings, 'signals/stream-1', {
    body,
    headers: { 'Content-Type': 'application/secevent+jwt' },
  })

export interface SignalStage extends Stage {
  readonly signer: Signer
  /** Signs a person in with this NameID; the browser. */
  enter(nameId: string, fields?: { sessionIndex?: string }): Promise<Browser>
  push(token: string, more?: { stream?: string; headers?: Record<string, string> }): Promise<Reply>
  revoke(token: string | null, body: unknown, connection?: string): Promise<Reply>
}

export async function createSignals(fields: Partial<Stream> = {}): Promise<SignalStage> {
  const stage = await createStage()
  const signer = await createSigner()
  await insertStream(db, streamOf(signer, fields))
  const post = async (path: string, init: RequestInit) =>
    readReply(
      await stage.send(new Request(`${SITE}/.gatehouse/${path}`, { method: 'POST', ...init })),
    )
  return {
    ...stage,
    signer,
    async enter(nameId, more = {}) {
      const browser = stage.browser()
      const { status } = await stage.signIn(browser, '/', { nameId, ...more })
      if (status !== 303) throw new Error(`the sign-in of ${nameId} answered ${status}`)
      return browser
    },
    push: (body, { stream = 'stream-1', headers = {} } = {}) =>
      post(`signals/${stream}`, {
        body,
        headers: { 'Content-Type': 'application/secevent+jwt', ...headers },
      }),
    revoke: (token, body, connection = 'okta') =>
      post(`revocation/${connection}`, {
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          'Content-Type': 'application/json',
          ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        },
      }),
  }
}

/** Whether the browser still gets the page behind, once the isolate has asked the stores again. */
export async function isIn(browser: Browser): Promise<boolean> {
  pass(16)
  const { status } = await browser.go(`${SITE}/`)
  return status === 200
}

export const pass = (time: number): void => void vi.setSystemTime(Date.now() + time * 1000)

/** Another connection, whose identity provider has keys of its own. */
export async function seedPartner(): Promise<TestIdp> {
  const idp = await createTestIdp({ entityId: 'https://partner.example.com/saml' })
  const partner = connectionOf(idp, { id: 'partner', ssoUrl: 'https://partner.example.com/sso' })
  await saveConnection(db, partner, toInstant(start.getTime()))
  return idp
}

/** The events about signals that the audit has, the oldest first. */
export async function told(): Promise<readonly Fields[]> {
  const { results } = await db
    .prepare(
      `SELECT kind, connection, user_id AS user, facts FROM audit WHERE kind LIKE 'signal%'
       ORDER BY at, share, nth`,
    )
    .all<{ kind: string; connection: string; user: string | null; facts: string }>()
  return results.map(({ kind, connection, user, facts }) => ({
    kind,
    connection,
    user,
    ...JSON.parse(facts),
  }))
}

export const userOf = async (name: string): Promise<string> =>
  (await db.prepare('SELECT id FROM users WHERE subject = ?1').bind(name).first<string>('id')) ?? ''
