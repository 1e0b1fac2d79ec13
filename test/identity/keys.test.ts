import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { createKeyRing, rotateKeys, SIGNING_KEYS_PURPOSE } from '../../src/identity/keys.ts'
import { createIdentityApp } from '../../src/identity/routes.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { decodeUtf8, utf8 } from '../../src/lib/bytes.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { StoreUnavailable } from '../../src/lib/store-error.ts'
import { noon, siteOf, visitOf } from '../support/site.ts'

const DAY = 86_400
const secret = (letter: string) => utf8(letter.repeat(32))
const sealerOf = (current: string, previous: string | null = null) =>
  createSealer(
    { current: secret(current), previous: previous === null ? null : secret(previous) },
    SIGNING_KEYS_PURPOSE,
  )
const sealer = await sealerOf('a')

const stored = async () =>
  (await env.DB.prepare('SELECT * FROM signing_keys ORDER BY signs_from').all()).results
const at = (days: number): Instant => plusSeconds(noon, days * DAY)

beforeEach(async () => {
  await env.DB.exec('DELETE FROM signing_keys')
})

describe('the first key', () => {
  it('is made on first need, signs at once, and is published without its private half', async () => {
    const ring = createKeyRing(env.DB, sealer)
    const { kid, key } = await ring.signingKey(noon)
    expect(key.extractable).toBe(false)
    const [published, ...others] = await ring.publicKeys(noon)
    expect(others).toEqual([])
    expect(published).toEqual({
      kid,
      kty: 'EC',
      crv: 'P-256',
      x: expect.any(String),
      y: expect.any(String),
      alg: 'ES256',
      use: 'sig',
    })
  })

  it('is one key when isolates need it at the same time', async () => {
    const rings = Array.from({ length: 8 }, () => createKeyRing(env.DB, sealer))
    const keys = await Promise.all(
      rings.map((ring, i) => ring.signingKey(plusSeconds(noon, i % 2))),
    )
    expect(new Set(keys.map((key) => key.kid)).size).toBe(1)
    expect(await stored()).toHaveLength(1)
  })

  it('is stored sealed: it opens under the secret, and under no other', async () => {
    await createKeyRing(env.DB, sealer).signingKey(noon)
    const [row] = await stored()
    const { public_jwk: publicJwk, sealed_private_key: sealed, ...rest } = row ?? {}
    const opened = await sealer.open(String(sealed))
    expect(opened.ok && decodeUtf8(opened.value).ok).toBe(true)
    expect((await (await sealerOf('b')).open(String(sealed))).ok).toBe(false)
    expect(JSON.parse(String(publicJwk))).not.toHaveProperty('d')
    expect(Object.keys(rest)).toEqual(['kid', 'created_at', 'signs_from', 'published_until'])
  })

  it('is not read again for five minutes', async () => {
    const ring = createKeyRing(env.DB, sealer)
    const first = await ring.signingKey(noon)
    await env.DB.exec('DELETE FROM signing_keys')
    expect((await ring.signingKey(plusSeconds(noon, 299))).kid).toBe(first.kid)
    expect((await ring.signingKey(plusSeconds(noon, 300))).kid).not.toBe(first.kid)
  })
})

describe('a key', () => {
  it('is named by its thumbprint (RFC 7638)', async () => {
    const [published] = await createKeyRing(env.DB, sealer).publicKeys(noon)
    expect(published?.kid).toBe(await calculateJwkThumbprint(published ?? {}))
  })

  it('that was stored as PEM in lines of 64 still signs, and no longer leaves the isolate', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
    const pem = await exportPKCS8(privateKey)
    expect(pem.split('\n').length).toBeGreaterThan(3)
    const jwk = await exportJWK(publicKey)
    await env.DB.prepare(
      `INSERT INTO signing_keys
         (kid, public_jwk, sealed_private_key, created_at, signs_from, published_until)
       VALUES ('earlier', ?1, ?2, ?3, ?3, ?3 + 1)`,
    )
      .bind(JSON.stringify({ ...jwk, kid: 'earlier' }), await sealer.seal(utf8(pem)), noon)
      .run()
    const { kid, key } = await createKeyRing(env.DB, sealer).signingKey(noon)
    expect([kid, key.extractable, key.usages]).toEqual(['earlier', false, ['sign']])
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const signature = await crypto.subtle.sign(algorithm, key, utf8('said'))
    expect(await crypto.subtle.verify(algorithm, publicKey, signature, utf8('said'))).toBe(true)
  })
})

