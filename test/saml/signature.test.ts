/** The step that verifies, by itself: what openResponse has refused before, it refuses too. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { parseCertificate } from '../../src/saml/certificate.ts'
import { openResponse, prepareCertificate } from '../../src/saml/index.ts'
import { verifiedChild, verifySignature } from '../../src/saml/incoming/signature.ts'
import { prepare } from '../../src/saml/incoming/trust.ts'
import { childElements, parseXml, type XmlElement } from '../../src/saml/xml/reader.ts'
import {
  createTestIdp,
  responseXml,
  sign,
  signatureFor,
  toPosted,
} from '../../tools/signing/saml-signer.ts'
import { expected, idp, options, outcomeOf } from './attacks/stage.ts'

function assertionOf(xml: string): XmlElement {
  const document = parseXml(utf8(xml))
  const assertion = document.ok ? childElements(document.value).at(-1) : undefined
  if (!assertion) throw new Error('there is no assertion')
  return assertion
}

async function verify(element: XmlElement) {
  const certificate = parseCertificate(idp.certificate)
  if (!certificate.ok) throw new Error(certificate.error)
  const trust = { certificates: [prepare(certificate.value)], sha1: false, weakRsa: false }
  const verified = await verifySignature(element, trust)
  return verified.ok ? verified.value : verified.error.reason
}

const base = responseXml(options)
const signed = await sign(base, '_assertion', idp)

describe('verifying an element', () => {
  it('gives it as it was signed, without the signature', async () => {
    const verified = await verify(assertionOf(signed))
    if (typeof verified === 'string') throw new Error(verified)
    expect(childElements(verified).map(({ local }) => local)).not.toContain('Signature')
    expect(verified.parent).toBeNull()
  })

  it('refuses one that is not signed', async () => {
    expect(await verify(assertionOf(base))).toBe('unsigned')
  })

  it('refuses one that is signed twice', async () => {
    const signature = await signatureFor(base, '_assertion', idp)
    const twice = signed.replace('<saml:Subject>', `${signature}<saml:Subject>`)
    expect(await verify(assertionOf(twice))).toBe('several-signatures')
  })

  it.each(['#null', '#undefined', '#'])('refuses one without an ID, signed as %s', async (uri) => {
    const xml = await sign(base, '_assertion', idp, {
      referenceUri: uri,
      editHashed: (canonical) => canonical.replace(' ID="_assertion"', ''),
    })
    expect(await verify(assertionOf(xml.replace(' ID="_assertion"', '')))).toBe(
      'reference-not-parent',
    )
  })

  it('refuses one whose canonical form is larger than what is read', async () => {
    const long = { ...options, attributes: { a: ['>'.repeat(300_000)] } }
    const xml = await sign(responseXml(long), '_assertion', idp)
    expect(await verify(assertionOf(xml))).toBe('malformed-xml')
    expect(await openResponse(toPosted(xml), expected)).toEqual({
      ok: false,
      error: { reason: 'malformed-xml', fault: 'too-large' },
    })
  })

  it('vouches for the children of what was signed, and for nobody else', async () => {
    const verified = await verify(assertionOf(signed))
    if (typeof verified === 'string') throw new Error(verified)
    const [child] = childElements(verified)
    const [stranger] = childElements(assertionOf(signed))
    if (!child || !stranger) throw new Error('it is empty')
    expect(verifiedChild(verified, child)).toBe(child)
    expect(verifiedChild(verified, stranger)).toBeNull()
  })

  it('refuses a SHA-1 signature over a SHA-256 digest', async () => {
    const signatureMethod = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
    const xml = await sign(base, '_assertion', idp, { signatureMethod })
    expect(await outcomeOf(xml, expected)).toBe('sha1-not-allowed')
  })
})

describe('what is signed over', () => {
  const reason = async (editSignedInfo: (signedInfo: string) => string): Promise<string> => {
    const xml = await sign(base, '_assertion', idp, {
      editSignedInfo: (signedInfo) => {
        const edited = editSignedInfo(signedInfo)
        expect(edited).not.toBe(signedInfo)
        return edited
      },
    })
    return outcomeOf(xml, expected)
  }
  const METHOD = /<ds:SignatureMethod[^]*<\/ds:SignatureMethod>/
  const C14N = /<ds:CanonicalizationMethod[^]*<\/ds:CanonicalizationMethod>/
  const TRANSFORMS = /<ds:Transforms>[^]*<\/ds:Transforms>/
  const DIGEST_METHOD = /<ds:DigestMethod[^]*<\/ds:DigestMethod>/
  const DIGEST = /<ds:DigestValue>[^]*<\/ds:DigestValue>/

  it.each([
    ['a SignedInfo with more in it', /<ds:Reference /, '<ds:Other/><ds:Reference '],
    ['a SignedInfo without CanonicalizationMethod', C14N, ''],
    ['a SignedInfo without SignatureMethod', METHOD, ''],
    ['a Reference with more in it', /<ds:DigestValue>/, '<ds:Other/><ds:DigestValue>'],
    ['a Reference without Transforms', TRANSFORMS, ''],
    ['a Reference without DigestMethod', DIGEST_METHOD, ''],
    ['a Reference without DigestValue', DIGEST, ''],
    ['a Reference with an empty DigestValue', DIGEST, '<ds:DigestValue/>'],
    ['a Reference with a blank DigestValue', DIGEST, '<ds:DigestValue> </ds:DigestValue>'],
    [
      'a Reference with a DigestMethod of another namespace',
      /<ds:DigestMethod ([^]*)<\/ds:DigestMethod>/,
      '<x:DigestMethod xmlns:x="urn:x" $1</x:DigestMethod>',
    ],
  ])('is no %s', async (_, from, to) => {
    expect(await reason((signedInfo) => signedInfo.replace(from, to))).toBe('malformed-signature')
  })

  const LIST = '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
  it.each([
    ['an enveloped-signature transform', /(enveloped-signature">)/, '<ds:XPath>1</ds:XPath>'],
    ['a canonicalization', /(Transform [^>]*xml-exc-c14n#">)/, '<ds:XPath>1</ds:XPath>'],
    ['a canonicalization with two lists', /(Transform [^>]*xml-exc-c14n#">)/, LIST + LIST],
  ])('is not left to %s that says more', async (_, after, more) => {
    const edit = (signedInfo: string) => signedInfo.replace(after, `$1${more}`)
    expect(await reason(edit)).toBe('transforms-not-allowed')
  })

  it.each([
    ['enveloped-signature', /<ds:Transform ([^>]*enveloped-signature">)<\/ds:Transform>/],
    ['canonicalization', /<ds:Transform ([^>]*xml-exc-c14n#">)<\/ds:Transform>/],
  ])('is not left to a %s that is no transform of XMLDSig', async (_, from) => {
    const edit = (signedInfo: string) =>
      signedInfo.replace(from, '<x:Transform xmlns:x="urn:x" $1</x:Transform>')
    expect(await reason(edit)).toBe('transforms-not-allowed')
  })

  it.each([
    ['CanonicalizationMethod', /(CanonicalizationMethod [^>]*>)/],
    ['DigestMethod', /(DigestMethod [^>]*>)/],
    ['SignatureMethod', /(SignatureMethod [^>]*>)/],
  ])('is not left to a %s that says more', async (_, after) => {
    const edit = (signedInfo: string) => signedInfo.replace(after, '$1<ds:More/>')
    expect(await reason(edit)).toBe('algorithm-not-allowed')
  })
})

describe('the certificates of a connection', () => {
  it('are passed over where the key is none, though it looks like one', async () => {
    const ec = await createTestIdp({ key: { name: 'ECDSA', namedCurve: 'P-256' } })
    const spki = new Uint8Array(
      (await crypto.subtle.exportKey('spki', ec.keys.publicKey)) as ArrayBuffer,
    )
    const binary = atob(ec.certificate)
    const point = String.fromCharCode(...spki.slice(-64))
    const offCurve = String.fromCharCode(...spki.slice(-64).map((byte) => byte ^ 1))
    expect(binary).toContain(point)
    const broken = btoa(binary.replace(point, () => offCurve))
    const xml = await sign(responseXml({ ...options, issuer: ec.entityId }), '_assertion', ec)
    const outcome = (certificates: readonly string[]) =>
      outcomeOf(xml, { ...expected, idp: { entityId: ec.entityId, certificates } })
    expect(await outcome([broken])).toBe('signature-mismatch')
    expect(await outcome([broken, ec.certificate])).toBe(`accepted as ${options.nameId}`)
  })

  it('have one key for each hash, imported once', async () => {
    const prepared = prepareCertificate(idp.certificate)
    if (!prepared.ok) throw new Error(prepared.error)
    const { keyFor } = prepared.value
    for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const) {
      const key = await keyFor(hash)
      expect(key).toMatchObject({ algorithm: { hash: { name: hash } } })
      expect(await keyFor(hash)).toBe(key)
    }
  })

  it.each([
    ['nonsense!', 'not-base64'],
    ['AAAA', 'not-a-certificate'],
  ])('%s makes every response refused', async (certificate, fault) => {
    const certificates = [idp.certificate, certificate]
    const opened = await openResponse(toPosted(signed), {
      ...expected,
      idp: { ...expected.idp, certificates },
    })
    expect(opened).toEqual({ ok: false, error: { reason: 'invalid-certificate', fault } })
  })
})
