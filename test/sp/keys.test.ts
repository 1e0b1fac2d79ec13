import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { StoreUnavailable } from '../../src/lib/store-error.ts'
import { parseCertificate } from '../../src/saml/certificate.ts'
import {
  createSpKeys,
  makeSpKeys,
  SP_KEYS_PURPOSE,
  tendSpKeys,
  type SpKeys,
} from '../../src/sp/keys.ts'
import {
  addNextGeneration,
  findGenerations,
  removeGeneration,
  useLastGeneration,
  useNextGeneration,
} from '../../src/sp/store.ts'
import { failsAt } from '../support/binding.ts'
import { addConnection } from '../support/session.ts'
import { noon } from '../support/site.ts'

const secret = (letter: string) => utf8(letter.repeat(32))
const sealerOf = (current: string, previous: string | null = null) =>
  createSealer(
    { current: secret(current), previous: previous === null ? null : secret(previous) },
    SP_KEYS_PURPOSE,
  )
const sealer = await sealerOf('a')
const stored = async () => (await env.DB.prepare('SELECT * FROM sp_keys').all()).results
const anIsolate = (): SpKeys => createSpKeys(env.DB, sealer)

/** What is encrypted for a certificate. */
async function encryptFor(certificate: string, hash: string): Promise<Uint8Array<ArrayBuffer>> {
  const parsed = parseCertificate(certificate)
  if (!parsed.ok) throw new Error(parsed.error)
  const algorithm = { name: 'RSA-OAEP', hash }
  const key = await crypto.subtle.importKey('spki', parsed.value.spki, algorithm, false, [
    'encrypt',
  ])
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'RSA-OAEP' }, key, utf8('hello')))
}

async function opens(
  keys: readonly CryptoKey[],
  sealed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const tried = await Promise.all(
    keys.map((key) => crypto.subtle.decrypt({ name: 'RSA-OAEP' }, key, sealed).catch(() => null)),
  )
  return tried.filter((text) => text !== null).length === 1
}

beforeEach(async () => {
  await env.DB.exec('DELETE FROM connections')
  await env.DB.exec('DELETE FROM sp_keys')
  await env.DB.exec('DELETE FROM sp_generations')
})

describe('on first need', () => {
  it('a key to encrypt for is made, whose private half opens by every hash', async () => {
    const keys = anIsolate()
    const { signing, encryption } = await keys.certificates('ecdsa-sha256', noon)
    expect([signing.length, encryption.length]).toEqual([1, 1])
    const parsed = parseCertificate(encryption[0] ?? '')
    expect(parsed.ok && parsed.value).toMatchObject({
      key: { kind: 'rsa', bits: 2048 },
      subject: 'Gatehouse encryption 1',
      notBefore: noon,
    })
    const decryptionKeys = await keys.decryptionKeys(noon)
    expect(decryptionKeys.map((key) => [key.extractable, key.usages])).toEqual(
      Array.from({ length: 4 }, () => [false, ['decrypt']]),
    )
    for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
      expect(await opens(decryptionKeys, await encryptFor(encryption[0] ?? '', hash))).toBe(true)
    }
  })

  it.each(['rsa-sha256', 'ecdsa-sha256'] as const)(
    'one to sign by %s is made',
    async (algorithm) => {
      const keys = anIsolate()
      const signer = await keys.signer(algorithm, noon)
      expect(signer.key.extractable).toBe(false)
      const { signing } = await keys.certificates(algorithm, noon)
      expect(signing).toEqual([signer.certificate])
      const parsed = parseCertificate(signer.certificate)
      expect(parsed.ok && parsed.value.key.kind).toBe(algorithm === 'rsa-sha256' ? 'rsa' : 'ec')
    },
  )

  it('reading makes none: who has none has nothing encrypted for it', async () => {
    expect(await anIsolate().decryptionKeys(noon)).toEqual([])
    expect(await stored()).toEqual([])
  })

  it('isolates that make it at the same time have one', async () => {
    const all = await Promise.all(
      Array.from({ length: 4 }, () => anIsolate().certificates('ecdsa-sha256', noon)),
    )
    expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(await stored()).toHaveLength(2)
  })

  it('it is stored sealed: it opens under the secret, and under no other', async () => {
    await anIsolate().certificates('rsa-sha256', noon)
    const all = await stored()
    expect(all.map(({ kind }) => kind)).toEqual(['encryption', 'rsa-sha256'])
    for (const { sealed_private_key: sealed, ...rest } of all) {
      expect(await sealer.open(String(sealed))).toMatchObject({ ok: true })
      expect(await (await sealerOf('b')).open(String(sealed))).toMatchObject({ ok: false })
      expect(Object.keys(rest)).toEqual(['generation', 'kind', 'certificate', 'created_at'])
    }
  })
})

