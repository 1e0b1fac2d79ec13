/** An attacker has our public key: anybody can encrypt. What is encrypted proves nothing. */
import { describe, expect, it } from 'vitest'
import { toPublic } from '../../../src/login/error.ts'
import { openResponse, type Expect } from '../../../src/saml/index.ts'
import { utf8, type Bytes } from '../../../src/lib/bytes.ts'
import {
  createSpKey,
  encrypt,
  padWith,
  type EncryptOptions,
} from '../../../tools/signing/encryptor.ts'
import { assertionXml, responseXml, sign, toPosted } from '../../../tools/signing/saml-signer.ts'
import { expected, FORGED, idp, options, outcomeOf } from './stage.ts'

const cbc = 'aes128-cbc' as const
const spKey = await createSpKey()
const expectation: Expect = {
  ...expected,
  sp: { ...expected.sp, decryptionKeys: spKey.decryptionKeys },
}
const assertion = assertionXml(options)
const signedAssertion = await sign(assertion, '_assertion', idp)
const forgedAssertion = assertionXml({ ...options, nameId: FORGED, assertionId: '_forged' })
const around = (...inside: readonly string[]): string =>
  responseXml(options).replace(assertion, inside.join(''))
const encrypted = (inside: string | Bytes, how?: EncryptOptions) => encrypt(inside, spKey, how)

async function outcome(xml: string): Promise<string> {
  return outcomeOf(xml, expectation)
}

describe('encryption is not authentication', () => {
  it.each(['aes256-gcm', 'aes256-cbc'] as const)(
    'enc-unsigned, encrypted-forged-unsigned: %s',
    async (content) => {
      expect(await outcome(around(await encrypted(forgedAssertion, { content })))).toBe('unsigned')
    },
  )

  it('plain-plus-encrypted: a signed assertion beside an encrypted one', async () => {
    const other = await encrypted(forgedAssertion)
    expect(await outcome(around(signedAssertion, other))).toBe('several-assertions')
    expect(await outcome(around(other, signedAssertion))).toBe('several-assertions')
  })

  it('an unsigned EncryptedAssertion beside a signed one', async () => {
    const [genuine, other] = [await encrypted(signedAssertion), await encrypted(forgedAssertion)]
    expect(await outcome(around(genuine, other))).toBe('several-assertions')
    expect(await outcome(around(other, genuine))).toBe('several-assertions')
  })

  it('encrypted to us what a signature around was never about', async () => {
    const xml = await sign(around(await encrypted(assertion)), '_response', idp)
    const swapped = xml.replace(
      /<saml:EncryptedAssertion.*<\/saml:EncryptedAssertion>/,
      await encrypted(forgedAssertion),
    )
    expect(await outcome(swapped)).toBe('digest-mismatch')
  })

  it('encrypted-xsw4: a forged assertion around the genuine one, encrypted', async () => {
    const wrapped = forgedAssertion.replace(
      '</saml:Assertion>',
      `<saml:Advice>${signedAssertion}</saml:Advice></saml:Assertion>`,
    )
    expect(await outcome(around(await encrypted(wrapped)))).toBe('several-assertions')
  })

  it('the genuine signature in a forged assertion, encrypted', async () => {
    const signature = /<ds:Signature.*<\/ds:Signature>/.exec(signedAssertion)?.[0] ?? ''
    const forged = assertionXml({ ...options, nameId: FORGED }).replace(
      '</saml:Issuer>',
      `</saml:Issuer>${signature}`,
    )
    expect(await outcome(around(await encrypted(forged)))).toBe('digest-mismatch')
    const elsewhere = forgedAssertion.replace('<saml:Subject>', `<saml:Subject><x>${signature}</x>`)
    expect(await outcome(around(await encrypted(elsewhere)))).toBe('misplaced-signature')
  })

  it('an ID inside that is outside too', async () => {
    const inner = await sign(
      assertionXml({ ...options, assertionId: '_response' }),
      '_response',
      idp,
    )
    expect(await outcome(around(await encrypted(inner)))).toBe('duplicate-id')
  })
})

