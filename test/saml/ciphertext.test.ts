/** The shape of what is encrypted: refused before a key is touched, by what is wrong with it. */
import { describe, expect, it } from 'vitest'
import { concatBytes, utf8, type Bytes } from '../../src/lib/bytes.ts'
import { readCiphertext } from '../../src/saml/incoming/ciphertext.ts'
import { parseXml } from '../../src/saml/xml/reader.ts'
import {
  createSpKey,
  encrypt,
  encryptedKey,
  type EncryptOptions,
} from '../../tools/signing/encryptor.ts'
import { assertionXml, responseXml, sign } from '../../tools/signing/saml-signer.ts'
import { expected, idp, options, outcomeOf } from './attacks/stage.ts'

const spKey = await createSpKey()
const OURS = 'https://sp.test/metadata'

const write = (how: EncryptOptions = {}) => encrypt('<a/>', spKey, how)

function read(xml: string) {
  const document = parseXml(utf8(xml))
  if (!document.ok) throw new Error(document.error)
  return readCiphertext(document.value, OURS)
}

const detailOf = (xml: string): string => {
  const ciphertext = read(xml)
  if (ciphertext.ok) return 'read'
  return ciphertext.error.reason === 'malformed-encryption'
    ? ciphertext.error.detail
    : ciphertext.error.reason
}

