/**
 * Global Token Revocation (draft-parecki-oauth-global-token-revocation), with tokens as Okta documents
 * them for Universal Logout: signed by the key that signs assertions.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { toInstant } from '../../src/lib/instant.ts'
import { endSignInsOf } from '../../src/session/ending-store.ts'
import { insertStream } from '../../src/signals/store.ts'
import { breakable, failsAt } from '../support/binding.ts'
import { addProvisioned } from '../support/directory.ts'
import {
  createSignals,
  createSigner,
  db,
  emptySignals,
  isIn,
  nowSeconds,
  pass,
  postTo,
  seedPartner,
  SITE,
  signToken,
  streamOf,
  told,
  userOf,
  type Fields,
  type SignalStage,
} from './stage.ts'

beforeEach(emptySignals)

const ADA = 'ada@example.com'
const BOB = 'bob@example.com'
const ENDPOINT = `${SITE}/.gatehouse/revocation/okta`
/** The address of the identity provider, of which Okta makes `iss`. */
const ORG = 'https://idp.example.test'
const email = (address: string) => ({ sub_id: { format: 'email', email: address } })

let count = 0
const claimsOf = (claims: Fields = {}): Fields => ({
  jti: `revocation-${++count}`,
  iss: ORG,
  sub: '0oa1',
  aud: ENDPOINT,
  iat: nowSeconds(),
  nbf: nowSeconds() - 300,
  exp: nowSeconds() + 300,
  ...claims,
})
const typ = 'global-token-revocation+jwt'
const tokenOf = (stage: SignalStage, claims: Fields = {}, header: Fields = {}): Promise<string> =>
  signToken({ alg: 'RS256', key: stage.idp.keys.privateKey }, { typ, ...header }, claimsOf(claims))

describe('a revocation', () => {
  it('signs the person out on every browser, and nobody else: 204', async () => {
    const stage = await createSignals()
    const [ada, also, bob] = [
      await stage.enter(ADA),
      await stage.enter(ADA),
      await stage.enter(BOB),
    ]
    const reply = await stage.revoke(await tokenOf(stage), email(ADA))
    expect([reply.status, reply.text]).toEqual([204, ''])
    expect([await isIn(ada), await isIn(also), await isIn(bob)]).toEqual([false, false, true])
    expect(await told()).toMatchObject([
      { kind: 'signal', user: await userOf(ADA), stream: null, event: 'revocation', signIns: 2 },
    ])
  })

  it('ends a sign-in whose time an operator with a clock that is ahead has moved', async () => {
    const stage = await createSignals()
    await stage.enter(ADA)
    const ahead = toInstant(Date.now() + 600_000)
    await endSignInsOf(db, { of: { kind: 'everybody' }, why: 'revoked', now: ahead })
    const ada = await stage.enter(ADA)
    expect((await stage.revoke(await tokenOf(stage), email(ADA))).status).toBe(204)
    expect(await isIn(ada)).toBe(false)
  })

  it('lets the person sign in again', async () => {
    const stage = await createSignals()
    await stage.enter(ADA)
    await stage.revoke(await tokenOf(stage), email(ADA))
    pass(5)
    expect(await isIn(await stage.enter(ADA))).toBe(true)
  })

  it.each<[string, (user: string) => Fields]>([
    ['the NameID, by the address of the IdP', () => ({ iss: ORG, sub: ADA })],
    ['the NameID, by its entity ID', () => ({ iss: 'https://idp.example.test/saml', sub: ADA })],
    ['our id, as SCIM gave it to the IdP', (sub) => ({ iss: SITE, sub })],
  ])('finds the person by iss_sub: %s', async (_, of) => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    const sub_id = { format: 'iss_sub', ...of(await userOf(ADA)) }
    expect((await stage.revoke(await tokenOf(stage), { sub_id })).status).toBe(204)
    expect(await isIn(ada)).toBe(false)
  })

  it('finds a person of the directory by externalId, and takes the member "subject" of older drafts', async () => {
    const stage = await createSignals()
    await addProvisioned({ userName: 'ada', externalId: '00u1' }, 'okta')
    const subject = { format: 'iss_sub', iss: ORG, sub: '00u1' }
    expect((await stage.revoke(await tokenOf(stage), { subject })).status).toBe(204)
  })

  it('is 204 for a person who is not signed in', async () => {
    const stage = await createSignals()
    await stage.enter(ADA)
    expect((await stage.revoke(await tokenOf(stage), email(ADA))).status).toBe(204)
    pass(5)
    expect((await stage.revoke(await tokenOf(stage), email(ADA))).status).toBe(204)
  })
})

