import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { readResponse } from '../../src/saml/incoming/response.ts'
import { explainResponse, openResponse, type Expect } from '../../src/saml/index.ts'
import { childElements, parseXml } from '../../src/saml/xml/reader.ts'
import {
  contentAlgorithms,
  createSpKey,
  encrypt,
  encryptedKey,
  oaepHashes,
  type EncryptOptions,
} from '../../tools/signing/encryptor.ts'
import { assertionXml, responseXml, sign, toPosted } from '../../tools/signing/saml-signer.ts'
import { expected, idp, options, outcomeOf } from './attacks/stage.ts'

const spKey = await createSpKey()
const expectation: Expect = {
  ...expected,
  sp: { ...expected.sp, decryptionKeys: spKey.decryptionKeys },
}
const zoe = `accepted as ${options.nameId}`

const plain = responseXml(options)
const assertion = assertionXml(options)
const signedAssertion = await sign(assertion, '_assertion', idp)

/** An EncryptedAssertion in the place of the Assertion. */
const around = (inside: string): string => plain.replace(assertion, inside)

type Signed = 'assertion' | 'response' | 'both'

async function encrypted(signed: Signed, how: EncryptOptions = {}): Promise<string> {
  const inner = signed === 'response' ? assertion : signedAssertion
  const xml = around(await encrypt(inner, spKey, how))
  return signed === 'assertion' ? xml : sign(xml, '_response', idp)
}

describe('a function that finds our keys', () => {
  const finding = (find: () => Promise<readonly CryptoKey[]>): Expect => ({
    ...expected,
    sp: { ...expected.sp, decryptionKeys: find },
  })

  const counting = () => {
    const calls: number[] = []
    const find = async () => {
      calls.push(calls.length)
      return spKey.decryptionKeys
    }
    return { find, calls }
  }

  it('is asked for what is encrypted', async () => {
    const { find, calls } = counting()
    expect(await outcomeOf(await encrypted('assertion'), finding(find))).toBe(zoe)
    expect(calls).toHaveLength(1)
    const none = finding(async () => [])
    expect(await outcomeOf(await encrypted('assertion'), none)).toBe('no-decryption-key')
  })

  it('is not asked where nothing is encrypted', async () => {
    const { find, calls } = counting()
    expect(await outcomeOf(around(signedAssertion), finding(find))).toBe(zoe)
    expect(calls).toEqual([])
  })

  it('fails, and so does the reading', async () => {
    const failing = finding(() => Promise.reject(new Error('the store is down')))
    await expect(outcomeOf(await encrypted('assertion'), failing)).rejects.toThrow('is down')
  })
})

describe('an EncryptedAssertion opens', () => {
  describe.each(contentAlgorithms)('%s', (content) => {
    it.each(['assertion', 'response', 'both'] as const)('with %s signed', async (signed) => {
      expect(await outcomeOf(await encrypted(signed, { content }), expectation)).toBe(zoe)
    })
  })

  it.each(oaepHashes)('by RSA-OAEP with %s, digest and mask function', async (hash) => {
    const how = { transport: 'oaep', hash } as const
    expect(await outcomeOf(await encrypted('assertion', how), expectation)).toBe(zoe)
  })

  it.each(['mgf1p', 'oaep'] as const)('by %s that says no hash: SHA-1', async (transport) => {
    const how = { transport, impliesHash: true }
    expect(await outcomeOf(await encrypted('assertion', how), expectation)).toBe(zoe)
  })

  it.each(['mgf1p', 'oaep'] as const)('by %s with OAEPparams', async (transport) => {
    const how = { transport, label: 'a label' }
    expect(await outcomeOf(await encrypted('assertion', how), expectation)).toBe(zoe)
  })

  it.each(['key-info', 'sibling', 'retrieval'] as const)('by a key at: %s', async (place) => {
    expect(await outcomeOf(await encrypted('assertion', { place }), expectation)).toBe(zoe)
  })

  it('without a Type, which the schema lets be absent', async () => {
    expect(await outcomeOf(await encrypted('assertion', { type: null }), expectation)).toBe(zoe)
  })

  it('by any of the keys of a rotation', async () => {
    const next = await createSpKey()
    const decryptionKeys = [...next.decryptionKeys, ...spKey.decryptionKeys]
    const both = { ...expectation, sp: { ...expectation.sp, decryptionKeys } }
    expect(await outcomeOf(await encrypted('assertion'), both)).toBe(zoe)
  })

  it('of every length of the last block', async () => {
    for (let length = 0; length < 16; length++) {
      const inner = signedAssertion + ' '.repeat(length)
      const xml = around(await encrypt(inner, spKey, { content: 'aes128-cbc' }))
      expect(await outcomeOf(xml, expectation)).toBe(zoe)
    }
  })

  it('with the prefixes that are declared around it', async () => {
    const bare = assertion.replace(/ xmlns:saml="[^"]*"/, '')
    const xml = around(await encrypt(bare, spKey))
    expect(await outcomeOf(await sign(xml, '_response', idp), expectation)).toBe(zoe)
    // Signed where it stands, then cut out: what was declared around it belongs to its digest.
    const signed = await sign(plain.replace(assertion, bare), '_assertion', idp)
    const cut = signed.slice(signed.indexOf('<saml:Assertion'), signed.indexOf('</samlp:Response>'))
    expect(await outcomeOf(around(await encrypt(cut, spKey)), expectation)).toBe(zoe)
  })
})