const DATA = /<xenc:EncryptedData [^]*<\/xenc:EncryptedData>/
const DATA_METHOD = /<xenc:EncryptionMethod Algorithm="[^"]*aes256-gcm"\/>/
const KEY_METHOD =
  /<xenc:EncryptionMethod Algorithm="[^"]*rsa-oaep[^"]*">[^]*?<\/xenc:EncryptionMethod>/
const CIPHER_DATA = /<xenc:CipherData>[^]*?<\/xenc:CipherData>/
const CIPHER_VALUE = /<xenc:CipherValue>[^]*?<\/xenc:CipherValue>/
const KEY_INFO = /<ds:KeyInfo [^]*?<\/ds:KeyInfo>/
const FOREIGN = '<x:EncryptedData xmlns:x="urn:x"/>'

const twice = (part: RegExp) => (xml: string) => xml.replace(part, (found) => found + found)
const without = (part: RegExp) => (xml: string) => xml.replace(part, '')
const withInside = (tag: RegExp, more: string) => (xml: string) =>
  xml.replace(tag, (found) => found + more)
/** The last one: of the EncryptedData, after the keys in its KeyInfo. */
const inLast =
  (part: RegExp, change: (found: string) => string) =>
  (xml: string): string => {
    const found = [...xml.matchAll(new RegExp(part, 'g'))].at(-1)
    if (!found) throw new Error('there is none')
    return xml.slice(0, found.index) + change(found[0]) + xml.slice(found.index + found[0].length)
  }

const CONTAINER = 'EncryptedAssertion holds other things than one EncryptedData and its keys'
const DATA_PARTS = 'EncryptedData has not one EncryptionMethod, CipherData and KeyInfo'
const KEY_PARTS = 'EncryptedKey has not one EncryptionMethod, CipherData and KeyInfo'
const NO_VALUE = 'CipherData holds no CipherValue'
const PARAMETERS = 'EncryptionMethod of EncryptedKey has parameters that RSA-OAEP has not'
const foreign = (name: string) => (found: string) =>
  found
    .replace(`<xenc:${name}`, `<x:${name} xmlns:x="urn:x"`)
    .replace(`</xenc:${name}`, `</x:${name}`)

describe('what is encrypted', () => {
  it('is read as the tests write it', async () => {
    expect(detailOf(await write())).toBe('read')
    expect(detailOf(await write({ place: 'sibling' }))).toBe('read')
  })

  const rows: readonly (readonly [string, (xml: string) => string, string])[] = [
    ['there is no EncryptedData', without(DATA), CONTAINER],
    ['there are two EncryptedData', twice(DATA), CONTAINER],
    ['there is something beside it', withInside(DATA, FOREIGN), CONTAINER],
    ['it is of another namespace', (xml) => xml.replace(DATA, FOREIGN), CONTAINER],
    [
      'its method has parameters',
      (xml) =>
        xml.replace(DATA_METHOD, (found) =>
          found.replace('/>', '><xenc:Other/></xenc:EncryptionMethod>'),
        ),
      'EncryptionMethod of EncryptedData has parameters',
    ],
    [
      'its method has a KeySize of another namespace',
      (xml) =>
        xml.replace(DATA_METHOD, (found) =>
          found.replace(
            '/>',
            '><x:KeySize xmlns:x="urn:x">256</x:KeySize></xenc:EncryptionMethod>',
          ),
        ),
      'EncryptionMethod of EncryptedData has parameters',
    ],
    ['it has no method', without(DATA_METHOD), DATA_PARTS],
    ['it has two methods', twice(DATA_METHOD), DATA_PARTS],
    ['it has no CipherData', inLast(CIPHER_DATA, () => ''), DATA_PARTS],
    ['it has two CipherData', inLast(CIPHER_DATA, (found) => found + found), DATA_PARTS],
    ['it has two KeyInfos', twice(KEY_INFO), DATA_PARTS],
    ['its CipherData is empty', inLast(CIPHER_VALUE, () => ''), NO_VALUE],
    ['it has two CipherValues', inLast(CIPHER_VALUE, (found) => found + found), NO_VALUE],
    [
      'it has a CipherReference',
      inLast(CIPHER_VALUE, () => '<xenc:CipherReference URI="http://127.0.0.1:1/"/>'),
      NO_VALUE,
    ],
    [
      'its CipherValue is of another namespace',
      inLast(CIPHER_VALUE, foreign('CipherValue')),
      NO_VALUE,
    ],
    [
      'its CipherValue is empty',
      inLast(CIPHER_VALUE, () => '<xenc:CipherValue/>'),
      'CipherValue is not base64',
    ],
    [
      'its CipherValue is blank',
      inLast(CIPHER_VALUE, () => '<xenc:CipherValue> </xenc:CipherValue>'),
      'CipherValue is not base64',
    ],
    [
      'its CipherValue is no base64',
      inLast(CIPHER_VALUE, () => '<xenc:CipherValue>%</xenc:CipherValue>'),
      'CipherValue is not base64',
    ],
    [
      'its CipherValue holds an element',
      inLast(CIPHER_VALUE, () => '<xenc:CipherValue>AAAA<a/></xenc:CipherValue>'),
      'CipherValue is not base64',
    ],
    ['its key has no method', without(KEY_METHOD), KEY_PARTS],
    ['its key has no CipherData', (xml) => xml.replace(CIPHER_DATA, ''), KEY_PARTS],
    ['its key has no CipherValue', (xml) => xml.replace(CIPHER_VALUE, ''), NO_VALUE],
    [
      'its key says more of the method',
      withInside(/<xenc:EncryptionMethod Algorithm="[^"]*rsa-oaep[^"]*">/, '<xenc:Other/>'),
      PARAMETERS,
    ],
    [
      'its key says the digest twice',
      (xml) => xml.replace(/<ds:DigestMethod [^>]*\/>/, (found) => found + found),
      PARAMETERS,
    ],
    [
      'the label of its key is no base64',
      withInside(
        /<xenc:EncryptionMethod Algorithm="[^"]*rsa-oaep[^"]*">/,
        '<xenc:OAEPparams>%</xenc:OAEPparams>',
      ),
      'OAEPparams is not base64',
    ],
    [
      'the label of its key holds an element',
      withInside(
        /<xenc:EncryptionMethod Algorithm="[^"]*rsa-oaep[^"]*">/,
        '<xenc:OAEPparams>AAAA<a/></xenc:OAEPparams>',
      ),
      'OAEPparams is not base64',
    ],
    ['there is no key', without(KEY_INFO), 'there is no EncryptedKey'],
  ]
  it.each(rows)('is refused when %s', async (_, change, detail) => {
    const xml = await write()
    expect(change(xml)).not.toBe(xml)
    expect(detailOf(change(xml))).toBe(detail)
  })

  it('may say the size of its key', async () => {
    const size = '><xenc:KeySize>256</xenc:KeySize></xenc:EncryptionMethod>'
    const sized = (await write()).replace(DATA_METHOD, (found) => found.replace('/>', size))
    expect(detailOf(sized)).toBe('read')
  })

  it.each([
    ['another type', { type: 'http://www.w3.org/2001/04/xmlenc#Content' }],
    ['no type at all', { type: '' }],
  ])('is refused as %s than an element', async (_, how) => {
    expect(detailOf(await write(how))).toBe('EncryptedData is not of an Element')
  })
})

describe('a RetrievalMethod', () => {
  const REFERENCE = /<ds:RetrievalMethod [^>]*\/>/
  const refused = 'RetrievalMethod does not name one EncryptedKey beside the EncryptedData'
  const rows: readonly (readonly [string, (xml: string) => string])[] = [
    ['names another', (xml) => xml.replace('URI="#_key"', 'URI="#_other"')],
    ['names none', (xml) => xml.replace(' URI="#_key"', '')],
    ['names one without an Id', (xml) => xml.replace(' Id="_key"', '').replace('#_key', '#null')],
    ['is of another type', (xml) => xml.replace('EncryptedKey" URI', 'DerivedKey" URI')],
    [
      'transforms what it names',
      (xml) =>
        xml.replace(REFERENCE, (found) =>
          found.replace('/>', '><ds:Transforms/></ds:RetrievalMethod>'),
        ),
    ],
    [
      'names two',
      (xml) =>
        xml.replace(/<xenc:EncryptedKey [^]*<\/xenc:EncryptedKey>/, (found) => found + found),
    ],
  ]
  it('is followed to the one key beside the EncryptedData', async () => {
    expect(detailOf(await write({ place: 'retrieval' }))).toBe('read')
  })

  it.each(rows)('is refused when it %s', async (_, change) => {
    const xml = await write({ place: 'retrieval' })
    expect(change(xml)).not.toBe(xml)
    expect(detailOf(change(xml))).toBe(refused)
  })
})

describe('the keys', () => {
  const keyFor = (recipient?: string) =>
    encryptedKey(new Uint8Array(32), spKey, recipient === undefined ? {} : { recipient })
  const countOf = async (how: EncryptOptions): Promise<number | string> => {
    const ciphertext = read(await write(how))
    return ciphertext.ok ? ciphertext.value.keys.length : ciphertext.error.reason
  }

  it('are four at most', async () => {
    const key = await keyFor()
    expect(await countOf({ keysAfter: key.repeat(3) })).toBe(4)
    expect(await countOf({ keysAfter: key.repeat(4) })).toBe('malformed-encryption')
  })

  it.each([
    ['EncryptedKeys beside it', '</saml:EncryptedAssertion>'],
    ['RetrievalMethods', '<ds:RetrievalMethod '],
  ])('are counted before one is looked for: %s', async (_, before) => {
    const key = await keyFor()
    const more = before.startsWith('</') ? key : '<ds:RetrievalMethod URI="#nobody"/>'
    const withMore = (count: number) =>
      write({
        place: 'retrieval',
        edit: (xml) => xml.replace(before, (found) => more.repeat(count) + found),
      })
    const [few, many] = [detailOf(await withMore(3)), detailOf(await withMore(4))]
    expect(few).not.toBe('there are more than 4 EncryptedKeys')
    expect(many).toBe('there are more than 4 EncryptedKeys')
  })

  it('that two references name are one', async () => {
    const xml = await write({ place: 'retrieval' })
    const doubled = read(xml.replace(/<ds:RetrievalMethod [^>]*>/, (found) => found + found))
    expect(doubled.ok && doubled.value.keys.length).toBe(1)
  })

  it('are ours and the unmarked; if there are none of these, all', async () => {
    const [ours, theirs] = [await keyFor(OURS), await keyFor('https://other.test')]
    expect(await countOf({ recipient: OURS, keysAfter: theirs + ours })).toBe(2)
    expect(await countOf({ keysAfter: theirs })).toBe(1)
    expect(await countOf({ recipient: 'https://other.test', keysAfter: theirs })).toBe(2)
  })

  it('of a kind that is not known are passed over beside one that is', async () => {
    const old = (await keyFor()).replace('rsa-oaep-mgf1p', 'rsa-1_5')
    expect(await countOf({ keysBefore: old })).toBe(1)
    expect(read(await write({ edit: (xml) => xml.replace('rsa-oaep-mgf1p', 'rsa-1_5') }))).toEqual({
      ok: false,
      error: {
        reason: 'encryption-not-allowed',
        of: 'key-transport',
        algorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5',
      },
    })
  })
})

describe('what does not decrypt', () => {
  const outcome = async (how: EncryptOptions): Promise<string> => {
    const assertion = assertionXml(options)
    const inner = await sign(assertion, '_assertion', idp)
    const xml = responseXml(options).replace(assertion, '')
    const sealed = await encrypt(inner, spKey, { content: 'aes128-cbc', ...how })
    return outcomeOf(xml.replace('</samlp:Response>', `${sealed}</samlp:Response>`), {
      ...expected,
      sp: { ...expected.sp, decryptionKeys: spKey.decryptionKeys },
    })
  }
  const bytesOfAes = (count: number) => (bytes: Bytes) => bytes.slice(0, count)

  it('is told from what does', async () => {
    expect(await outcome({})).toBe(`accepted as ${options.nameId}`)
  })

  it('is padding of blanks, though XML does not mind blanks', async () => {
    const pad = (bytes: Bytes) => concatBytes(bytes, utf8(' '.repeat(16 - (bytes.length % 16))))
    expect(await outcome({ pad })).toBe('decryption-failed')
  })

  it.each([1, 15, 16, 17, 31])('is a CBC ciphertext of %s bytes', async (count) => {
    expect(await outcome({ editContent: bytesOfAes(count) })).toBe('decryption-failed')
  })

  it.each([1, 12, 27, 28])('is a GCM ciphertext of %s bytes', async (count) => {
    const how = { content: 'aes128-gcm', editContent: bytesOfAes(count) } as const
    expect(await outcome(how)).toBe('decryption-failed')
  })
})