describe('a request that is refused', () => {
  it('400: the body is malformed, or the kind of subject is not known', async () => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    for (const body of [
      'not json',
      '[]',
      {},
      { sub_id: 'ada' },
      { sub_id: { format: 'email' } },
      { sub_id: { format: 'phone_number', phone_number: '+1' } },
      `{"sub_id":{"format":"email","email":"${ADA}"},"sub_id":{"format":"email","email":"${BOB}"}}`,
      { ...email(ADA), more: 'x'.repeat(20_000) },
    ]) {
      const reply = await stage.revoke(await tokenOf(stage), body)
      expect(reply.status).toBe(400)
    }
    expect(await isIn(ada)).toBe(true)
  })

  it('403: the person belongs to another identity provider', async () => {
    const stage = await createSignals()
    await seedPartner()
    await db
      .prepare(
        "INSERT INTO connection_domains (domain, connection) VALUES ('p.example.com', 'partner')",
      )
      .run()
    const foreign = await stage.revoke(await tokenOf(stage), email('eve@p.example.com'))
    expect(foreign.status).toBe(403)
    const other = { sub_id: { format: 'iss_sub', iss: 'https://partner.example.com', sub: ADA } }
    expect((await stage.revoke(await tokenOf(stage), other)).status).toBe(403)
    expect(await told()).toMatchObject([{ why: 'other-issuer' }, { why: 'other-issuer' }])
  })

  it('404: nobody has this name, which the audit is told', async () => {
    const stage = await createSignals()
    const reply = await stage.revoke(await tokenOf(stage), email('eve@example.com'))
    expect(reply.status).toBe(404)
    expect(await told()).toMatchObject([
      { kind: 'signal', user: null, why: 'nobody', person: 'eve@example.com' },
    ])
  })

  it('422: so many people have the name that it is not one person', async () => {
    const stage = await createSignals()
    await db.batch(
      Array.from({ length: 101 }, (_, i) =>
        db
          .prepare(
            `INSERT INTO users (id, connection, subject, user_name, email, source,
               sessions_valid_from, created_at, updated_at)
             VALUES (?1, 'okta', ?1, ?1, 'all@example.com', 'jit', 0, 0, 0)`,
          )
          .bind(`u${i}`),
      ),
    )
    expect((await stage.revoke(await tokenOf(stage), email('all@example.com'))).status).toBe(422)
  })

  it('401: there is no token, with a challenge (RFC 6750 §3)', async () => {
    const stage = await createSignals()
    const reply = await stage.revoke(null, email(ADA))
    expect(reply.status).toBe(401)
    expect(reply.headers.get('WWW-Authenticate')).toBe('Bearer realm="Gatehouse"')
  })

  type Make = (stage: SignalStage) => Promise<string>
  const made =
    (claims: Fields, header: Fields = {}): Make =>
    (stage) =>
      tokenOf(stage, claims, header)
  it.each<[string, Make]>([
    ['another type', made({}, { typ: 'JWT' })],
    ['an event token', made({}, { typ: 'secevent+jwt' })],
    ['another audience', made({ aud: `${SITE}/.gatehouse/revocation/partner` })],
    ['the site as its audience', made({ aud: SITE })],
    ['another issuer', made({ iss: 'https://evil.example.com' })],
    ['no issuer', made({ iss: undefined })],
    ['expired', made({ exp: 1_700_000_000 })],
    ['from the future', made({ iat: 1_900_000_000, exp: 1_900_000_100 })],
    ['living for a year', (stage) => tokenOf(stage, { exp: nowSeconds() + 31_536_000 })],
    ['living for ever', made({ exp: undefined })],
    ['no jti', made({ jti: undefined })],
    ['no time', made({ iat: 'now' })],
    [
      'a key of somebody else',
      async () => {
        const { key } = await createSigner()
        return signToken({ alg: 'RS256', key }, { typ }, claimsOf())
      },
    ],
    [
      'HS256 with the certificate as its secret',
      async ({ idp }) => {
        const secret = Uint8Array.from(atob(idp.certificate), (c) => c.charCodeAt(0))
        const hmac = { name: 'HMAC', hash: 'SHA-256' }
        const key = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign'])
        return signToken({ alg: 'HS256', key }, { typ }, claimsOf())
      },
    ],
    [
      'alg none',
      async () =>
        [{ typ, alg: 'none' }, claimsOf()]
          .map((part) => btoa(JSON.stringify(part)).replaceAll('=', ''))
          .concat('')
          .join('.'),
    ],
    ['no token at all', async () => 'hello'],
    ['a token of 100 KB', async () => 'a'.repeat(100_000)],
  ])('401: %s', async (_, make) => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    const reply = await stage.revoke(await make(stage), email(ADA))
    expect([reply.status, reply.body.error]).toEqual([401, 'invalid-token'])
    expect(reply.headers.get('WWW-Authenticate')).toContain('error="invalid_token"')
    expect(await isIn(ada)).toBe(true)
  })

  it('401: the answer sends nobody to the audit for what the audit does not have', async () => {
    const stage = await createSignals()
    const reply = await stage.revoke('a.b.c', email(ADA))
    expect(await told()).toEqual([])
    expect(reply.body.message).toContain('unless it is no token of this type')
  })

  it('401: a token that was used, whatever came of it', async () => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    const token = await tokenOf(stage)
    expect((await stage.revoke(token, email('eve@example.com'))).status).toBe(404)
    expect((await stage.revoke(token, email(ADA))).status).toBe(401)
    expect(await isIn(ada)).toBe(true)
    const twice = await tokenOf(stage)
    const replies = await Promise.all([1, 2, 3].map(() => stage.revoke(twice, email(ADA))))
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 401, 401])
    expect(await told()).toContainEqual(
      expect.objectContaining({ kind: 'signal-refused', reason: 'used' }),
    )
  })

  it("401: a partner's key, at our address and at its own with our people", async () => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    const partner = await seedPartner()
    const of = (claims: Fields) =>
      signToken({ alg: 'RS256', key: partner.keys.privateKey }, { typ }, claimsOf(claims))
    expect((await stage.revoke(await of({}), email(ADA))).status).toBe(401)
    const iss = 'https://partner.example.com'
    expect((await stage.revoke(await of({ iss }), email(ADA))).status).toBe(401)
    const aud = `${SITE}/.gatehouse/revocation/partner`
    expect((await stage.revoke(await of({ iss, aud }), email(ADA), 'partner')).status).toBe(404)
    expect(await isIn(ada)).toBe(true)
  })

  it('an unknown connection looks like a token that does not fit', async () => {
    const stage = await createSignals()
    const reply = await stage.revoke(await tokenOf(stage), email(ADA), 'none')
    expect([reply.status, reply.body.error]).toEqual([401, 'invalid-token'])
  })
})

