/** What is signed by a key, but not as SAML wants it, or not by the right key. */
import { describe, expect, it } from 'vitest'
import { encodeBase64, utf8 } from '../../../src/lib/bytes.ts'
import { allowSha1, allowWeakRsa } from '../../../src/saml/index.ts'
import {
  createTestIdp,
  responseXml,
  sign,
  signatureFor,
  transform,
  EXC_C14N,
  type SignOptions,
  type TestIdp,
} from '../../../tools/signing/saml-signer.ts'
import {
  FORGED,
  dsObject,
  expectOf,
  expected,
  idp,
  insideEndOf,
  options,
  outcomeOf,
  ownSeed,
  piecesOf,
  x509KeyInfo,
} from './stage.ts'

const ENVELOPED = transform('http://www.w3.org/2000/09/xmldsig#enveloped-signature')
const C14N = transform(EXC_C14N)
const attacker = await createTestIdp()
const genuine = (await ownSeed('assertion')).xml
const pieces = piecesOf(genuine)
const forgedXml = responseXml({ ...options, nameId: FORGED })
const accepted = `accepted as ${options.nameId}`

const signedWith = async (
  signOptions: SignOptions,
  by: TestIdp = idp,
  xml = responseXml(options),
) => sign(xml, '_assertion', by, signOptions)