describe('what decrypts to something else than one assertion is refused without detail', async () => {
  const doctype = '<!DOCTYPE a [<!ENTITY e "x">]>'
  const cases: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['text', 'text'],
    ['a NameID', '<saml:NameID>x</saml:NameID>'],
    [
      'another element of that name',
      signedAssertion
        .replaceAll('saml:', 'x:')
        .replace('xmlns:x="urn:oasis:names:tc:SAML:2.0:assertion"', 'xmlns:x="urn:x"'),
    ],
    ['an assertion in no namespace', '<Assertion xmlns=""/>'],
    ['a Response', responseXml(options)],
    ['encrypted-two-assertions', signedAssertion + forgedAssertion],
    ['an assertion and a NameID', `${signedAssertion}<saml:NameID>x</saml:NameID>`],
    ['an assertion and text', `${signedAssertion}text`],
    ['an assertion and a comment', `<!-- -->${signedAssertion}`],
    ['encrypted-doctype', doctype + signedAssertion],
    ['an XML declaration', `<?xml version="1.0"?>${signedAssertion}`],
    ['a processing instruction', `${signedAssertion}<?x y?>`],
    ['a comment that is not closed', `${signedAssertion}<!--`],
    ['a CDATA section that is not closed', `${signedAssertion}<![CDATA[`],
    ['an end of its place', `${signedAssertion}</place>`],
    ['an end of its place and another beginning', `${signedAssertion}</place><place>`],
    ['a beginning that its place ends', `<place>${signedAssertion}`],
    [
      'a prefix that is declared nowhere',
      signedAssertion.replace('<saml:Subject>', '<y:a/><saml:Subject>'),
    ],
    ['an EncryptedAssertion', await encrypted(signedAssertion)],
    ['bytes beyond UTF-8', `${signedAssertion}\u{fffd}`],
  ]

  it.each(cases)('%s', async (name, inside) => {
    const bytes = utf8(inside)
    if (name === 'bytes beyond UTF-8') bytes[bytes.length - 1] = 0xff
    for (const content of ['aes256-gcm', 'aes128-cbc'] as const) {
      const xml = around(await encrypted(bytes, { content }))
      expect(await outcome(xml)).toBe('decryption-failed')
    }
    const signedAround = await sign(around(await encrypted(bytes)), '_response', idp)
    expect(await outcome(signedAround)).toBe('decryption-failed')
  })

  it('an EncryptedAssertion inside the assertion', async () => {
    const inner = signedAssertion.replace(
      '</saml:Assertion>',
      `<saml:Advice>${await encrypted(forgedAssertion)}</saml:Advice></saml:Assertion>`,
    )
    expect(await outcome(around(await encrypted(inner)))).toBe('several-assertions')
  })

  it('a comment within the name does not cut it', async () => {
    const inner = signedAssertion.replace(options.nameId, 'zoe@example<!-- -->.test')
    expect(await outcome(around(await encrypted(inner)))).toBe(`accepted as ${options.nameId}`)
  })

  it('a prefix declared around it otherwise than its signer saw', async () => {
    const bare = assertion.replace(/ xmlns:saml="[^"]*"/, '')
    const signed = await sign(responseXml(options).replace(assertion, bare), '_assertion', idp)
    const cut = signed.slice(signed.indexOf('<saml:Assertion'), signed.indexOf('</samlp:Response>'))
    const inside = (await encrypted(cut)).replaceAll('saml:Enc', 'other:Enc')
    const declared = inside.replace('xmlns:saml="', 'xmlns:other="')
    const rebound = declared.replace('<other:EncryptedAssertion', '$& xmlns:saml="urn:other"')
    expect(await outcome(around(rebound))).toBe('decryption-failed')
  })
})

