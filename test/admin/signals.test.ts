/** Streams are set up, verified, polled and removed at a transmitter by Shared Signals 1.0. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Typed } from '../../src/admin/field.ts'
import {
  signalsAdd,
  signalsList,
  signalsPoll,
  signalsRemove,
  signalsShow,
  signalsVerify,
} from '../../src/admin/signal-operations.ts'
import { hashText, utf8 } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { createChoose } from '../../src/signals/refresh.ts'
import { findStream } from '../../src/signals/store.ts'
import { SIGNALS_PURPOSE } from '../../src/signals/stream.ts'
import { tendSignals } from '../../src/signals/tend.ts'
import { judgePublic } from '../../src/upkeep/fetch.ts'
import {
  AUDIENCE,
  CAEP,
  createSigner,
  ISSUER,
  seconds,
  setOf,
  SSF,
  told,
  type Signer,
} from '../signals/stage.ts'
import { createTransmitter, TOKEN, type FakeTransmitter } from '../signals/transmitter.ts'
import {
  act,
  audited,
  config,
  context,
  db,
  emptyStore,
  now,
  refusalOf,
  seedConnection,
  seedSession,
  seedUser,
  valueOf,
} from './stage.ts'

const secrets = { current: new Uint8Array(32).fill(7), previous: null }
const sealer = await createSealer(secrets, SIGNALS_PURPOSE)

let signer: Signer
let transmitter: FakeTransmitter
const reach = {
  judgeAddress: judgePublic,
  fetch: (url: string, init: RequestInit) => transmitter.fetch(url, init),
}
const by = () => ({ ...context, config, openSealer: async () => sealer, metadataReach: reach })
const run = (operation: Parameters<typeof act>[0], typed: Typed) =>
  act(operation, typed, { by: by() })

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
  signer = await createSigner()
  transmitter = createTransmitter([signer.jwk])
})

const usual = { transmitter: ISSUER, connection: 'acme', token: TOKEN }
async function add(typed: Typed = usual): Promise<string> {
  const { facts } = valueOf(await run(signalsAdd, typed))
  const { id } = facts['stream'] as { id: string }
  return id
}

describe('signals add', () => {
  it('reads the configuration and the keys, and asks for a stream that is pushed here', async () => {
    const { facts, view } = valueOf(await run(signalsAdd, usual))
    const stream = facts['stream'] as { id: string }
    const endpoint = `https://login.example.com/.gatehouse/signals/${stream.id}`
    expect(stream).toMatchObject({
      connection: 'acme',
      issuer: ISSUER,
      delivery: 'push',
      audience: [AUDIENCE],
      endpoint,
      managed: true,
      verifiedAt: null,
    })
    expect(transmitter.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${ISSUER}/.well-known/ssf-configuration`,
      `GET ${ISSUER}/jwks.json`,
      `POST ${ISSUER}/streams`,
    ])
    const created = transmitter.asked[2]?.body
    expect(created).toMatchObject({
      delivery: { method: 'urn:ietf:rfc:8935', endpoint_url: endpoint },
      events_requested: expect.arrayContaining([
        `${CAEP}session-revoked`,
        `${CAEP}credential-change`,
        'https://schemas.openid.net/secevent/risc/event-type/account-disabled',
      ]),
    })
    // The header that events will have is random, and only its hash is kept.
    const { authorization_header: header } = created.delivery
    expect(header).toMatch(/^Bearer [\w-]{43}$/)
    const row = await findStream(db, stream.id)
    expect(row?.authorizationHash).toBe(await hashText(header))
    expect(JSON.stringify(row)).not.toContain(TOKEN)
    expect(JSON.stringify([facts, view])).not.toContain(TOKEN)
    expect(await audited()).toEqual([
      ['signals add', 'acme', null, { stream: stream.id, issuer: ISSUER, delivery: 'push' }],
    ])
  })

  it('sends the token to no address but those of the configuration, and follows no redirect', async () => {
    await add()
    expect(transmitter.asked.map(({ authorization }) => authorization)).toEqual([
      null,
      null,
      `Bearer ${TOKEN}`,
    ])
    expect(transmitter.asked.every(({ redirect }) => redirect === 'manual')).toBe(true)
  })

  it('finds the configuration of an issuer with a path (§7.2)', async () => {
    const issuer = 'https://tr.example.com/tenant-1/'
    transmitter = createTransmitter([signer.jwk], issuer)
    await add({ ...usual, transmitter: issuer })
    expect(transmitter.asked[0]?.url).toBe(
      'https://tr.example.com/.well-known/ssf-configuration/tenant-1',
    )
  })

  it('without a token is only stored, and the address is to be entered there', async () => {
    const { facts, view } = valueOf(
      await run(signalsAdd, { transmitter: ISSUER, connection: 'acme', audience: 'https://me' }),
    )
    expect(facts['stream']).toMatchObject({ managed: false, audience: ['https://me'] })
    expect(JSON.stringify(view)).toContain('Enter this address at the transmitter: https://login.')
    expect(transmitter.asked).toHaveLength(2)
  })

  it('of an issuer of revocations asks nobody, or for its keys alone', async () => {
    const typed = { transmitter: ISSUER, connection: 'acme', delivery: 'revocation' }
    const plain = valueOf(await run(signalsAdd, typed))
    expect(plain.facts['stream']).toMatchObject({
      delivery: 'revocation',
      endpoint: 'https://login.example.com/.gatehouse/revocation/acme',
      keysReadAt: null,
    })
    expect(transmitter.asked).toEqual([])
    await add({ ...typed, jwks: `${ISSUER}/jwks.json` })
    expect(transmitter.asked).toHaveLength(1)
  })

  const answers = (path: string, response: () => Response) => () =>
    void transmitter.instead.set(path, response)
  const WELL_KNOWN = '/.well-known/ssf-configuration'
  it.each<[string, () => void, string]>([
    [
      'the configuration is of another issuer',
      () =>
        (transmitter.configuration = { ...transmitter.configuration, issuer: 'https://x.example' }),
      'of another issuer',
    ],
    [
      'the issuer differs by a slash',
      () => (transmitter.configuration = { ...transmitter.configuration, issuer: `${ISSUER}/` }),
      'of another issuer',
    ],
    [
      'there is no configuration',
      answers(WELL_KNOWN, () => new Response(null, { status: 404 })),
      'answered 404',
    ],
    [
      'it redirects',
      answers(WELL_KNOWN, () => Response.redirect('https://127.0.0.1/')),
      'Redirects are not followed',
    ],
    ['it is no JSON', answers(WELL_KNOWN, () => new Response('<html>')), 'is no configuration'],
    [
      'it is endless',
      answers(WELL_KNOWN, () => new Response('x'.repeat(1_100_000))),
      'more than 1 MB',
    ],
    [
      'the keys are at a private address',
      () =>
        (transmitter.configuration = {
          ...transmitter.configuration,
          jwks_uri: 'https://169.254.169.254/keys',
        }),
      'must have the name of a host in it',
    ],
    [
      'the management is at a private address',
      () =>
        (transmitter.configuration = {
          ...transmitter.configuration,
          configuration_endpoint: 'https://localhost/streams',
        }),
      'must be at a public host',
    ],
    ['there is no key', () => (transmitter.jwks = { keys: [] }), 'has no key'],
    [
      'the token is not good',
      answers('/streams', () => new Response(null, { status: 401 })),
      'Give a new one',
    ],
    [
      'there is a stream already',
      answers('/streams', () => new Response(null, { status: 409 })),
      'remove that one first',
    ],
    [
      'it names no stream',
      answers('/streams', () => Response.json({ aud: 'x' })),
      'does not say which',
    ],
    [
      'the stream is of another issuer',
      answers('/streams', () =>
        Response.json({ stream_id: 's', aud: 'x', iss: 'https://x.example' }),
      ),
      'of another issuer',
    ],
  ])('is refused where %s, and nothing is stored', async (_, prepare, message) => {
    prepare()
    expect(refusalOf(await run(signalsAdd, usual))).toMatchObject({
      reason: 'transmitter',
      message: expect.stringContaining(message),
    })
    expect(await db.prepare('SELECT count(*) AS n FROM signal_streams').first('n')).toBe(0)
  })

  it('is refused for a private address, an unknown connection, and where nothing can be sealed', async () => {
    const local = { ...usual, transmitter: 'https://192.168.0.1' }
    expect(refusalOf(await run(signalsAdd, local))).toMatchObject({ reason: 'transmitter' })
    const unknown = { ...usual, connection: 'none' }
    expect(refusalOf(await run(signalsAdd, unknown))).toMatchObject({
      reason: 'unknown-connection',
    })
    const sealed = await act(signalsAdd, usual, { by: { ...by(), openSealer: async () => null } })
    expect(refusalOf(sealed)).toMatchObject({ reason: 'no-secret' })
    const nowhere = await act(signalsAdd, usual, { by: { ...by(), config: null } })
    expect(refusalOf(nowhere)).toMatchObject({ reason: 'not-here' })
    for (const wrong of [
      { ...usual, transmitter: 'ftp://tr.example.com' },
      { ...usual, transmitter: `${ISSUER}?a=1` },
      { ...usual, delivery: 'pigeon' },
      { ...usual, token: 'two words' },
      { ...usual, delivery: 'revocation' },
      { transmitter: ISSUER, connection: 'acme', delivery: 'poll' },
      { transmitter: ISSUER, connection: 'acme', delivery: 'revocation', audience: 'https://me' },
    ]) {
      expect(refusalOf(await run(signalsAdd, wrong))).toEqual([expect.anything()])
    }
  })

  it('removes the stream there again if there are 20 here', async () => {
    for (let i = 0; i < 20; i++) await add({ transmitter: ISSUER, connection: 'acme' })
    expect(refusalOf(await run(signalsAdd, usual))).toMatchObject({ reason: 'too-many-streams' })
    expect(transmitter.asked.at(-1)).toMatchObject({
      method: 'DELETE',
      url: `${ISSUER}/streams?stream_id=remote-1`,
    })
  })

  it('may not be done by an auditor', async () => {
    const auditor = { ...context.operator, scopes: ['read'] as const }
    const refused = await act(signalsAdd, usual, { by: { ...by(), operator: auditor } })
    expect(refusalOf(refused)).toMatchObject({ kind: 'forbidden' })
  })
})

describe('a stream', () => {
  it('is listed, shown, and removed here and there', async () => {
    const id = await add()
    expect(valueOf(await run(signalsList, {})).facts).toMatchObject({ streams: [{ id }] })
    await seedConnection('other')
    expect(valueOf(await run(signalsList, { connection: 'other' })).facts).toEqual({ streams: [] })
    expect(refusalOf(await run(signalsList, { connection: 'othr' }))).toMatchObject({
      reason: 'unknown-connection',
      message: expect.stringContaining('Did you mean "other"?'),
    })
    expect(valueOf(await run(signalsShow, { stream: id })).facts).toMatchObject({ stream: { id } })
    expect(valueOf(await run(signalsRemove, { stream: id })).facts).toEqual({
      removed: id,
      problem: null,
    })
    expect(transmitter.asked.at(-1)).toMatchObject({ method: 'DELETE' })
    expect(refusalOf(await run(signalsShow, { stream: id }))).toMatchObject({
      reason: 'unknown-stream',
    })
  })

  it('is removed here even where the transmitter refuses, which is said', async () => {
    const id = await add()
    transmitter.instead.set('/streams', () => new Response(null, { status: 403 }))
    const { facts } = valueOf(await run(signalsRemove, { stream: id }))
    expect(facts['problem']).toContain('answered 403')
    expect(await findStream(db, id)).toBeNull()
  })

  it('goes with its connection', async () => {
    const id = await add()
    await db.prepare("DELETE FROM connections WHERE id = 'acme'").run()
    expect(await findStream(db, id)).toBeNull()
  })

  it('is verified: the transmitter gets a random state, of which the hash is kept', async () => {
    const id = await add()
    let state = ''
    transmitter.onVerify = (given) => void (state = given)
    valueOf(await run(signalsVerify, { stream: id }))
    expect(transmitter.asked.at(-1)).toMatchObject({
      url: `${ISSUER}/verify`,
      body: { stream_id: 'remote-1', state },
    })
    expect((await findStream(db, id))?.expected).toBe(await hashText(state))
  })

  it('is given a new token where the old one has ended', async () => {
    const id = await add()
    await db
      .prepare('UPDATE signal_streams SET token = ?1')
      .bind(await sealer.seal(utf8('a-token-that-has-ended')))
      .run()
    expect(refusalOf(await run(signalsVerify, { stream: id }))).toMatchObject({
      message: expect.stringContaining('Give a new one'),
    })
    valueOf(await run(signalsVerify, { stream: id, token: TOKEN }))
    valueOf(await run(signalsVerify, { stream: id }))
  })

  it('that was set up by hand is not verified from here, and one that is pushed is not polled', async () => {
    const byHand = await add({ transmitter: ISSUER, connection: 'acme' })
    expect(refusalOf(await run(signalsVerify, { stream: byHand }))).toMatchObject({
      reason: 'no-remote',
    })
    expect(refusalOf(await run(signalsPoll, { stream: byHand }))).toMatchObject({
      reason: 'not-polled',
    })
  })
})

describe('a stream that is polled (RFC 8936)', () => {
  const polled = { ...usual, delivery: 'poll' }
  const put = async (type: string, subject: string, more = {}) => {
    const jti = crypto.randomUUID()
    const claims = { jti, iat: seconds(now), sub_id: { format: 'opaque', id: subject }, ...more }
    transmitter.waiting.set(jti, await setOf(signer, type, { claims }))
    return jti
  }
  const isOpen = async (id: string) =>
    (await db
      .prepare('SELECT ended_at AS at FROM sign_ins WHERE id = ?1')
      .bind(`sign-in of ${id}`)
      .first('at')) === null

  it('has its events taken, acknowledged, and told in the audit', async () => {
    const id = await add(polled)
    const ada = await seedUser('acme', 'ada')
    await seedSession(ada, 's1')
    await put(`${CAEP}session-revoked`, 'ada')
    await put(`${CAEP}session-revoked`, 'eve')
    expect(valueOf(await run(signalsPoll, { stream: id })).facts).toMatchObject({
      taken: 2,
      refused: 0,
      more: false,
    })
    expect(await isOpen('s1')).toBe(false)
    expect(transmitter.waiting.size).toBe(0)
    const [first, last] = transmitter.asked.slice(-2)
    expect(first?.body).toMatchObject({ maxEvents: 50, returnImmediately: true, ack: [] })
    expect(last?.body).toMatchObject({
      maxEvents: 0,
      ack: [expect.any(String), expect.any(String)],
    })
    expect(await told()).toEqual([
      expect.objectContaining({ user: ada.id, signIns: 1 }),
      expect.objectContaining({ user: null, why: 'nobody' }),
    ])
  })

  it('has a token that is wrong reported by setErrs, and the others taken', async () => {
    const id = await add(polled)
    const wrong = await put(`${CAEP}session-revoked`, 'ada', { aud: 'https://other.example.com' })
    await put(`${CAEP}session-revoked`, 'ada')
    expect(valueOf(await run(signalsPoll, { stream: id })).facts).toMatchObject({
      taken: 1,
      refused: 1,
    })
    expect(transmitter.errors.get(wrong)).toEqual({
      err: 'invalid_audience',
      description: expect.any(String),
    })
    expect(transmitter.waiting.size).toBe(0)
  })

  it('has 150 events taken in a run, in rounds of 50; the rest waits', async () => {
    const id = await add(polled)
    for (let i = 0; i < 160; i++) await put(`${CAEP}session-established`, 'ada')
    expect(valueOf(await run(signalsPoll, { stream: id })).facts).toMatchObject({
      taken: 150,
      more: true,
    })
    expect(transmitter.waiting.size).toBe(10)
    expect(valueOf(await run(signalsPoll, { stream: id })).facts).toMatchObject({ taken: 10 })
  })

  it.each<[string, (id: string) => Promise<void>]>([
    [
      'the acknowledgement fails',
      async (stream) => {
        transmitter.instead.set('/poll', () => {
          transmitter.instead.set('/poll', () => new Response(null, { status: 500 }))
          return Response.json({ sets: Object.fromEntries(transmitter.waiting) })
        })
        const refused = refusalOf(await run(signalsPoll, { stream }))
        expect(refused).toMatchObject({ reason: 'transmitter' })
      },
    ],
    [
      'D1 fails at the next one',
      async (stream) => {
        await put(`${CAEP}session-revoked`, 'eve')
        await db
          .prepare(
            `CREATE TRIGGER full BEFORE INSERT ON signals_taken
             WHEN (SELECT count(*) FROM signals_taken) > 0 BEGIN SELECT RAISE(FAIL, 'full'); END`,
          )
          .run()
        await expect(run(signalsPoll, { stream })).rejects.toThrow()
        await db.prepare('DROP TRIGGER full').run()
      },
    ],
  ])('has what an event ended told in the audit, also where %s', async (_, pollInVain) => {
    const id = await add(polled)
    const ada = await seedUser('acme', 'ada')
    await seedSession(ada, 's1')
    await put(`${CAEP}session-revoked`, 'ada')
    await pollInVain(id)
    expect(await isOpen('s1')).toBe(false)
    expect(await told()).toEqual([expect.objectContaining({ user: ada.id, signIns: 1 })])
  })

  it('is verified by an event that is polled at once', async () => {
    const id = await add(polled)
    const sets: Promise<unknown>[] = []
    transmitter.onVerify = (state) => {
      const jti = 'verification'
      const made = setOf(signer, `${SSF}verification`, {
        event: { state },
        claims: { jti, iat: seconds(now), sub_id: { format: 'opaque', id: 'remote-1' } },
      })
      transmitter.instead.set('/poll', () => {
        throw new Error('too early')
      })
      sets.push(
        made.then((set) => {
          transmitter.waiting.set(jti, set)
          transmitter.instead.clear()
        }),
      )
    }
    await run(signalsVerify, { stream: id })
    await Promise.all(sets)
    valueOf(await run(signalsPoll, { stream: id }))
    expect((await findStream(db, id))?.verifiedAt).toBe(now)
  })

  it.each<[string, () => Response]>([
    ['fails', () => new Response(null, { status: 500 })],
    ['is no JSON', () => new Response('<html>')],
    ['has no sets', () => Response.json({})],
    [
      'sends more than was asked for',
      () =>
        Response.json({
          sets: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`${i}`, 'x'])),
        }),
    ],
    ['redirects', () => Response.redirect('https://127.0.0.1/')],
  ])('keeps the fault where the answer %s', async (_, answer) => {
    const id = await add(polled)
    transmitter.instead.set('/poll', answer)
    expect(refusalOf(await run(signalsPoll, { stream: id }))).toMatchObject({
      reason: 'transmitter',
    })
    expect(valueOf(await run(signalsShow, { stream: id })).facts).toMatchObject({
      stream: { fault: expect.stringContaining('/poll') },
    })
  })

  it('is polled by cron, which reads the keys first, and seals the token anew under a new secret', async () => {
    const id = await add(polled)
    await seedSession(await seedUser('acme', 'ada'), 's1')
    signer = await createSigner('next')
    transmitter.jwks = { keys: [signer.jwk] }
    await put(`${CAEP}session-revoked`, 'ada')
    const later = { current: new Uint8Array(32).fill(9), previous: secrets.current }
    const both = await createSealer(later, SIGNALS_PURPOSE)
    const newest = await createSealer({ ...later, previous: null }, SIGNALS_PURPOSE)
    const deps = {
      db,
      newId: context.newId,
      reach,
      sealer: both,
      choose: createChoose({ db, reach }),
    }
    await tendSignals(deps, newest, toInstant(now + 1000))
    expect(await isOpen('s1')).toBe(false)
    expect(transmitter.waiting.size).toBe(0)
    const { token = '' } = (await findStream(db, id)) ?? {}
    expect((await newest.open(token ?? '')).ok).toBe(true)
  })

  it('loses nothing while D1 is down: what was not obeyed is not acknowledged', async () => {
    const id = await add(polled)
    await put(`${CAEP}session-revoked`, 'ada')
    await db.prepare('ALTER TABLE signals_taken RENAME TO gone').run()
    await expect(run(signalsPoll, { stream: id })).rejects.toThrow()
    await db.prepare('ALTER TABLE gone RENAME TO signals_taken').run()
    expect(transmitter.waiting.size).toBe(1)
    expect(valueOf(await run(signalsPoll, { stream: id })).facts).toMatchObject({ taken: 1 })
  })
})