describe('before a request needs them', () => {
  const kinds = async () => (await stored()).map(({ kind }) => kind)

  it('cron makes the keys of connections, each kind once, and none without a connection', async () => {
    const tend = () => tendSpKeys(env.DB, { sealer, newest: sealer, usual: 'rsa-sha256' }, noon)
    await tend()
    expect(await kinds()).toEqual([])
    for (const id of ['okta', 'entra']) await addConnection(id)
    await tend()
    expect(await kinds()).toEqual(['encryption', 'rsa-sha256'])
    await env.DB.exec(
      `UPDATE connections SET settings = '{"signRequests":"ecdsa-sha256"}' WHERE id = 'entra'`,
    )
    await tend()
    expect(await kinds()).toEqual(['ecdsa-sha256', 'encryption', 'rsa-sha256'])
    const made = await stored()
    await tend()
    expect(await stored()).toEqual(made)
  })

  it('they are made, so that none is made later', async () => {
    await makeSpKeys(env.DB, sealer, ['rsa-sha256'], noon)
    const generate = vi.spyOn(crypto.subtle, 'generateKey')
    const keys = anIsolate()
    const { certificate } = await keys.signer('rsa-sha256', noon)
    const { signing, encryption } = await keys.certificates('rsa-sha256', noon)
    expect([signing, encryption.length]).toEqual([[certificate], 1])
    expect(generate).not.toHaveBeenCalled()
    generate.mockRestore()
  })

  it('a request that needs one all the same takes no processor for it where D1 cannot write', async () => {
    const generate = vi.spyOn(crypto.subtle, 'generateKey')
    const readOnly = failsAt(env.DB, /INSERT/)
    const signer = createSpKeys(readOnly, sealer).signer('rsa-sha256', noon)
    await expect(signer).rejects.toBeInstanceOf(StoreUnavailable)
    expect(generate).not.toHaveBeenCalled()
    generate.mockRestore()
  })
})