describe('keys for several recipients', async () => {
  const another = await createSpKey()
  const contentKey = new Uint8Array(32)
  const { entityId } = expected.sp
  const theirs = (recipient?: string) =>
    encryptedKey(contentKey, another, recipient === undefined ? {} : { recipient })

  it.each([
    ['none marked', undefined, undefined],
    ['both marked', 'https://other.test', entityId],
    ['the other marked', 'https://other.test', undefined],
    ['ours marked', undefined, entityId],
    ['both marked as others', 'https://other.test', 'https://alias.test'],
  ])('ours is found: %s', async (_, their, our) => {
    const recipient = our === undefined ? {} : { recipient: our }
    for (const side of ['keysBefore', 'keysAfter'] as const) {
      const xml = await encrypted('assertion', { ...recipient, [side]: await theirs(their) })
      expect(await outcomeOf(xml, expectation)).toBe(zoe)
    }
  })

  it('a key by PKCS#1 v1.5 for somebody else does not keep ours from opening', async () => {
    const old = (await theirs())
      .replace('rsa-oaep-mgf1p', 'rsa-1_5')
      .replace(/<ds:Digest[^>]*>/, '')
    const xml = await encrypted('assertion', { keysBefore: old })
    expect(await outcomeOf(xml, expectation)).toBe(zoe)
  })

  it('for another recipient alone does not open', async () => {
    const xml = around(await encrypt(signedAssertion, another))
    expect(await outcomeOf(xml, expectation)).toBe('decryption-failed')
  })

  it('more than four are refused', async () => {
    const keysBefore = (await theirs()).repeat(4)
    expect(await outcomeOf(await encrypted('assertion', { keysBefore }), expectation)).toBe(
      'malformed-encryption',
    )
  })
})

describe('an EncryptedID, and EncryptedAttributes', () => {
  const nameId = /<saml:NameID.*<\/saml:NameID>/
  const attribute = /<saml:Attribute Name="groups">.*?<\/saml:Attribute>/
  const found = (pattern: RegExp): string => pattern.exec(assertion)?.[0] ?? ''

  async function withParts(signed: Signed, how: EncryptOptions = {}): Promise<string> {
    const id = await encrypt(found(nameId), spKey, how, 'EncryptedID')
    const groups = await encrypt(found(attribute), spKey, how, 'EncryptedAttribute')
    let xml = plain.replace(found(nameId), id).replace(found(attribute), groups)
    if (signed !== 'response') xml = await sign(xml, '_assertion', idp)
    return signed === 'assertion' ? xml : sign(xml, '_response', idp)
  }

  it.each(['assertion', 'response', 'both'] as const)('open with %s signed', async (signed) => {
    const opened = await openResponse(toPosted(await withParts(signed)), expectation)
    if (!opened.ok) throw new Error(opened.error.reason)
    expect(opened.value.nameId).toBe(options.nameId)
    expect(Object.fromEntries(opened.value.attributes)).toEqual(options.attributes)
  })

  it('open by CBC, and within an EncryptedAssertion', async () => {
    const xml = await withParts('assertion', { content: 'aes256-cbc', place: 'sibling' })
    expect(await outcomeOf(xml, expectation)).toBe(zoe)
    const inner = xml.slice(xml.indexOf('<saml:Assertion'), xml.indexOf('</samlp:Response>'))
    expect(await outcomeOf(around(await encrypt(inner, spKey)), expectation)).toBe(zoe)
  })

  it('are refused without a key, by what is missing', async () => {
    expect(await outcomeOf(await withParts('assertion'), expected)).toBe('no-decryption-key')
  })

  it('an EncryptedID that holds something else than a NameID is refused', async () => {
    const id = await encrypt(found(attribute), spKey, {}, 'EncryptedID')
    const xml = await sign(plain.replace(found(nameId), id), '_assertion', idp)
    expect(await outcomeOf(xml, expectation)).toBe('decryption-failed')
  })

  it('an EncryptedID beside a NameID is one identifier too many', async () => {
    const id = await encrypt(found(nameId), spKey, {}, 'EncryptedID')
    const xml = await sign(plain.replace(found(nameId), found(nameId) + id), '_assertion', idp)
    expect(await outcomeOf(xml, expectation)).toBe('name-id')
  })

  it('an EncryptedID changed after signing is refused', async () => {
    const xml = await withParts('assertion')
    const other = await encrypt(
      found(nameId).replace(options.nameId, 'attacker@evil.test'),
      spKey,
      {},
      'EncryptedID',
    )
    const forged = xml.replace(/<saml:EncryptedID.*<\/saml:EncryptedID>/, other)
    expect(await outcomeOf(forged, expectation)).toBe('digest-mismatch')
  })
})

