/** A transmitter pushes events to the whole Worker, and people are signed out or not. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { hashText } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { endSignInsOf } from '../../src/session/ending-store.ts'
import { findStream, insertStream } from '../../src/signals/store.ts'
import { addProvisioned } from '../support/directory.ts'
import {
  AUDIENCE,
  CAEP,
  createSignals,
  createSigner,
  db,
  emptySignals,
  isIn,
  ISSUER,
  nowSeconds,
  pass,
  RISC,
  seedPartner,
  setOf,
  signToken,
  SSF,
  streamOf,
  told,
  userOf,
  type Fields,
} from './stage.ts'

beforeEach(emptySignals)

const ADA = 'ada@example.com'
const BOB = 'bob@example.com'

describe('an event that ends sign-ins', () => {
  it('signs the person out on every browser, nobody else, and is told in the audit', async () => {
    const stage = await createSignals()
    const [ada, alsoAda, bob] = [
      await stage.enter(ADA),
      await stage.enter(ADA),
      await stage.enter(BOB),
    ]
    const reply = await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`))
    // RFC 8935 §2.2: 202, and no body.
    expect([reply.status, reply.text]).toEqual([202, ''])
    expect([await isIn(ada), await isIn(alsoAda), await isIn(bob)]).toEqual([false, false, true])
    expect(await told()).toEqual([
      expect.objectContaining({
        kind: 'signal',
        connection: 'okta',
        user: await userOf(ADA),
        stream: 'stream-1',
        event: 'caep/session-revoked',
        signIns: 2,
        person: ADA,
      }),
    ])
    expect(await findStream(db, 'stream-1')).toMatchObject({ lastEventAt: expect.any(Number) })
  })

  const of = (format: string, fields: Fields) => ({ sub_id: { format, ...fields } })
  it.each<[string, Fields]>([
    ['email, in other case', of('email', { email: 'Ada@Example.com' })],
    ['account', of('account', { uri: `acct:${ADA}` })],
    ['iss_sub of the transmitter', of('iss_sub', { iss: ISSUER, sub: ADA })],
    [
      'iss_sub of the identity provider',
      of('iss_sub', { iss: 'https://idp.example.test/saml', sub: ADA }),
    ],
    ['opaque', of('opaque', { id: ADA })],
    [
      'aliases',
      of('aliases', {
        identifiers: [
          { format: 'phone_number', phone_number: '+12065550100' },
          { format: 'email', email: ADA },
        ],
      }),
    ],
    [
      'complex',
      of('complex', {
        user: { format: 'email', email: ADA },
        device: { format: 'opaque', id: 'phone' },
        tenant: { format: 'opaque', id: 'acme' },
      }),
    ],
  ])('finds the person by a subject of the format %s (RFC 9493, SSF §3)', async (_, claims) => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    const set = await setOf(stage.signer, `${CAEP}session-revoked`, { claims })
    expect((await stage.push(set)).status).toBe(202)
    expect(await isIn(ada)).toBe(false)
  })

  it('has the subject in the event, as Okta and drafts of Shared Signals do', async () => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    // developer.okta.com: SSF Transmitter SET payload structures. The time is in milliseconds.
    const event = {
      subject: { user: { format: 'iss_sub', iss: ISSUER, sub: ADA } },
      reason_admin: { en: 'Policy Violation: C076E822' },
      event_timestamp: Date.now(),
    }
    const set = await setOf(stage.signer, `${CAEP}session-revoked`, {
      event,
      claims: { sub_id: undefined },
    })
    expect((await stage.push(set)).status).toBe(202)
    expect(await isIn(ada)).toBe(false)
  })

  it('finds a person of a directory by the id that the directory has', async () => {
    const stage = await createSignals()
    await addProvisioned({ userName: 'ada', externalId: '00u1' }, 'okta')
    const user = await db.prepare('SELECT id FROM users').first<string>('id')
    const set = await setOf(stage.signer, `${RISC}account-disabled`, {
      claims: of('iss_sub', { iss: ISSUER, sub: '00u1' }),
    })
    expect((await stage.push(set)).status).toBe(202)
    expect(await told()).toMatchObject([{ user, event: 'risc/account-disabled', signIns: 0 }])
  })

  it('ends the session alone that its subject names by SessionIndex', async () => {
    const stage = await createSignals()
    const laptop = await stage.enter(ADA, { sessionIndex: '_laptop' })
    const phone = await stage.enter(ADA, { sessionIndex: '_phone' })
    const claims = of('complex', {
      user: { format: 'email', email: ADA },
      session: { format: 'opaque', id: '_phone' },
    })
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { claims }))
    expect([await isIn(laptop), await isIn(phone)]).toEqual([true, false])
    // A session that is not known here: all of the person, rather than none.
    const unknown = of('complex', {
      user: { format: 'email', email: ADA },
      session: { format: 'opaque', id: 'another' },
    })
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { claims: unknown }))
    expect(await isIn(laptop)).toBe(false)
  })

  it('ends a session that is the whole subject (CAEP §3.1)', async () => {
    const stage = await createSignals()
    const [ada, bob] = [
      await stage.enter(ADA, { sessionIndex: '_a' }),
      await stage.enter(BOB, { sessionIndex: '_b' }),
    ]
    const claims = of('opaque', { id: '_a' })
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { claims }))
    expect([await isIn(ada), await isIn(bob)]).toEqual([false, true])
    expect(await told()).toMatchObject([{ user: await userOf(ADA), signIns: 1 }])
  })

  it('never ends the session of another person than its subject names', async () => {
    const stage = await createSignals()
    const [ada, bob] = [
      await stage.enter(ADA, { sessionIndex: '_a' }),
      await stage.enter(BOB, { sessionIndex: '_b' }),
    ]
    const claims = of('complex', {
      user: { format: 'email', email: ADA },
      session: { format: 'opaque', id: '_b' },
    })
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { claims }))
    expect([await isIn(ada), await isIn(bob)]).toEqual([false, true])
  })

  it.each<[string, Fields]>([
    ['whom nobody here knows', { format: 'email', email: 'nobody@example.com' }],
    ['of another issuer', { format: 'iss_sub', iss: 'https://other.example.com', sub: ADA }],
  ])(
    'names a session of a person %s, and so one person here or nobody (Core §2.7.2)',
    async (_, user) => {
      const stage = await createSignals()
      const bob = await stage.enter(BOB, { sessionIndex: '1' })
      const ada = await stage.enter(ADA, { sessionIndex: '1' })
      const sessionOf = (id: string) => of('complex', { user, session: { format: 'opaque', id } })
      const revoked = `${CAEP}session-revoked`
      await stage.push(await setOf(stage.signer, revoked, { claims: sessionOf('1') }))
      expect([await isIn(ada), await isIn(bob)]).toEqual([true, true])
      expect(await told()).toMatchObject([{ user: null, signIns: 0, why: 'nobody' }])
      const alone = await stage.enter(ADA, { sessionIndex: '_a' })
      await stage.push(await setOf(stage.signer, revoked, { claims: sessionOf('_a') }))
      expect([await isIn(alone), await isIn(bob)]).toEqual([false, true])
    },
  )

  it('ends the session of before, where the identity provider uses its SessionIndex again', async () => {
    const stage = await createSignals()
    const before = await stage.enter(ADA, { sessionIndex: '1' })
    const event = { event_timestamp: nowSeconds() }
    pass(600)
    const after = await stage.enter(ADA, { sessionIndex: '1' })
    const claims = of('complex', {
      user: { format: 'email', email: ADA },
      session: { format: 'opaque', id: '1' },
    })
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { claims, event }))
    expect([await isIn(before), await isIn(after)]).toEqual([false, true])
  })

  it('ends a sign-in whose time an operator with a clock that is ahead has moved', async () => {
    const stage = await createSignals()
    await stage.enter(ADA)
    const ahead = toInstant(Date.now() + 600_000)
    await endSignInsOf(db, { of: { kind: 'everybody' }, why: 'revoked', now: ahead })
    const ada = await stage.enter(ADA)
    expect(await isIn(ada)).toBe(true)
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`))
    expect(await isIn(ada)).toBe(false)
    expect(await isIn(await stage.enter(ADA))).toBe(true)
  })

  it('ends a session from before there were sign-ins, and no later one', async () => {
    const stage = await createSignals()
    const before = await stage.enter(ADA)
    const event = { event_timestamp: nowSeconds() }
    pass(600)
    const after = await stage.enter(ADA)
    await env.DB.exec('UPDATE sessions SET sign_in = NULL')
    for (const { name } of (await env.SESSIONS.list({ prefix: 'session:' })).keys) {
      const session = JSON.parse((await env.SESSIONS.get(name)) ?? '')
      await env.SESSIONS.put(name, JSON.stringify({ ...session, signIn: null }))
    }
    expect([await isIn(before), await isIn(after)]).toEqual([true, true])
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { event }))
    expect([await isIn(before), await isIn(after)]).toEqual([false, true])
  })

  it('never reaches people of another connection', async () => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA, { sessionIndex: '_a' })
    await seedPartner()
    const partner = await createSigner('partner-key')
    await insertStream(
      db,
      streamOf(partner, { id: 'partner', connection: 'partner', issuer: 'https://p.example.com' }),
    )
    for (const sub_id of [
      { format: 'email', email: ADA },
      { format: 'iss_sub', iss: 'https://p.example.com', sub: ADA },
      { format: 'opaque', id: await userOf(ADA) },
      { format: 'opaque', id: '_a' },
    ]) {
      const set = await setOf(partner, `${CAEP}session-revoked`, {
        claims: { iss: 'https://p.example.com', sub_id },
      })
      expect((await stage.push(set, { stream: 'partner' })).status).toBe(202)
    }
    expect(await isIn(ada)).toBe(true)
    expect((await told()).map(({ user, why }) => [user, why])).toEqual(
      Array.from({ length: 4 }, () => [null, 'nobody']),
    )
  })
})

describe('what each event does', () => {
  const ends = true
  it.each<[string, Fields, boolean]>([
    [`${CAEP}session-revoked`, {}, ends],
    [`${CAEP}credential-change`, { credential_type: 'password', change_type: 'update' }, ends],
    [`${CAEP}credential-change`, { credential_type: 'fido2-roaming', change_type: 'revoke' }, ends],
    [`${CAEP}credential-change`, { credential_type: 'app', change_type: 'create' }, false],
    [`${CAEP}credential-change`, {}, ends],
    [`${CAEP}assurance-level-change`, { change_direction: 'decrease' }, ends],
    [`${CAEP}assurance-level-change`, { change_direction: 'increase' }, false],
    [`${CAEP}assurance-level-change`, { current_level: 'nist-aal1' }, ends],
    [`${CAEP}device-compliance-change`, { current_status: 'not-compliant' }, ends],
    [`${CAEP}device-compliance-change`, { current_status: 'compliant' }, false],
    [`${CAEP}device-compliance-change`, { current_status: 7 }, ends],
    [`${CAEP}risk-level-change`, { current_level: 'HIGH' }, ends],
    [`${CAEP}risk-level-change`, { current_level: 'LOW' }, false],
    [`${CAEP}token-claims-change`, { claims: { role: 'admin' } }, false],
    [`${CAEP}session-established`, {}, false],
    [`${RISC}account-disabled`, { reason: 'hijacking' }, ends],
    [`${RISC}account-purged`, {}, ends],
    [`${RISC}account-credential-change-required`, {}, ends],
    [`${RISC}credential-compromise`, { credential_type: 'password' }, ends],
    [`${RISC}identifier-changed`, { 'new-value': 'a@example.com' }, ends],
    [`${RISC}identifier-recycled`, {}, ends],
    [`${RISC}sessions-revoked`, {}, ends],
    [`${RISC}account-enabled`, {}, false],
    [`${RISC}recovery-activated`, {}, false],
    [`${RISC}opt-out-effective`, {}, false],
    ['https://example.com/secevent/made-up', {}, false],
    ['__proto__', {}, false],
  ])('%s %j: ends the sign-ins: %s', async (type, event, isEnd) => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    const set = await setOf(stage.signer, type, {
      claims: { events: Object.fromEntries([[type, event]]) },
    })
    expect((await stage.push(set)).status).toBe(202)
    expect(await isIn(ada)).toBe(!isEnd)
    expect(await told()).toHaveLength(1)
  })
})

describe('an event and time', () => {
  it('does nothing when it comes twice (jti)', async () => {
    const stage = await createSignals()
    const set = await setOf(stage.signer, `${CAEP}session-revoked`)
    const ada = await stage.enter(ADA)
    expect((await stage.push(set)).status).toBe(202)
    expect(await isIn(ada)).toBe(false)
    pass(120)
    const again = await stage.enter(ADA)
    // RFC 8935 §2: it is acknowledged again, so that the transmitter stops sending it.
    expect((await stage.push(set)).status).toBe(202)
    expect(await isIn(again)).toBe(true)
    expect(await told()).toHaveLength(1)
  })

  it('is used once where it comes ten times at once', async () => {
    const stage = await createSignals()
    await stage.enter(ADA)
    const set = await setOf(stage.signer, `${CAEP}session-revoked`)
    const replies = await Promise.all(Array.from({ length: 10 }, () => stage.push(set)))
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 202))
    expect(await told()).toHaveLength(1)
  })

  it('that is older than a sign-in does not end it; the sign-ins of before end', async () => {
    const stage = await createSignals()
    const before = await stage.enter(ADA)
    const event = { event_timestamp: nowSeconds() + 10 }
    pass(600)
    const after = await stage.enter(ADA)
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { event }))
    expect([await isIn(before), await isIn(after)]).toEqual([false, true])
  })

  it('counts by toe, or by iat, where the event has no time; a minute of clocks apart is allowed', async () => {
    const stage = await createSignals()
    const iat = nowSeconds()
    pass(30)
    const close = await stage.enter(ADA)
    pass(600)
    const later = await stage.enter(ADA)
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { claims: { iat } }))
    expect([await isIn(close), await isIn(later)]).toEqual([false, true])
    const toe = { toe: nowSeconds() }
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { claims: toe }))
    expect(await isIn(later)).toBe(false)
  })

  it('from the future ends what is there now, and nothing of later', async () => {
    const stage = await createSignals()
    const before = await stage.enter(ADA)
    const event = { event_timestamp: nowSeconds() + 86_400 }
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { event }))
    pass(5)
    const after = await stage.enter(ADA)
    expect([await isIn(before), await isIn(after)]).toEqual([false, true])
  })

  it('account-enabled that overtakes account-disabled lets nobody in', async () => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    await stage.push(await setOf(stage.signer, `${RISC}account-enabled`))
    await stage.push(await setOf(stage.signer, `${RISC}account-disabled`))
    expect(await isIn(ada)).toBe(false)
  })
})

describe('an event that names nobody here', () => {
  it.each<[string, Fields, string]>([
    ['an unknown address', { format: 'email', email: 'eve@example.com' }, 'nobody'],
    [
      'a person of another issuer',
      { format: 'iss_sub', iss: 'https://other.example.com', sub: ADA },
      'nobody',
    ],
    [
      'a telephone',
      { format: 'phone_number', phone_number: '+12065550100' },
      'subject-unsupported',
    ],
    [
      'an assertion',
      { format: 'saml_assertion_id', issuer: ISSUER, assertion_id: '_1' },
      'subject-unsupported',
    ],
    ['a device alone', { format: 'complex', device: { format: 'opaque', id: 'd' } }, 'nobody'],
  ])('is acknowledged and told: %s', async (_, sub_id, why) => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    const set = await setOf(stage.signer, `${CAEP}session-revoked`, { claims: { sub_id } })
    expect((await stage.push(set)).status).toBe(202)
    expect(await told()).toMatchObject([{ kind: 'signal', user: null, signIns: 0, why }])
    expect(await isIn(ada)).toBe(true)
  })

  it('or has a member that the transmitter calls critical and we cannot judge, is discarded (SSF §3.5)', async () => {
    const remote = {
      streamId: 's',
      configuration: `${ISSUER}/streams`,
      verification: null,
      poll: null,
      critical: ['device', 'user'],
    }
    const stage = await createSignals({ remote })
    const ada = await stage.enter(ADA)
    const user = { format: 'email', email: ADA }
    const claims = {
      sub_id: { format: 'complex', user, device: { format: 'opaque', id: 'd' } },
    }
    await stage.push(await setOf(stage.signer, `${CAEP}session-revoked`, { claims }))
    expect(await isIn(ada)).toBe(true)
    expect(await told()).toMatchObject([{ why: 'critical-member', signIns: 0 }])
  })
})

describe('a token that is refused', () => {
  type Make = (stage: Awaited<ReturnType<typeof createSignals>>) => Promise<string>
  const type = `${CAEP}session-revoked`
  const unsecured = (header: Fields, payload: Fields, signature = '') =>
    [header, payload]
      .map((part) =>
        btoa(JSON.stringify(part)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_'),
      )
      .concat(signature)
      .join('.')
  const payload = () => ({
    iss: ISSUER,
    jti: 'evil',
    iat: nowSeconds(),
    aud: AUDIENCE,
    sub_id: { format: 'email', email: ADA },
    events: { [type]: {} },
  })
  const made =
    (claims: Fields, header: Fields = {}): Make =>
    ({ signer }) =>
      setOf(signer, type, { claims, header })

  it.each<[string, Make, string]>([
    [
      'alg none',
      async () => unsecured({ typ: 'secevent+jwt', alg: 'none' }, payload()),
      'invalid_key',
    ],
    [
      'HS256 with the public key as its secret',
      async ({ signer }) => {
        const { n = '' } = signer.jwk
        const secret = new TextEncoder().encode(n)
        const key = await crypto.subtle.importKey(
          'raw',
          secret,
          { name: 'HMAC', hash: 'SHA-256' },
          false,
          ['sign'],
        )
        return signToken({ alg: 'HS256', key }, { typ: 'secevent+jwt', kid: signer.kid }, payload())
      },
      'invalid_key',
    ],
    [
      'the key of somebody else under our kid',
      async () => setOf(await createSigner(), type),
      'invalid_key',
    ],
    [
      'a payload that was changed',
      async ({ signer }) => {
        const [header = '', , signature = ''] = (await setOf(signer, type)).split('.')
        const [, changed = ''] = unsecured({}, payload()).split('.')
        return [header, changed, signature].join('.')
      },
      'invalid_key',
    ],
    ['another typ, as an ID token has', made({}, { typ: 'JWT' }), 'invalid_request'],
    ['no typ', made({}, { typ: '' }), 'invalid_request'],
    ['another issuer', made({ iss: 'https://evil.example.com' }), 'invalid_issuer'],
    ['another audience', made({ aud: ['https://other.example.com'] }), 'invalid_audience'],
    ['no audience', made({ aud: undefined }), 'invalid_audience'],
    ['expired', made({ exp: 1_700_000_000 }), 'invalid_request'],
    ['issued in the future', made({ iat: 1_900_000_000 }), 'invalid_request'],
    ['not valid yet', made({ nbf: 1_900_000_000 }), 'invalid_request'],
    ['no jti', made({ jti: undefined }), 'invalid_request'],
    ['an iat that is no time', made({ iat: 'today' }), 'invalid_request'],
    ['no events', made({ events: {} }), 'invalid_request'],
    ['events that are a list', made({ events: [{}] }), 'invalid_request'],
    ['an event that is no object', made({ events: { [type]: 'x' } }), 'invalid_request'],
    [
      'eleven events',
      made({
        events: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${type}${i}`, {}])),
      }),
      'invalid_request',
    ],
    ['no subject', made({ sub_id: undefined }), 'invalid_request'],
    ['crit (RFC 7515 §4.1.11)', made({}, { crit: ['x'], x: 1 }), 'invalid_key'],
    ['no token', async () => 'hello', 'invalid_request'],
    ['five parts, as an encrypted token has', async () => 'a.b.c.d.e', 'invalid_request'],
  ])('%s', async (_, make, code) => {
    const stage = await createSignals()
    const ada = await stage.enter(ADA)
    const reply = await stage.push(await make(stage))
    // RFC 8935 §2.3: 400, JSON with err and description, and their language.
    expect(reply.status).toBe(400)
    expect(reply.headers.get('Content-Type')).toContain('application/json')
    expect(reply.headers.get('Content-Language')).toBe('en')
    expect(reply.body).toEqual({ err: code, description: expect.stringMatching(/\.$/) })
    expect(await isIn(ada)).toBe(true)
    expect(await db.prepare('SELECT count(*) AS n FROM signals_taken').first('n')).toBe(0)
  })

  it("another stream's token, at each other's address", async () => {
    const stage = await createSignals()
    const other = await createSigner('key-1')
    await insertStream(db, streamOf(other, { id: 'other', audience: ['https://sp2.example.com'] }))
    const ada = await stage.enter(ADA)
    const own = await setOf(stage.signer, type)
    expect((await stage.push(own, { stream: 'other' })).body.err).toBe('invalid_key')
    const theirs = await setOf(other, type, { claims: { aud: 'https://sp2.example.com' } })
    expect((await stage.push(theirs)).body.err).toBe('invalid_key')
    expect(await isIn(ada)).toBe(true)
  })

  it('a body over 64 KB, of another type, or for no stream', async () => {
    const stage = await createSignals()
    const set = await setOf(stage.signer, type)
    const large = await stage.push(`${set}${'A'.repeat(70_000)}`)
    expect([large.status, large.body.err]).toEqual([413, 'invalid_request'])
    const typed = await stage.push(set, { headers: { 'Content-Type': 'application/json' } })
    expect([typed.status, typed.body.err]).toEqual([400, 'invalid_request'])
    expect((await stage.push(set, { stream: 'none' })).status).toBe(404)
    const get = await stage.send(new Request('https://app.example.com/.gatehouse/signals/stream-1'))
    expect(get.status).toBe(404)
  })

  it('is told in the audit, ten times a minute at most', async () => {
    const stage = await createSignals()
    const wrong = await createSigner()
    for (let i = 0; i < 15; i++) await stage.push(await setOf(wrong, type))
    const events = await told()
    expect(events).toHaveLength(10)
    expect(events[0]).toMatchObject({
      kind: 'signal-refused',
      connection: 'okta',
      stream: 'stream-1',
      reason: 'signature',
    })
  })
})

describe('the Authorization header that we asked for', () => {
  it('is required before anything of the token is looked at', async () => {
    const authorizationHash = await hashText('Bearer a-secret-of-ours')
    const stage = await createSignals({ authorizationHash })
    const ada = await stage.enter(ADA)
    const set = await setOf(stage.signer, `${CAEP}session-revoked`)
    for (const headers of [{}, { Authorization: 'Bearer another' }]) {
      const reply = await stage.push(set, { headers })
      expect([reply.status, reply.body.err]).toEqual([401, 'authentication_failed'])
      expect(reply.headers.get('WWW-Authenticate')).toMatch(/^Bearer /)
    }
    expect(await isIn(ada)).toBe(true)
    const headers = { Authorization: 'Bearer a-secret-of-ours' }
    expect((await stage.push(set, { headers })).status).toBe(202)
    expect(await isIn(ada)).toBe(false)
  })
})

describe('a verification event (SSF §8.1.4)', () => {
  const verification = (signer: Parameters<typeof setOf>[0], event: Fields) =>
    setOf(signer, `${SSF}verification`, {
      event,
      claims: { sub_id: { format: 'opaque', id: 'remote-stream' } },
    })

  it('with the state that was asked for marks the stream as verified, once', async () => {
    const stage = await createSignals({ expected: null })
    await db
      .prepare('UPDATE signal_streams SET expected = ?1')
      .bind(await hashText('state-1'))
      .run()
    const wrong = await stage.push(await verification(stage.signer, { state: 'state-2' }))
    expect([wrong.status, wrong.body.err]).toEqual([400, 'invalid_state'])
    expect(await findStream(db, 'stream-1')).toMatchObject({ verifiedAt: null })
    const right = await stage.push(await verification(stage.signer, { state: 'state-1' }))
    expect(right.status).toBe(202)
    expect(await findStream(db, 'stream-1')).toMatchObject({
      verifiedAt: expect.any(Number),
      expected: null,
    })
    const again = await stage.push(await verification(stage.signer, { state: 'state-1' }))
    expect([again.status, again.body.err]).toEqual([400, 'invalid_state'])
  })

  it('without a state, which the transmitter sends by itself, is acknowledged', async () => {
    const stage = await createSignals()
    expect((await stage.push(await verification(stage.signer, {}))).status).toBe(202)
    expect(await findStream(db, 'stream-1')).toMatchObject({ verifiedAt: expect.any(Number) })
  })

  it('stream-updated says that the transmitter has paused the stream', async () => {
    const stage = await createSignals()
    const event = { status: 'paused', reason: 'Disk full' }
    const claims = { sub_id: { format: 'opaque', id: 'remote-stream' } }
    await stage.push(await setOf(stage.signer, `${SSF}stream-updated`, { event, claims }))
    expect(await findStream(db, 'stream-1')).toMatchObject({ status: 'paused' })
  })
})