describe('rotation', () => {
  it('makes a first key, and no second one as long as that is young', async () => {
    await rotateKeys(env.DB, sealer, sealer, noon)
    await rotateKeys(env.DB, sealer, sealer, at(1))
    await rotateKeys(env.DB, sealer, sealer, at(28.9))
    expect(await stored()).toHaveLength(1)
  })

  it('publishes the next key a day before it signs, and the last one a day after', async () => {
    const ring = createKeyRing(env.DB, sealer)
    const first = await ring.signingKey(noon)
    await rotateKeys(env.DB, sealer, sealer, at(29))
    const both = await ring.publicKeys(at(29))
    expect(both).toHaveLength(2)
    expect((await ring.signingKey(at(29.99))).kid).toBe(first.kid)

    const second = await ring.signingKey(at(30))
    expect(second.kid).not.toBe(first.kid)
    expect(both.map((key) => key.kid)).toContain(second.kid)
    await rotateKeys(env.DB, sealer, sealer, at(30.9))
    expect(await ring.publicKeys(at(30.9))).toHaveLength(2)

    await rotateKeys(env.DB, sealer, sealer, at(31))
    expect((await ring.publicKeys(at(31))).map((key) => key.kid)).toEqual([second.kid])
  })

  it('adds one key when two run at the same time', async () => {
    await rotateKeys(env.DB, sealer, sealer, noon)
    await Promise.all(
      [1, 2, 3].map((i) => rotateKeys(env.DB, sealer, sealer, plusSeconds(at(29), i))),
    )
    expect(await stored()).toHaveLength(2)
  })

  it('signs on with the last key for as long as rotation does not run', async () => {
    const ring = createKeyRing(env.DB, sealer)
    const { kid } = await ring.signingKey(noon)
    expect((await ring.signingKey(at(400))).kid).toBe(kid)
    expect(await ring.publicKeys(at(400))).toHaveLength(1)
  })
})

describe('another GATEHOUSE_SECRET', () => {
  it('goes on with the same key while the last secret is still given', async () => {
    const { kid } = await createKeyRing(env.DB, sealer).signingKey(noon)
    const rotated = createKeyRing(env.DB, await sealerOf('b', 'a'))
    expect((await rotated.signingKey(noon)).kid).toBe(kid)
  })

  it('begins a key of its own when it opens none, and both are published', async () => {
    const before = await createKeyRing(env.DB, sealer).signingKey(noon)
    const other = await sealerOf('b')
    const [one, two] = [createKeyRing(env.DB, other), createKeyRing(env.DB, other)]
    const later = plusSeconds(noon, 60)
    const [first, second] = await Promise.all([one.signingKey(later), two.signingKey(later)])
    expect(first.kid).toBe(second.kid)
    expect(first.kid).not.toBe(before.kid)
    const published = (await one.publicKeys(later)).map((key) => key.kid)
    expect(new Set(published)).toEqual(new Set([before.kid, first.kid]))
    expect((await createKeyRing(env.DB, sealer).signingKey(later)).kid).toBe(before.kid)
  })
})

describe('when D1 fails', () => {
  it('says so, and makes no key out of thin air', async () => {
    const broken = new Proxy(env.DB, {
      get: () => () => {
        throw new Error('D1 is down')
      },
    })
    await expect(createKeyRing(broken, sealer).signingKey(noon)).rejects.toThrow(StoreUnavailable)
  })
})

describe('the JWKS', () => {
  it('is public, may be cached for an hour, and is never empty', async () => {
    const app = createIdentityApp({ keys: createKeyRing(env.DB, sealer) })
    const visit = visitOf(siteOf())
    const host = new Hono<{ Variables: { visit: typeof visit } }>()
      .use(async (c, next) => {
        c.set('visit', visit)
        await next()
      })
      .route('/', app)
    const response = await host.request('https://app.example.com/.gatehouse/jwks.json')
    expect(response.status).toBe(200)
    expect(response.headers.get('Cache-Control')).toBe('public, max-age=3600')
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const { keys } = await response.json<{ keys: readonly object[] }>()
    expect(keys).toHaveLength(1)
    expect(keys[0]).not.toHaveProperty('d')
  })
})