describe('more encrypted parts than anybody sends', () => {
  const attribute = /<saml:Attribute Name="groups">.*?<\/saml:Attribute>/

  it.each([
    [100, 'no-decryption-key'],
    [101, 'malformed-encryption'],
  ])('%d attributes: %s, for each would cost an RSA operation', async (count, reason) => {
    const one = await encrypt(attribute.exec(assertion)?.[0] ?? '', spKey, {}, 'EncryptedAttribute')
    const xml = await sign(plain.replace(attribute, one.repeat(count)), '_assertion', idp)
    expect(await outcomeOf(xml, expected)).toBe(reason)
  })
})

describe('a response explained', () => {
  const checksOf = async (xml: string, by: Expect) =>
    (await explainResponse(toPosted(xml), by)).findings.map(({ check, error }) => [
      check,
      error?.reason ?? null,
    ])
  const [verified, opened] = [
    'Readable, and signed by a certificate of the connection',
    'Encrypted parts decrypt with a key of ours',
  ]

  it('tells what does not open from what is not signed', async () => {
    const xml = await encrypted('assertion')
    expect(await checksOf(xml, expected)).toEqual([[opened, 'no-decryption-key']])
    expect(await checksOf(plain, expectation)).toEqual([[verified, 'unsigned']])
    expect((await checksOf(xml, expectation)).slice(0, 2)).toEqual([
      [verified, null],
      [opened, null],
    ])
  })
})

describe('a response shown', () => {
  it.each(['assertion', 'response', 'both'] as const)(
    'is as it was posted, with its assertion decrypted: %s signed',
    async (signed) => {
      const xml = await encrypted(signed)
      const read = await readResponse(toPosted(xml), expectation)
      const children = read.signed ? childElements(read.signed.shown) : []
      const posted = parseXml(utf8(xml))
      expect(children.map(({ local }) => local)).toEqual(
        posted.ok && childElements(posted.value).map(({ local }) => local.replace('Encrypted', '')),
      )
      expect(children.some(({ local }) => local === 'Signature')).toBe(signed !== 'assertion')
    },
  )
})

describe('a connection that wants encryption', () => {
  const strict = { ...expectation, requireEncryption: true }

  it('refuses an assertion in the clear', async () => {
    const xml = await sign(plain, '_assertion', idp)
    expect(await outcomeOf(xml, expectation)).toBe(zoe)
    expect(await outcomeOf(xml, strict)).toBe('not-encrypted')
  })

  it('takes an encrypted one', async () => {
    expect(await outcomeOf(await encrypted('both'), strict)).toBe(zoe)
  })
})

describe('what WebCrypto or prudence cannot do is refused by a reason that says what to set', () => {
  const swap = async (from: string | RegExp, to: string, how: EncryptOptions = {}) =>
    openResponse(toPosted((await encrypted('assertion', how)).replace(from, to)), expectation)

  it('PKCS#1 v1.5', async () => {
    const digest = /<ds:DigestMethod[^>]*>/
    const xml = (await encrypted('assertion')).replace('rsa-oaep-mgf1p', 'rsa-1_5')
    expect(await openResponse(toPosted(xml.replace(digest, '')), expectation)).toMatchObject({
      error: { reason: 'encryption-not-allowed', of: 'key-transport' },
    })
  })

  it.each([
    ['aes256-gcm', 'tripledes-cbc'],
    ['aes256-gcm', 'aes256-ctr'],
  ])('content by another method than AES-GCM and AES-CBC (%s → %s)', async (from, to) => {
    expect(await swap(from, to)).toMatchObject({
      error: { reason: 'encryption-not-allowed', of: 'content' },
    })
  })

  it('an OAEP digest without a name', async () => {
    expect(await swap('xmldsig#sha1"', 'xmldsig#md5"')).toMatchObject({
      error: { reason: 'encryption-not-allowed', of: 'oaep-digest' },
    })
  })

  it('rsa-oaep-mgf1p with SHA-256, which masks by SHA-1 all the same', async () => {
    expect(await swap('xmldsig#sha1"', 'xmldsig#sha1"', { hash: 'SHA-256' })).toMatchObject({
      error: { reason: 'oaep-hashes-differ', digest: 'SHA-256', mask: 'SHA-1' },
    })
  })

  it('a hash that no key was imported for', async () => {
    const decryptionKeys = spKey.decryptionKeys.slice(0, 1)
    const one = { ...expectation, sp: { ...expectation.sp, decryptionKeys } }
    const xml = await encrypted('assertion', { transport: 'oaep', hash: 'SHA-512' })
    expect(await openResponse(toPosted(xml), one)).toMatchObject({
      error: { reason: 'no-decryption-key', hash: 'SHA-512' },
    })
  })
})