describe('a ciphertext that was changed', () => {
  const flip =
    (at: number) =>
    (bytes: Bytes): Bytes => {
      const changed = bytes.slice()
      changed[at < 0 ? bytes.length + at : at] = (changed.at(at) ?? 0) ^ 1
      return changed
    }
  const edits: readonly (readonly [string, EncryptOptions])[] = [
    ['enc-gcm-short-tag: cut to 12 bytes', { editContent: (bytes) => bytes.slice(0, -4) }],
    ['encrypted-gcm-short-tag: cut to 4 bytes', { editContent: (bytes) => bytes.slice(0, -12) }],
    ['a tag of zeros', { editContent: (bytes) => bytes.fill(0, -16) }],
    ['a flipped bit of GCM', { editContent: flip(40) }],
    ['a flipped bit of the nonce', { editContent: flip(0) }],
    ['shorter than nonce and tag', { editContent: (bytes) => bytes.slice(0, 20) }],
    ...[0, 15, 16, 17, 31, 32, 100, 500, -1, -16, -17, -32].map(
      (at) => [`CBC, bit flipped at ${at}`, { content: cbc, editContent: flip(at) }] as const,
    ),
    ...[0, 17, 32, 255].map(
      (last) =>
        [`enc-bad-padding: CBC, padding of ${last}`, { content: cbc, pad: padWith(last) }] as const,
    ),
    ['CBC, the last block cut off', { content: cbc, editContent: (bytes) => bytes.slice(0, -16) }],
    ['CBC, half a block cut off', { content: cbc, editContent: (bytes) => bytes.slice(0, -8) }],
    ['CBC, one block', { content: cbc, editContent: (bytes) => bytes.slice(0, 16) }],
    ['CBC, two blocks', { content: cbc, editContent: (bytes) => bytes.slice(0, 32) }],
    ['a wrapped key of chance', { editKey: (bytes) => crypto.getRandomValues(bytes.slice()) }],
    ['a wrapped key with a flipped bit', { editKey: flip(-1) }],
    ['CBC, a wrapped key with a flipped bit', { content: cbc, editKey: flip(3) }],
  ]

  it.each(edits)('%s: never opens, and looks the same to everybody', async (_, how) => {
    const opened = await openResponse(
      toPosted(around(await encrypted(signedAssertion, how))),
      expectation,
    )
    if (opened.ok) throw new Error('it was accepted')
    // Changed inside a name, the text still reads; the signature inside tells, and nobody is told.
    expect(opened.error.reason).toMatch(/^(decryption-failed|digest-mismatch)$/)
    expect(toPublic({ reason: 'response', error: opened.error })).toEqual(
      toPublic({ reason: 'response', error: { reason: 'signature-mismatch' } }),
    )
  })

  it.each(['aes256-gcm', cbc] as const)(
    'costs the same operations, whether its wrapped key opens or not: %s',
    async (content) => {
      const operations = async (how: EncryptOptions) => {
        const xml = toPosted(around(await encrypted(signedAssertion, { content, ...how })))
        const counts = [0, 0, 0]
        const { subtle } = crypto
        const names = ['importKey', 'decrypt', 'encrypt'] as const
        for (const [i, name] of names.entries()) {
          const value = new Proxy<object>(subtle[name], {
            apply: (own: (...values: unknown[]) => unknown, _, values: unknown[]) => {
              counts[i] = (counts[i] ?? 0) + 1
              return Reflect.apply(own, subtle, values)
            },
          })
          Object.defineProperty(subtle, name, { value, configurable: true })
        }
        try {
          expect((await openResponse(xml, expectation)).ok).toBe(false)
        } finally {
          for (const name of names) Reflect.deleteProperty(subtle, name)
        }
        return counts
      }
      const changed = await operations({ editContent: flip(16) })
      expect(changed[1]).toBeGreaterThan(1)
      expect(await operations({ editKey: flip(-1) })).toEqual(changed)
    },
  )

  it('says nothing of how it failed, to the log either', async () => {
    const errors = await Promise.all(
      [edits[0], edits[3], edits.at(-1), edits.at(-2), edits[18]].map(async (edit) => {
        const xml = around(await encrypted(signedAssertion, edit?.[1]))
        return openResponse(toPosted(xml), expectation)
      }),
    )
    for (const error of errors) {
      expect(error).toEqual({ ok: false, error: { reason: 'decryption-failed' } })
    }
  })

  it('is not opened at all when the Status says no, whose page would tell that it opened', async () => {
    const refused = async (how: EncryptOptions) =>
      around(await encrypted(signedAssertion, how)).replace('status:Success', 'status:Requester')
    const asked: (readonly string[])[] = []
    const spying = {
      ...expectation,
      mayDecrypt: async (keys: readonly string[]) => !!asked.push(keys),
    }
    for (const how of [{}, { editContent: flip(40) }]) {
      expect(await outcomeOf(await refused(how), spying)).toBe('status')
    }
    expect(asked).toEqual([])
    // Of one in the clear nobody learns anything so, and the signature is what is wrong with it.
    const plain = around(forgedAssertion).replace('status:Success', 'status:Requester')
    expect(await outcome(plain)).toBe('unsigned')
  })

  it('is not opened at all when the signature around it does not hold', async () => {
    const xml = await sign(around(await encrypted(assertion)), '_response', idp)
    const swapped = xml.replace(/(<xenc:CipherValue>)..../g, '$1AAAA')
    const asked: (readonly string[])[] = []
    const spying = {
      ...expectation,
      mayDecrypt: async (keys: readonly string[]) => !!asked.push(keys),
    }
    expect(await outcomeOf(swapped, spying)).toBe('digest-mismatch')
    expect(asked).toEqual([])
  })

  const misbuilt: readonly (readonly [string, (xml: string) => string])[] = [
    [
      'a CipherReference',
      (xml) =>
        xml.replace(
          /<xenc:CipherValue>[^<]*<\/xenc:CipherValue>(?=<\/xenc:CipherData><\/xenc:EncryptedData>)/,
          '<xenc:CipherReference URI="https://evil.test"/>',
        ),
    ],
    ['no key', (xml) => xml.replace(/<ds:KeyInfo.*<\/ds:KeyInfo>/, '')],
    [
      'two EncryptedData',
      (xml) => xml.replace(/<xenc:EncryptedData.*<\/xenc:EncryptedData>/, '$&$&'),
    ],
    ['a Content instead of an Element', (xml) => xml.replace('xmlenc#Element', 'xmlenc#Content')],
    ['a foreign element', (xml) => xml.replace('</saml:EncryptedAssertion>', '<x/>$&')],
    ['base64 with foreign characters', (xml) => xml.replace('<xenc:CipherValue>', '$&*')],
    [
      'a RetrievalMethod to elsewhere',
      (xml) =>
        xml.replace(
          /<ds:KeyInfo xmlns:ds="[^"]*">/,
          '$&<ds:RetrievalMethod URI="https://evil.test/key"/>',
        ),
    ],
    [
      'a MGF of the older name',
      (xml) =>
        xml.replace(
          /<ds:DigestMethod[^>]*>/,
          '$&<e:MGF xmlns:e="http://www.w3.org/2009/xmlenc11#" Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha1"/>',
        ),
    ],
    ['two DigestMethods', (xml) => xml.replace(/<ds:DigestMethod[^>]*>/, '$&$&')],
  ]

  it.each(misbuilt)('malformed: %s', async (_, edit) => {
    const xml = around(await encrypted(signedAssertion, { edit }))
    expect(await outcome(xml)).toBe('malformed-encryption')
  })
})

