/** Keys of issuers: which are read, when they are read again, and what happens meanwhile. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chooseKeys, parseKeys } from '../../src/signals/keys.ts'
import { findStream } from '../../src/signals/store.ts'
import { breakable, failsAt, failsToAnswer } from '../support/binding.ts'
import {
  CAEP,
  createSignals,
  createSigner,
  db,
  emptySignals,
  isIn,
  pass,
  pushTo,
  setOf,
  type Signer,
} from './stage.ts'

beforeEach(emptySignals)
afterEach(() => vi.unstubAllGlobals())

const type = `${CAEP}session-revoked`

describe('a JWKS (RFC 7517)', () => {
  it('gives the keys for signatures that we use, and no private part', async () => {
    const rsa = await createSigner('a')
    const ec = await createSigner('b', 'ES256')
    const keys = [
      { ...rsa.jwk, use: 'sig', d: 'private', x5c: ['…'] },
      ec.jwk,
      { kty: 'oct', k: 'c2VjcmV0', kid: 'c' },
      { ...rsa.jwk, kid: 'd', use: 'enc' },
      { kty: 'EC', crv: 'secp256k1', x: 'x', y: 'y' },
      'text',
    ]
    expect(parseKeys(JSON.stringify({ keys }))).toEqual({ ok: true, value: [rsa.jwk, ec.jwk] })
  })

  it.each([
    ['[]', 'not-a-key-set'],
    ['{"keys":{}}', 'not-a-key-set'],
    ['{"keys":[]}', 'no-key'],
    ['<html>', 'not-a-key-set'],
  ])('%s is refused', (text, error) => {
    expect(parseKeys(text)).toEqual({ ok: false, error })
  })

  it('with more than 20 keys is refused', async () => {
    const { jwk } = await createSigner()
    const keys = Array.from({ length: 21 }, (_, i) => ({ ...jwk, kid: `${i}` }))
    expect(parseKeys(JSON.stringify({ keys }))).toEqual({ ok: false, error: 'too-many-keys' })
  })

  it('offers only keys of the kind of the algorithm, and of the kid where there is one', async () => {
    const [rsa, ec] = [await createSigner('a'), await createSigner('b', 'ES256')]
    const keys = [rsa.jwk, ec.jwk]
    expect(chooseKeys(keys, { alg: 'RS256', kid: null })).toEqual([rsa.jwk])
    expect(chooseKeys(keys, { alg: 'ES256', kid: 'b' })).toEqual([ec.jwk])
    expect(chooseKeys(keys, { alg: 'ES256', kid: 'a' })).toEqual([])
    // The key says that it is for RS256.
    expect(chooseKeys(keys, { alg: 'PS256', kid: 'a' })).toEqual([])
  })
})

it.each(['RS256', 'RS384', 'RS512', 'ES256', 'ES384'])('a token by %s is taken', async (alg) => {
  const stage = await createSignals()
  const signer = await createSigner('other', alg)
  await db
    .prepare('UPDATE signal_streams SET jwks = ?1')
    .bind(JSON.stringify([signer.jwk]))
    .run()
  expect((await stage.push(await setOf(signer, type))).status).toBe(202)
})

it('a token by an RSA key of 1024 bits is refused', async () => {
  const stage = await createSignals()
  const weak = await createSigner('weak', 'RS256', 1024)
  await db
    .prepare('UPDATE signal_streams SET jwks = ?1')
    .bind(JSON.stringify([weak.jwk]))
    .run()
  expect((await stage.push(await setOf(weak, type))).body.err).toBe('invalid_key')
})

/** The transmitter's server: each address that was asked, and with which options. */
function server(answer: () => Response) {
  const asked: { url: string; redirect: unknown }[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push({ url, redirect: init.redirect })
    return answer()
  })
  return asked
}
const jwks = (...signers: readonly Signer[]) =>
  Response.json({ keys: signers.map(({ jwk }) => jwk) })