describe('algorithms', () => {
  it.each([
    ['ok-rsa-sha384', { hash: 'SHA-384' }],
    ['ok-rsa-sha512', { hash: 'SHA-512' }],
  ])('%s is accepted', async (_, { hash }) => {
    const by = await createTestIdp({ key: { name: 'RSASSA-PKCS1-v1_5', hash } })
    expect(await outcomeOf(await signedWith({ hash }, by), expectOf(by))).toBe(accepted)
  })

  it.each([
    ['P-256', 'SHA-256'],
    ['P-384', 'SHA-384'],
    ['P-521', 'SHA-512'],
  ] as const)('ok-ecdsa: %s with %s is accepted', async (namedCurve, hash) => {
    const by = await createTestIdp({ key: { name: 'ECDSA', namedCurve } })
    expect(await outcomeOf(await signedWith({ hash }, by), expectOf(by))).toBe(accepted)
  })

  const sha1 = {
    hash: 'SHA-1',
    signatureMethod: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  }

  it('sig-sha1 is refused, and passes under its symbol', async () => {
    const by = await createTestIdp({ key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' } })
    const xml = await signedWith(sha1, by)
    expect(await outcomeOf(xml, expectOf(by))).toBe('sha1-not-allowed')
    expect(await outcomeOf(xml, { ...expectOf(by), [allowSha1]: true })).toBe(accepted)
  })

  it('sig-sha1-digest-only is refused', async () => {
    const xml = await signedWith({ digestMethod: 'http://www.w3.org/2000/09/xmldsig#sha1' })
    expect(await outcomeOf(xml, expected)).toBe('sha1-not-allowed')
  })

  it('an RSA key of 1024 bits is refused, and passes under its symbol', async () => {
    const by = await createTestIdp({
      key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', bits: 1024 },
    })
    const xml = await signedWith({}, by)
    expect(await outcomeOf(xml, expectOf(by))).toBe('weak-key')
    expect(await outcomeOf(xml, { ...expectOf(by), [allowWeakRsa]: true })).toBe(accepted)
  })

  it('an RSA key of 768 bits is refused whatever is allowed', async () => {
    const by = await createTestIdp({
      key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', bits: 768 },
    })
    const xml = await signedWith({}, by)
    expect(await outcomeOf(xml, { ...expectOf(by), [allowWeakRsa]: true })).toBe('weak-key')
  })

  it.each([
    ['sig-md5', { signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#rsa-md5' }],
    ['alg-none', { signatureMethod: 'none' }],
    ['hmac', { signatureMethod: 'http://www.w3.org/2000/09/xmldsig#hmac-sha1' }],
    ['hmac-sha256', { signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256' }],
    ['ok-pss', { signatureMethod: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1' }],
    ['c14n-unknown', { c14nMethod: 'urn:x-unknown' }],
    ['ok-inclusive-c14n', { c14nMethod: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' }],
    ['digest-unknown', { digestMethod: 'http://www.w3.org/2001/04/xmldsig-more#md5' }],
  ])('%s is refused', async (_, signOptions) => {
    expect(await outcomeOf(await signedWith(signOptions), expected)).toBe('algorithm-not-allowed')
  })

  it.each(['cert-pem', 'cert-der', 'spki', 'cert-b64'])(
    'hmac-sha256-key-%s: the certificate is no HMAC key',
    async (kind) => {
      const der = Uint8Array.from(atob(idp.certificate), (character) => character.charCodeAt(0))
      const spki = new Uint8Array(
        (await crypto.subtle.exportKey('spki', idp.keys.publicKey)) as ArrayBuffer,
      )
      const pem = `-----BEGIN CERTIFICATE-----\n${idp.certificate}\n-----END CERTIFICATE-----\n`
      const secret = {
        'cert-pem': utf8(pem),
        'cert-der': der,
        spki,
        'cert-b64': utf8(idp.certificate),
      }[kind]
      if (!secret) throw new Error(`no such key ${kind}`)
      const key = await crypto.subtle.importKey(
        'raw',
        secret,
        { name: 'HMAC', hash: 'SHA-256' },
        false,
        ['sign'],
      )
      const method = 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256'
      const xml = await signedWith({ signatureMethod: method }, idp, forgedXml)
      const [signedInfo = ''] = /<ds:SignedInfo>[^]*<\/ds:SignedInfo>/.exec(xml) ?? []
      const mac = await crypto.subtle.sign(
        'HMAC',
        key,
        utf8(
          signedInfo.replace(
            '<ds:SignedInfo>',
            '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">',
          ),
        ),
      )
      const forged = xml.replace(
        /(<ds:SignatureValue>)[^<]*/,
        `$1${encodeBase64(new Uint8Array(mac))}`,
      )
      expect(await outcomeOf(forged, expected)).toBe('algorithm-not-allowed')
    },
  )

  it('hmac-outputlength-0 is refused', async () => {
    const xml = await signedWith({
      editSignedInfo: (text) =>
        text.replace(
          /(<ds:SignatureMethod[^>]*>)/,
          '$1<ds:HMACOutputLength>0</ds:HMACOutputLength>',
        ),
    })
    expect(await outcomeOf(xml, expected)).toBe('algorithm-not-allowed')
  })
})

describe('keys', () => {
  it.each([
    ['attacker-key-x509', x509KeyInfo(attacker.certificate)],
    ['attacker-key-genuine-cert', x509KeyInfo(idp.certificate)],
    ['attacker-key-two-certs', x509KeyInfo(idp.certificate, attacker.certificate)],
    ['attacker-key-keyvalue', '<ds:KeyInfo><ds:KeyValue/></ds:KeyInfo>'],
    [
      'sig-retrievalmethod',
      '<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:1/key"/></ds:KeyInfo>',
    ],
  ])('%s: a key in the message is never used', async (_, keyInfo) => {
    const assertion = await sign(forgedXml, '_assertion', attacker, { keyInfo })
    expect(await outcomeOf(assertion, expected)).toBe('signature-mismatch')
    const response = await sign(forgedXml, '_response', attacker, { keyInfo })
    expect(await outcomeOf(response, expected)).toBe('signature-mismatch')
  })

  it('sig-other-idp-key: the key of another connection does not count for this one', async () => {
    const xml = await sign(
      responseXml({ ...options, issuer: idp.entityId }),
      '_assertion',
      attacker,
    )
    expect(await outcomeOf(xml, expected)).toBe('signature-mismatch')
  })

  it('ok-next-key: the second certificate of the connection counts', async () => {
    const two = { entityId: idp.entityId, certificates: [attacker.certificate, idp.certificate] }
    expect(await outcomeOf(genuine, { ...expected, idp: two })).toBe(accepted)
  })

  it('a genuine Response signature does not excuse a bad one on the Assertion', async () => {
    const inner = await sign(responseXml(options), '_assertion', attacker)
    expect(await outcomeOf(await sign(inner, '_response', idp), expected)).toBe(
      'signature-mismatch',
    )
  })
})

describe('the Reference', () => {
  it.each([
    ['sig-uri-empty', ''],
    ['sig-uri-xpointer', "#xpointer(id('_assertion'))"],
    ['sig-uri-external', 'http://127.0.0.1:1/assertion'],
    ['sig-uri-other', '#_response'],
    ['sig-uri-null', '#null'],
  ])('%s is refused', async (_, referenceUri) => {
    expect(await outcomeOf(await signedWith({ referenceUri }), expected)).toBe(
      'reference-not-parent',
    )
  })

  it('sig-uri-absent is refused', async () => {
    const xml = await signedWith({
      editSignedInfo: (text) => text.replace(' URI="#_assertion"', ''),
    })
    expect(await outcomeOf(xml, expected)).toBe('reference-not-parent')
  })

  it.each([
    [
      'sig-two-references',
      (text: string) => text.replace(/<ds:Reference[^]*<\/ds:Reference>/, (one) => one + one),
    ],
    ['no-reference', (text: string) => text.replace(/<ds:Reference[^]*<\/ds:Reference>/, '')],
  ])('%s is refused', async (_, editSignedInfo) => {
    expect(await outcomeOf(await signedWith({ editSignedInfo }), expected)).toBe(
      'several-references',
    )
  })

  it.each([
    ['transforms-no-c14n', ENVELOPED],
    ['transforms-no-enveloped', C14N],
    ['transforms-none', ''],
    ['transforms-many', ENVELOPED + C14N + C14N],
    ['transform-2000', ENVELOPED + C14N.repeat(2000)],
    [
      'transforms-xpath',
      ENVELOPED +
        transform('http://www.w3.org/TR/1999/REC-xpath-19991116', '<ds:XPath>true()</ds:XPath>'),
    ],
    [
      'transforms-xslt',
      ENVELOPED + transform('http://www.w3.org/TR/1999/REC-xslt-19991116') + C14N,
    ],
    ['transforms-xpath-filter2', transform('http://www.w3.org/2002/06/xmldsig-filter2') + C14N],
    ['transforms-base64', ENVELOPED + transform('http://www.w3.org/2000/09/xmldsig#base64')],
    ['transforms-reversed', C14N + ENVELOPED],
  ])('%s is refused', async (_, transforms) => {
    expect(await outcomeOf(await signedWith({ transforms }), expected)).toBe(
      'transforms-not-allowed',
    )
  })

  it('ok-prefixlist is accepted', async () => {
    const prefixes =
      '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="xs"></ec:InclusiveNamespaces>'
    const transforms = ENVELOPED + transform(EXC_C14N, prefixes)
    expect(await outcomeOf(await signedWith({ transforms }), expected)).toBe(accepted)
  })

  it.each(['Subject', 'AttributeStatement', 'Issuer'])(
    'sig-covers-%s-only: a signature that covers a part makes the whole refused',
    async (part) => {
      const xml = forgedXml
        .replace(new RegExp(`<saml:${part}>`, 'g'), `<saml:${part} ID="_part">`)
        .replace('_part', '_first')
      const id = xml.includes('"_part"') ? '_part' : '_first'
      const signature = await signatureFor(xml, id, idp)
      const inAssertion = xml.replace(
        /(<saml:Assertion[^]*?<\/saml:Issuer>)/,
        (start) => start + signature,
      )
      expect(await outcomeOf(inAssertion, expected)).toBe('reference-not-parent')
      const inPart = insideEndOf(xml, part, signature)
      expect(['misplaced-signature', 'unexpected-element']).toContain(
        await outcomeOf(inPart, expected),
      )
    },
  )
})

describe('the shape of the signature', () => {
  const withSignature = (signature: string) => genuine.replace(pieces.assertionSignature, signature)
  const { assertionSignature } = pieces
  const [signedInfo = ''] = /<ds:SignedInfo>[^]*<\/ds:SignedInfo>/.exec(assertionSignature) ?? []
  const fake = signedInfo.replace(/(<ds:DigestValue>)[^<]*/, '$1AAAA')
  const digest = /<ds:DigestValue>([^<]*)/.exec(signedInfo)?.[1] ?? ''

  it.each([
    ['empty-signature', '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'],
    ['no-signedinfo', assertionSignature.replace(signedInfo, '')],
    ['empty-signaturevalue', assertionSignature.replace(/(<ds:SignatureValue>)[^<]*/, '$1')],
    [
      'no-signaturevalue',
      assertionSignature.replace(/<ds:SignatureValue>[^]*<\/ds:SignatureValue>/, ''),
    ],
    ['signedinfo-fake-first', assertionSignature.replace(signedInfo, fake + signedInfo)],
    ['signedinfo-fake-last', assertionSignature.replace(signedInfo, signedInfo + fake)],
    ['signedinfo-fake-in-object', insideEndOf(assertionSignature, 'Signature', dsObject(fake))],
    [
      'signedinfo-genuine-in-object',
      insideEndOf(assertionSignature.replace(signedInfo, fake), 'Signature', dsObject(signedInfo)),
    ],
    [
      'signedinfo-genuine-in-wrapper',
      assertionSignature.replace(signedInfo, `<ds:Wrapper>${signedInfo}</ds:Wrapper>`),
    ],
    [
      'signedinfo-nested-genuine-in-fake',
      assertionSignature.replace(signedInfo, insideEndOf(fake, 'SignedInfo', signedInfo)),
    ],
    ['an Object in the signature', insideEndOf(assertionSignature, 'Signature', dsObject('x'))],
    [
      'a value that is not base64',
      assertionSignature.replace('<ds:SignatureValue>', '<ds:SignatureValue>*'),
    ],
    ['digest-element', assertionSignature.replace(digest, `<x/>${digest}`)],
    [
      'two-digestvalues',
      assertionSignature.replace(
        /<ds:DigestValue>[^]*<\/ds:DigestValue>/,
        (one) => `<ds:DigestValue>AAAA</ds:DigestValue>${one}`,
      ),
    ],
    ['void-c14n-empty-digest', assertionSignature.replace(digest, '')],
  ])('%s is refused', async (_, signature) => {
    expect(await outcomeOf(withSignature(signature), expected)).toBe('malformed-signature')
  })

  it('signature-wrong-case is no signature', async () => {
    const wrongCase = assertionSignature
      .replaceAll('ds:Signature ', 'ds:signature ')
      .replace('</ds:Signature>', '</ds:signature>')
    expect(await outcomeOf(withSignature(wrongCase), expected)).toBe('unsigned')
  })

  it.each([
    [
      'digestvalue-comment-harmless',
      assertionSignature.replace(digest, `${digest.slice(0, 5)}<!-- x -->${digest.slice(5)}`),
    ],
    [
      'sigvalue-comment',
      assertionSignature.replace('<ds:SignatureValue>', '<ds:SignatureValue><!-- x -->'),
    ],
  ])('%s changes nothing', async (_, signature) => {
    expect(await outcomeOf(withSignature(signature), expected)).toBe(accepted)
  })

  it.each([
    ['digest-comment-first', (forgedDigest: string) => `<!--${forgedDigest}-->${digest}`],
    ['digest-comment-last', (forgedDigest: string) => `${digest}<!--${forgedDigest}-->`],
    [
      'digest-comment-only-forged-text',
      (forgedDigest: string) => `<!--${digest}-->${forgedDigest}`,
    ],
  ])('%s: the digest is the whole text', async (_, write) => {
    const other = await sign(forgedXml, '_assertion', attacker)
    const forgedDigest = /<ds:DigestValue>([^<]*)/.exec(other)?.[1] ?? ''
    const signature = assertionSignature.replace(digest, write(forgedDigest))
    const attack = other.replace(piecesOf(other).assertionSignature, signature)
    expect(attack).toContain(FORGED)
    expect(['digest-mismatch', 'signature-mismatch']).toContain(await outcomeOf(attack, expected))
  })

  it('digest-pi is refused', async () => {
    const signature = assertionSignature.replace(digest, `<?x ${digest}?>${digest}`)
    expect(await outcomeOf(withSignature(signature), expected)).toBe('malformed-xml')
  })

  it('empty-digest: a digest of nothing, properly signed, is not the digest of the assertion', async () => {
    const xml = await sign(forgedXml, '_assertion', idp, { editHashed: () => '' })
    expect(await outcomeOf(xml, expected)).toBe('digest-mismatch')
  })

  it('void-c14n: a relative namespace that makes other libraries hash nothing is refused', async () => {
    const xml = genuine.replace('<saml:Assertion ', '<saml:Assertion xmlns:ns="1" ')
    expect(await outcomeOf(xml, expected)).toBe('malformed-xml')
  })

  it.each(['Object', 'Assertion'])('twin-signature-%s is refused', async (place) => {
    const twin = insideEndOf(
      assertionSignature,
      'Signature',
      dsObject(piecesOf(forgedXml).assertion.replace('_assertion', '_forged')),
    )
    const attack =
      place === 'Object'
        ? withSignature(assertionSignature + twin)
        : insideEndOf(genuine, 'Subject', twin)
    expect(await outcomeOf(attack, expected)).toBe('several-assertions')
  })
})

describe('donors: something else that the IdP signed', () => {
  const error = responseXml({ ...options, responseId: '_error' })
    .replace(/<saml:Assertion[^]*<\/saml:Assertion>/, '')
    .replace('status:Success', 'status:Responder')

  it('donor-signed-error-alone is refused by its status', async () => {
    expect(await outcomeOf(await sign(error, '_error', idp), expected)).toBe('status')
  })

  it.each(['Extensions', 'Status'])(
    'donor-signed-error-in-%s does not sign its surroundings',
    async (place) => {
      const donor = await sign(error, '_error', idp)
      const attack =
        place === 'Extensions'
          ? forgedXml.replace(
              '<samlp:Status>',
              `<samlp:Extensions>${donor}</samlp:Extensions><samlp:Status>`,
            )
          : insideEndOf(forgedXml, 'Status', `<samlp:StatusDetail>${donor}</samlp:StatusDetail>`)
      expect(await outcomeOf(attack, expected)).toBe('misplaced-signature')
    },
  )

  it.each(['Object', 'KeyInfo'])(
    'donor-signed-error-%s: nothing hides in the signature',
    async (place) => {
      const { assertion } = piecesOf(forgedXml)
      const hidden =
        place === 'Object' ? dsObject(assertion) : `<ds:KeyInfo>${assertion}</ds:KeyInfo>`
      const attack = insideEndOf(await sign(error, '_error', idp), 'Signature', hidden)
      expect(await outcomeOf(attack, expected)).toBe('misplaced-assertion')
    },
  )
})