describe('a limit on trying', () => {
  it('is asked by the wrapped keys, the same for the same key, before anything is opened', async () => {
    const asked: string[] = []
    const refusing: Expect = {
      ...expectation,
      mayDecrypt: async (keys) => {
        asked.push(...keys)
        return false
      },
    }
    const xml = around(await encrypted(signedAssertion, { content: 'aes128-cbc' }))
    expect(await outcomeOf(xml, refusing)).toBe('decryption-limit')
    // The content changed, the spacing of the key changed: it is the same key.
    const again = xml.replace(
      /<xenc:CipherValue>(?=[A-Za-z0-9+/=]*<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedKey>)/,
      '$&\n',
    )
    expect(again).not.toBe(xml)
    expect(await outcomeOf(again, refusing)).toBe('decryption-limit')
    expect(asked).toHaveLength(2)
    expect(asked[0]).toBe(asked[1])
    expect(asked[0]).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is not asked of what a signature covers', async () => {
    const refusing = { ...expectation, mayDecrypt: async () => false }
    const xml = await sign(around(await encrypted(assertion)), '_response', idp)
    expect(await outcomeOf(xml, refusing)).toBe(`accepted as ${options.nameId}`)
  })

  it('cannot be passed by a wrapped key of another length', async () => {
    const how = { editKey: (bytes: Bytes) => new Uint8Array([0, ...bytes]) }
    expect(await outcome(around(await encrypted(signedAssertion, how)))).toBe('no-decryption-key')
  })
})