describe('a rotation', () => {
  it('publishes both to sign, encrypts for the new one, signs with the old until the word is given', async () => {
    const before = await anIsolate().certificates('rsa-sha256', noon)
    expect(await addNextGeneration(env.DB, noon)).toBe(true)
    expect(await addNextGeneration(env.DB, noon)).toBe(false)

    const during = await anIsolate().certificates('rsa-sha256', noon)
    expect(during.signing).toHaveLength(2)
    expect(during.signing).toContain(before.signing[0])
    expect(during.encryption).toHaveLength(1)
    expect(during.encryption).not.toEqual(before.encryption)
    const signer = await anIsolate().signer('rsa-sha256', noon)
    expect(signer.certificate).toBe(before.signing[0])

    await useNextGeneration(env.DB, noon)
    const after = await anIsolate().signer('rsa-sha256', noon)
    expect(after.certificate).not.toBe(before.signing[0])
    expect(during.signing).toContain(after.certificate)
    expect((await anIsolate().certificates('rsa-sha256', noon)).signing).toHaveLength(2)

    expect(await removeGeneration(env.DB, 'last')).toBe(true)
    expect((await anIsolate().certificates('rsa-sha256', noon)).signing).toEqual([
      after.certificate,
    ])
  })

  it('opens what is encrypted for either, from its beginning to its end', async () => {
    const { encryption: old } = await anIsolate().certificates('rsa-sha256', noon)
    await addNextGeneration(env.DB, noon)
    const { encryption: next } = await anIsolate().certificates('rsa-sha256', noon)
    const sealed = await Promise.all(
      [...old, ...next].map((certificate) => encryptFor(certificate, 'SHA-1')),
    )
    const opened = async () => {
      const keys = await anIsolate().decryptionKeys(noon)
      return Promise.all(sealed.map((each) => opens(keys, each)))
    }
    expect(await opened()).toEqual([true, true])
    await useNextGeneration(env.DB, noon)
    expect(await opened()).toEqual([true, true])
    await removeGeneration(env.DB, 'last')
    expect(await opened()).toEqual([false, true])
  })

  it('without new keys changes nothing: those in use stay', async () => {
    const { certificate } = await anIsolate().signer('rsa-sha256', noon)
    expect(await useNextGeneration(env.DB, noon)).toBe(false)
    expect(await useLastGeneration(env.DB, noon)).toBe(false)
    expect((await anIsolate().signer('rsa-sha256', noon)).certificate).toBe(certificate)
  })

  it('that nobody asks for is made by the cron, of the kinds that are in use', async () => {
    await anIsolate().certificates('ecdsa-sha256', noon)
    await addNextGeneration(env.DB, noon)
    await tendSpKeys(env.DB, { sealer, newest: sealer, usual: 'rsa-sha256' }, noon)
    const generations = await findGenerations(env.DB)
    expect(generations.map(({ state, keys }) => [state, keys.map(({ kind }) => kind)])).toEqual([
      ['next', ['ecdsa-sha256', 'encryption']],
      ['current', ['ecdsa-sha256', 'encryption']],
    ])
  })

  it('never happens by itself', async () => {
    const before = await anIsolate().certificates('rsa-sha256', noon)
    const later = plusSeconds(noon, 9 * 365 * 86_400)
    await tendSpKeys(env.DB, { sealer, newest: sealer, usual: 'rsa-sha256' }, later)
    expect(await anIsolate().certificates('rsa-sha256', later)).toEqual(before)
  })

  it('asks D1 no more often while the keys that were in use lack a kind that is new', async () => {
    await anIsolate().certificates('rsa-sha256', noon)
    await addNextGeneration(env.DB, noon)
    await anIsolate().certificates('rsa-sha256', noon)
    await useNextGeneration(env.DB, noon)
    let asked = 0
    const counted = new Proxy(env.DB, {
      get: (db, name) => {
        if (name === 'prepare') asked++
        const value: unknown = Reflect.get(db, name)
        return typeof value === 'function' ? value.bind(db) : value
      },
    })
    const keys = createSpKeys(counted, sealer)
    await keys.signer('ecdsa-sha256', noon)
    const { signing } = await keys.certificates('ecdsa-sha256', noon)
    expect(signing).toHaveLength(1)
    asked = 0
    await keys.signer('ecdsa-sha256', noon)
    await keys.certificates('ecdsa-sha256', noon)
    expect(asked).toBe(0)
  })

  it('is seen by an isolate within a minute', async () => {
    const keys = anIsolate()
    const { encryption } = await keys.certificates('rsa-sha256', noon)
    await addNextGeneration(env.DB, noon)
    expect(await keys.certificates('rsa-sha256', plusSeconds(noon, 59))).toMatchObject({
      encryption,
    })
    expect((await keys.certificates('rsa-sha256', plusSeconds(noon, 60))).encryption).not.toEqual(
      encryption,
    )
  })
})

describe('another GATEHOUSE_SECRET', () => {
  it('opens the same keys while the last one is still given, and without it after the cron', async () => {
    const { encryption } = await anIsolate().certificates('rsa-sha256', noon)
    const sealed = await encryptFor(encryption[0] ?? '', 'SHA-256')
    const [rotated, alone] = [await sealerOf('b', 'a'), await sealerOf('b')]
    const keys = (by: typeof alone) => createSpKeys(env.DB, by).decryptionKeys(noon)
    expect(await opens(await keys(rotated), sealed)).toBe(true)
    expect(await keys(alone)).toEqual([])

    await tendSpKeys(env.DB, { sealer: rotated, newest: alone, usual: 'rsa-sha256' }, noon)
    expect(await opens(await keys(alone), sealed)).toBe(true)
    const signer = await createSpKeys(env.DB, alone).signer('rsa-sha256', noon)
    expect(signer.key.type).toBe('private')
  })

  it('that opens none signs nothing', async () => {
    await anIsolate().certificates('rsa-sha256', noon)
    const stranger = createSpKeys(env.DB, await sealerOf('c'))
    await expect(stranger.signer('rsa-sha256', noon)).rejects.toThrow('another secret')
  })
})

describe('when D1 fails', () => {
  it('says so', async () => {
    const broken = new Proxy(env.DB, {
      get: () => () => {
        throw new Error('D1 is down')
      },
    })
    await expect(createSpKeys(broken, sealer).decryptionKeys(noon)).rejects.toThrow(
      StoreUnavailable,
    )
  })
})