it.each<[string, () => D1Database]>([
  ['at all', () => Object.assign(breakable(db), { isBroken: true }).binding],
  ['where it is to end sign-ins', () => failsAt(db, /signals_taken/)],
])('503 while D1 is down %s, and the token counts when it comes again', async (_, faulty) => {
  const stage = await createSignals()
  const ada = await stage.enter(ADA)
  const Authorization = `Bearer ${await tokenOf(stage)}`
  const init = {
    body: JSON.stringify(email(ADA)),
    headers: { Authorization, 'Content-Type': 'application/json' },
  }
  const down = await postTo({ DB: faulty() }, 'revocation/okta', init)
  expect([down.status, down.headers.get('Retry-After')]).toEqual([503, '5'])
  expect(await isIn(ada)).toBe(true)
  expect((await postTo({}, 'revocation/okta', init)).status).toBe(204)
  expect(await isIn(ada)).toBe(false)
})

describe('an issuer of its own', () => {
  const own = async (fields = {}) => {
    const stage = await createSignals()
    const signer = await createSigner('es', 'ES256')
    const issuer = 'https://security.example.com'
    await insertStream(
      db,
      streamOf(signer, { id: 'revoker', issuer, delivery: 'revocation', ...fields }),
    )
    const token = (header: Fields = {}) =>
      signToken(signer, { typ, kid: 'es', ...header }, claimsOf({ iss: issuer }))
    return { stage, token }
  }

  it('is believed by the keys that it publishes', async () => {
    const { stage, token } = await own()
    const ada = await stage.enter(ADA)
    expect((await stage.revoke(await token(), email(ADA))).status).toBe(204)
    expect(await isIn(ada)).toBe(false)
  })

  it('may be another name of the identity provider, whose certificates sign', async () => {
    const { stage } = await own({ jwksUrl: null, jwks: [] })
    const ada = await stage.enter(ADA)
    const token = await tokenOf(stage, { iss: 'https://security.example.com' })
    expect((await stage.revoke(token, email(ADA))).status).toBe(204)
    expect(await isIn(ada)).toBe(false)
  })

  it('is not believed for events, and a transmitter of events is not believed here', async () => {
    const { stage, token } = await own()
    const pushed = await stage.push(await token({ typ: 'secevent+jwt' }), { stream: 'revoker' })
    expect(pushed.status).toBe(404)
    const { signer } = stage
    const set = await signToken(
      signer,
      { typ, kid: signer.kid },
      claimsOf({ iss: 'https://tr.example.com' }),
    )
    expect((await stage.revoke(set, email(ADA))).status).toBe(401)
  })
})

it('over plain http the request is refused, not redirected: the token was sent to everybody', async () => {
  const stage = await createSignals()
  const plain = new Request(ENDPOINT.replace('https:', 'http:'), { method: 'POST', body: '{}' })
  expect((await stage.send(plain)).status).toBe(403)
})
