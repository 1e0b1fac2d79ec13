/**
 * A Worker with people who are signed in, and transmitters whose tokens another library signs
 * (`@tsndr/cloudflare-worker-jwt`), so that our own JOSE library is not the only witness.
 */
import { env } from 'cloudflare:workers'
import { sign } from '@tsndr/cloudflare-worker-jwt'
import { vi } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { hashText } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import type { PublicJwk } from '../../src/signals/keys.ts'
import { insertStream } from '../../src/signals/store.ts'
import type { Stream } from '../../src/signals/stream.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'
import type { Browser } from '../support/browser.ts'
import { fetchSettled, readReply, type Reply } from '../support/worker.ts'
import { configOf, createStage, SITE, start, type Stage } from '../login/stage.ts'

export const { DB: db } = env
export { SITE, start }

export const ISSUER = 'https://tr.example.com'
export const AUDIENCE = 'https://sp.example.com/caep'
export const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
export const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'
export const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/'
export const seconds = (at: Date | number): number => Math.floor(Number(at) / 1000)
export const nowSeconds = (): number => seconds(Date.now())

export interface Signer {
  readonly kid: string
  readonly alg: string
  readonly key: CryptoKey
  readonly jwk: PublicJwk
}

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
}

export async function createSigner(kid = 'key-1', alg = 'RS256', bits = 2048): Promise<Signer> {
  const algorithm = alg.startsWith('ES')
    ? { name: 'ECDSA', namedCurve: alg === 'ES384' ? 'P-384' : 'P-256' }
    : { ...RSA, hash: `SHA-${alg.slice(2)}`, modulusLength: bits }
  const pair = (await crypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const { kty, n, e, crv, x, y } = (await crypto.subtle.exportKey(
    'jwk',
    pair.publicKey,
  )) as JsonWebKey
  const parts = kty === 'RSA' ? { n, e } : { crv, x, y }
  const jwk = Object.fromEntries(
    Object.entries({ kty, kid, alg, ...parts }).filter(([, part]) => part !== undefined),
  )
  return { kid, alg, key: pair.privateKey, jwk: { kty, ...jwk } }
}

export type Fields = Readonly<Record<string, unknown>>

export const signToken = async (
  signer: Pick<Signer, 'alg' | 'key'>,
  header: Fields,
  payload: Fields,
): Promise<string> => {
  const token = await sign(payload, signer.key, {
    algorithm: signer.alg,
    header: { ...header },
  })
  keepSecret(token.split('.')[2])
  return token
}

let count = 0
/** A SET as the final version of Shared Signals has it (§4.1). A claim that is undefined is left out. */
export const setOf = (
  signer: Signer,
  type: string,
  {
    event = {},
    claims = {},
    header = {},
  }: { event?: Fields; claims?: Fields; header?: Fields } = {},
): Promise<string> =>
  signToken(
    signer,
    { typ: 'secevent+jwt', kid: signer.kid, ...header },
    {
      iss: ISSUER,
      jti: `set-${++count}`,
      iat: nowSeconds(),
      aud: AUDIENCE,
      sub_id: { format: 'email', email: 'ada@example.com' },
      events: { [type]: event },
      ...claims,
    },
  )

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
export const pushTo = async (
  bindings: Readonly<Record<string, unknown>>,
  body: string,
): Promise<Reply> => {
  const request = new Request(`${SITE}/.gatehouse/signals/stream-1`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/secevent+jwt' },
  })
  const ORIGIN = { fetch: () => new Response() }
  const all = { ...env, ORIGIN, ...bindings }
  return readReply(await fetchSettled(createGatehouse(configOf()), request, all))
}

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

export const hashed = hashText