describe('a token that names an unknown key', () => {
  it('has the keys read again, and is taken if the key is there now', async () => {
    const stage = await createSignals()
    const ada = await stage.enter('ada@example.com')
    const next = await createSigner('key-2')
    const asked = server(() => jwks(stage.signer, next))
    expect((await stage.push(await setOf(next, type))).status).toBe(202)
    expect(asked).toEqual([{ url: 'https://tr.example.com/jwks.json', redirect: 'manual' }])
    vi.unstubAllGlobals()
    expect(await isIn(ada)).toBe(false)
  })

  it('is refused if the key is not there; the next one within five minutes asks nobody, and must come again', async () => {
    const stage = await createSignals()
    const stranger = await createSigner('key-2')
    const asked = server(() => jwks(stage.signer))
    const first = await stage.push(await setOf(stranger, type))
    expect([first.status, first.body.err]).toEqual([400, 'invalid_key'])
    for (let i = 0; i < 20; i++) {
      const reply = await stage.push(await setOf({ ...stranger, kid: `made-up-${i}` }, type))
      expect([reply.status, reply.headers.get('Retry-After')]).toEqual([503, '300'])
    }
    expect(asked).toHaveLength(1)
    // Known keys are not held up by the flood.
    expect((await stage.push(await setOf(stage.signer, type))).status).toBe(202)
    pass(301)
    expect((await stage.push(await setOf(stranger, type))).status).toBe(400)
    expect(asked).toHaveLength(2)
  })

  it('costs no write of D1 while nobody may be asked', async () => {
    const stage = await createSignals()
    const stranger = await createSigner('key-2')
    server(() => jwks(stage.signer))
    await stage.push(await setOf(stranger, type))
    const before = await db.prepare('SELECT * FROM signal_streams').first()
    for (let i = 0; i < 5; i++) await stage.push(await setOf(stranger, type))
    expect(await db.prepare('SELECT * FROM signal_streams').first()).toEqual(before)
    expect(await db.prepare('SELECT count(*) AS n FROM signals_taken').first('n')).toBe(0)
  })

  it.each<[string, () => Response]>([
    ['redirects', () => Response.redirect('https://evil.example.com/jwks.json')],
    ['fails', () => new Response('no', { status: 500 })],
    ['is no key set', () => new Response('<html>')],
    ['is larger than 1 MB', () => new Response('x'.repeat(1_100_000))],
  ])(
    'where the answer for the keys %s: the keys of before stay, and the fault is kept',
    async (_, answer) => {
      const stage = await createSignals()
      const asked = server(answer)
      const reply = await stage.push(await setOf(await createSigner('key-2'), type))
      expect(reply.status).toBe(503)
      expect(asked).toHaveLength(1)
      expect(await findStream(db, 'stream-1')).toMatchObject({
        jwks: [stage.signer.jwk],
        fault: expect.stringContaining('https://tr.example.com/jwks.json'),
      })
    },
  )

  it.each([
    'https://127.0.0.1/jwks.json',
    'https://169.254.169.254/jwks.json',
    'https://router.local/jwks.json',
    'http://tr.example.com/jwks.json',
    // The site itself: the Worker would pass by its own gate.
    'https://app.example.com/jwks.json',
  ])('asks no private address and no guarded host: %s', async (jwksUrl) => {
    const stage = await createSignals({ jwksUrl })
    const asked = server(() => jwks(stage.signer))
    const reply = await stage.push(await setOf(await createSigner('key-2'), type))
    expect([reply.status, asked]).toEqual([503, []])
  })
})

describe('while D1 is down', () => {
  it.each<[string, () => D1Database]>([
    ['at all', () => Object.assign(breakable(db), { isBroken: true }).binding],
    ['where it is to find the person', () => failsAt(db, /scim_users/)],
    ['where it is to end sign-ins', () => failsAt(db, /signals_taken/)],
  ])(
    '%s: 503 with Retry-After, and the signal is obeyed when it comes again',
    async (_, faulty) => {
      const stage = await createSignals()
      const ada = await stage.enter('ada@example.com')
      const set = await setOf(stage.signer, type)
      const down = await pushTo({ DB: faulty() }, set)
      expect([down.status, down.headers.get('Retry-After')]).toEqual([503, '5'])
      expect(await isIn(ada)).toBe(true)
      expect((await stage.push(set)).status).toBe(202)
      expect(await isIn(ada)).toBe(false)
    },
  )

  it('a signal that was obeyed, but whose answer was lost, is acknowledged when it comes again', async () => {
    const stage = await createSignals()
    const ada = await stage.enter('ada@example.com')
    const set = await setOf(stage.signer, type)
    const lost = await pushTo({ DB: failsAtAnswer() }, set)
    expect(lost.status).toBe(503)
    expect((await stage.push(set)).status).toBe(202)
    expect(await isIn(ada)).toBe(false)
  })
})

/** Loses the answer to the batch that ends sign-ins, not that to the one that finds people. */
function failsAtAnswer(): D1Database {
  let batches = 0
  const lost = failsToAnswer(db, 'batch')
  return new Proxy(db, {
    get(target, name) {
      if (name === 'batch' && ++batches > 1) return lost.batch.bind(lost)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
