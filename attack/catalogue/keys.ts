/** Signatures by keys that nobody configured, and things that the right key signed for another purpose. */
import { encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { canonicalize } from '../../src/saml/c14n.ts'
import { parseCertificate } from '../../src/saml/certificate.ts'
import { selfSigned } from '../../test/support/certificate.ts'
import { elementById, signatureFor, type SignOptions } from '../../test/support/saml-signer.ts'
import { group, response, type Entry, type Stage } from '../entry.ts'
import {
  C14N,
  ENVELOPED,
  digest,
  exclusive,
  idOf,
  idpOf,
  insertSignature,
  signElement,
  targetOf,
  type Target,
} from '../signing.ts'
import {
  DS,
  FORGED,
  afterEndOf,
  beforeStatus,
  dsObject,
  elementIn,
  extensions,
  forge,
  inAssertion,
  insideEndOf,
  insideTag,
  piecesOf,
  put,
  replaceElement,
  setAttribute,
  setText,
  withAssertion,
  withoutSignatures,
  x509KeyInfo,
} from '../text.ts'

const KEYINFO =
  'CVE-2020-2021 (PAN-OS), CVE-2024-32962 (xml-crypto), CVE-2025-54982 (Zscaler); node-saml test suite'
const THUMBPRINT = 'checks of the thumbprint alone'
const DONOR =
  'PortSwigger, The Fragile Lock, 2025; CVE-2024-45409 (ruby-saml), CVE-2024-6800 (GitHub Enterprise Server)'
const HMAC = 'CVE-2021-21239 (pysaml2); xml-crypto 3d9db71'

/** The seed in the attacker's name and without a signature. */
const forgedXml = ({ seed }: Stage): string =>
  setText(withoutSignatures(seed.xml), 'NameID', FORGED)

const byAttacker = (stage: Stage, of: Target, options: SignOptions): Promise<string> =>
  signElement(forgedXml(stage), of, stage.attacker, options)

const genuineCertificate = ({ seed }: Stage): string =>
  seed.certificate.replace(/-----[^-]+-----|\s/g, '')

async function keyValue({ attacker }: Stage): Promise<string> {
  const jwk = await crypto.subtle.exportKey('jwk', attacker.keys.publicKey)
  const [n, e] = ['n' in jwk ? jwk.n : '', 'e' in jwk ? jwk.e : ''].map((text) =>
    (text ?? '').replaceAll('-', '+').replaceAll('_', '/'),
  )
  return `<ds:KeyInfo xmlns:ds="${DS}"><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${pad(n)}</ds:Modulus><ds:Exponent>${pad(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>`
}
const pad = (text = ''): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=')

async function clonedCertificate(stage: Stage): Promise<string> {
  const genuine = parseCertificate(stage.seed.certificate)
  const commonName = genuine.ok ? genuine.value.subject : ''
  return selfSigned(stage.attacker.keys, { commonName })
}

/** Signed by the identity provider itself: a Response that says no. */
async function signedError(stage: Stage): Promise<string> {
  const bare = replaceElement(
    replaceElement(withoutSignatures(stage.seed.xml), 'Assertion', ''),
    'Status',
    '<samlp:Status xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/></samlp:Status>',
  )
  const error = setAttribute(bare, 'Response', 'ID', '_error').replace(/^<\?xml[^>]*\?>\s*/, '')
  return signElement(error, 'Response', await idpOf(stage).signer('SHA-256'))
}

async function signedMetadata(stage: Stage): Promise<{ xml: string; signature: string }> {
  const bare = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_metadata" entityID="${stage.seed.idpEntityId}"></md:EntityDescriptor>`
  const signer = await idpOf(stage).signer('SHA-256')
  const signature = await signatureFor(bare, '_metadata', signer)
  return { xml: insideEndOf(bare, 'EntityDescriptor', signature), signature }
}

async function hmacSigned(stage: Stage, hash: string, secret: Uint8Array): Promise<string> {
  const raw = secret.slice()
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['sign'])
  const method =
    hash === 'SHA-1'
      ? 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'
      : 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256'
  return byAttacker(stage, targetOf(stage), {
    signatureMethod: method,
    hash,
    signValue: async (signedInfo) =>
      encodeBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(signedInfo)))),
  })
}

/** What an implementation may hand to an HMAC as the "key" of the certificate. */
const certificateAs: Readonly<Record<string, (base64: string) => Uint8Array>> = {
  'cert-pem': (base64) => utf8(pem('CERTIFICATE', base64)),
  'cert-der': (base64) => fromBase64(base64),
  'spki-pem': (base64) => {
    const certificate = parseCertificate(base64)
    return utf8(pem('PUBLIC KEY', certificate.ok ? encodeBase64(certificate.value.spki) : ''))
  },
  'cert-b64': (base64) => utf8(base64),
}
const pem = (label: string, base64: string): string =>
  `-----BEGIN ${label}-----\n${base64.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`
const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

/** The identity provider signs one part; the rest is the attacker's. */
async function coversOnly(stage: Stage, part: string, of: Target): Promise<string> {
  const mark = (xml: string) => insideTag(xml, part, 'ID="_part"')
  const bare = withoutSignatures(stage.seed.xml)
  const marked = of === 'Assertion' ? inAssertion(bare, mark) : mark(bare)
  const signature = await signatureFor(marked, '_part', await idpOf(stage).signer('SHA-256'))
  return insertSignature(setText(marked, 'NameID', FORGED), of, signature)
}

const refused = { by: 'attacker', correct: 'refuse' } as const
const needsIdp = { needs: ['idp-key'] } as const

export const keys: readonly Entry[] = [
  ...group(
    { ...refused, class: 'attacker-keyinfo', source: KEYINFO, gatehouse: 'signature-mismatch' },
    {
      'sig-untrusted-expired-cert': {
        says: 'signed by the key of an expired certificate that is not configured',
        source: 'Core §5.4',
        make: async (s) => {
          const notAfter = new Date(s.seed.now.getTime() - 86_400_000)
          const certificate = await selfSigned(s.attacker.keys, { notAfter })
          return byAttacker(s, targetOf(s), { keyInfo: x509KeyInfo(certificate) })
        },
      },
      'attacker-key-x509': {
        says: 'Assertion signed by the attacker, whose certificate is in KeyInfo',
        make: (s) => byAttacker(s, 'Assertion', { keyInfo: x509KeyInfo(s.attacker.certificate) }),
      },
      'attacker-key-response-x509': {
        says: 'Response signed by the attacker, whose certificate is in KeyInfo',
        make: (s) => byAttacker(s, 'Response', { keyInfo: x509KeyInfo(s.attacker.certificate) }),
      },
      'attacker-key-keyvalue': {
        says: 'Assertion signed by the attacker, whose key is in KeyValue',
        make: async (s) => byAttacker(s, 'Assertion', { keyInfo: await keyValue(s) }),
      },
      'attacker-key-response-keyvalue': {
        says: 'Response signed by the attacker, whose key is in KeyValue',
        make: async (s) => byAttacker(s, 'Response', { keyInfo: await keyValue(s) }),
      },
      'cloned-cert': {
        says: "the attacker's certificate has the identity provider's subject",
        source: 'SAML Raider',
        make: async (s) =>
          byAttacker(s, targetOf(s), { keyInfo: x509KeyInfo(await clonedCertificate(s)) }),
      },
      'attacker-key-genuine-cert': {
        says: "signed by the attacker, KeyInfo shows the identity provider's certificate",
        source: THUMBPRINT,
        make: (s) => byAttacker(s, targetOf(s), { keyInfo: x509KeyInfo(genuineCertificate(s)) }),
      },
      'attacker-key-two-certs': {
        says: "KeyInfo has the identity provider's certificate first and the attacker's second",
        source: THUMBPRINT,
        make: (s) =>
          byAttacker(s, targetOf(s), {
            keyInfo: x509KeyInfo(genuineCertificate(s), s.attacker.certificate),
          }),
      },
      'forged-signed-by-attacker-plus-genuine': {
        says: 'first Assertion signed by the attacker, second genuine',
        source: 'loops that stop at any signature that verifies',
        gatehouse: 'several-assertions',
        make: async (s) => {
          const forged = withAssertion(s.pieces, forge(s.pieces))
          const signed = await signElement(forged, 'Assertion', s.attacker)
          return withAssertion(s.pieces, piecesOf(signed).assertion + s.pieces.assertion)
        },
      },
      'sig-other-idp-key': {
        class: 'issuer-key-binding',
        says: "signed by another identity provider's key, in the name of this one",
        source: 'CVE-2023-41890 (Sustainsys)',
        make: (s) => byAttacker(s, targetOf(s), {}),
      },
    },
  ),
  ...group(
    { ...refused, class: 'hmac-confusion', source: HMAC, gatehouse: 'algorithm-not-allowed' },
    {
      ...Object.fromEntries(
        ['SHA-1', 'SHA-256'].flatMap((hash) =>
          Object.entries(certificateAs).map(([kind, secretOf]) => [
            `hmac-${hash.toLowerCase().replace('-', '')}-key-${kind}`,
            {
              says: `HMAC keyed with the public certificate (${kind}), digest and MAC correct`,
              make: (s: Stage) => hmacSigned(s, hash, secretOf(genuineCertificate(s))),
            },
          ]),
        ),
      ),
      'hmac-outputlength-0': {
        says: 'HMAC cut to 0 bits',
        source: 'CVE-2009-0217',
        make: (s) =>
          byAttacker(s, targetOf(s), {
            signatureMethod: 'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
            editSignedInfo: (text) =>
              text.replace(
                /(<ds:SignatureMethod[^>]*>)/,
                '$1<ds:HMACOutputLength>0</ds:HMACOutputLength>',
              ),
            signValue: async () => 'AA==',
          }),
      },
    },
  ),
  ...group(
    {
      ...refused,
      ...needsIdp,
      class: 'signature-coverage',
      gatehouse: 'reference-not-parent',
      source: 'CVE-2024-8698 (Keycloak), CVE-2024-45409 (ruby-saml)',
    },
    {
      'sig-covers-attributes-only': {
        says: 'good signature over the AttributeStatement alone; NameID forged',
        make: (s) => coversOnly(s, 'AttributeStatement', 'Assertion'),
      },
      'sig-covers-status-only': {
        says: 'good signature over Status alone; Assertion forged',
        source: 'CVE-2024-45409 (ruby-saml)',
        make: (s) => coversOnly(s, 'Status', 'Response'),
      },
      'sig-covers-issuer-only': {
        says: 'good signature over Issuer alone; NameID forged',
        source: 'samlify test suite',
        make: (s) => coversOnly(s, 'Issuer', 'Assertion'),
      },
      'sig-covers-subject-only-tampered': {
        class: 'signature-profile',
        says: 'signature over Subject alone, which was then changed',
        source: 'OneLogin test suite',
        make: (s) => coversOnly(s, 'Subject', 'Assertion'),
      },
    },
  ),
  ...group(
    {
      ...refused,
      ...needsIdp,
      class: 'signature-donor',
      source: DONOR,
      gatehouse: 'misplaced-signature',
    },
    {
      'donor-signed-error-alone': {
        class: 'profile',
        says: 'genuine signed error Response without an Assertion',
        source: 'status not Success',
        gatehouse: 'status',
        make: signedError,
      },
      'donor-signed-error-in-extensions': {
        says: 'genuine signed error Response in Extensions, Assertion forged and unsigned',
        make: async (s) => beforeStatus(forgedXml(s), extensions(await signedError(s))),
      },
      'donor-signed-metadata-in-extensions': {
        says: 'signed metadata in Extensions, Assertion forged and unsigned',
        make: async (s) => beforeStatus(forgedXml(s), extensions((await signedMetadata(s)).xml)),
      },
      'donor-metadata-signature-moved': {
        says: "the metadata's Signature in the forged Assertion, the metadata in Extensions",
        source: 'CVE-2024-45409 (ruby-saml)',
        gatehouse: 'reference-not-parent',
        make: async (s) => {
          const { xml, signature } = await signedMetadata(s)
          const forged = insertSignature(forgedXml(s), 'Assertion', signature)
          return beforeStatus(forged, extensions(put(xml, signature, '')))
        },
      },
      ...Object.fromEntries(
        (
          [
            ['object', 'in a ds:Object of its Signature'],
            ['twin', 'in a second Signature with the same SignatureValue'],
            ['keyinfo', 'in its KeyInfo'],
          ] as const
        ).map(([place, words]) => [
          `donor-signed-error-${place}`,
          {
            says: `genuine signed error Response, forged Assertion ${words}`,
            source: 'OneUptime issue 2981 (2026)',
            gatehouse: 'misplaced-assertion',
            make: async (s: Stage) => {
              const error = await signedError(s)
              const signature = elementIn(error, 'Signature')
              if (place === 'object')
                return insideEndOf(error, 'Signature', dsObject(forge(s.pieces)))
              if (place === 'twin') {
                const value = elementIn(signature, 'SignatureValue')
                const twin = `<ds:Signature xmlns:ds="${DS}">${value}${dsObject(forge(s.pieces))}</ds:Signature>`
                return put(error, signature, signature + twin)
              }
              const keyInfo = `<ds:KeyInfo>${forge(s.pieces)}</ds:KeyInfo>`
              return insideEndOf(error, 'Signature', keyInfo)
            },
          },
        ]),
      ),
    },
  ),
  ...group(
    {
      ...refused,
      ...needsIdp,
      class: 'transforms',
      by: 'idp',
      source: 'CVE-2022-47966 (ManageEngine); Project Zero 2022; samael test suite; Core §5.4.4',
      gatehouse: 'transforms-not-allowed',
    },
    Object.fromEntries(
      (
        [
          [
            'xpath',
            'http://www.w3.org/TR/1999/REC-xpath-19991116',
            "<ds:XPath>not(ancestor-or-self::*[local-name()='NameID'])</ds:XPath>",
          ],
          [
            'xslt',
            'http://www.w3.org/TR/1999/REC-xslt-19991116',
            '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><x></x></xsl:template></xsl:stylesheet>',
          ],
          [
            'xpath-filter2',
            'http://www.w3.org/2002/06/xmldsig-filter2',
            `<f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" Filter="subtract">//*[local-name()='NameID']</f:XPath>`,
          ],
        ] as const
      ).map(([name, algorithm, inner]) => [
        `transforms-${name}`,
        {
          says: `the transform ${name} in a properly signed SignedInfo hides what is forged`,
          make: async (s: Stage) => {
            const of = targetOf(s)
            const xml = forgedXml(s)
            const hides = `<ds:Transform Algorithm="${algorithm}">${inner}</ds:Transform>`
            return signElement(xml, of, await idpOf(s).signer('SHA-256'), {
              transforms: ENVELOPED + hides + C14N,
              editHashed: (text) =>
                name === 'xslt' ? '<x></x>' : replaceElement(text, 'NameID', ''),
            })
          },
        },
      ]),
    ),
  ),
  ...group(
    {
      ...refused,
      ...needsIdp,
      by: 'idp',
      class: 'signature-profile',
      source: 'Core §5.4.2',
      gatehouse: 'reference-not-parent',
    },
    {
      ...Object.fromEntries(
        (['Assertion', 'Response'] as const).map((of) => [
          `sig-uri-empty-on-${of.toLowerCase()}`,
          {
            says: `the Reference of the ${of} has URI="", which is the whole document`,
            correct: 'either' as const,
            make: async (s: Stage) => {
              const xml = withoutSignatures(s.seed.xml)
              const whole = canonicalize(elementById(xml, idOf(xml, 'Response')), exclusive())
              return signElement(xml, of, await idpOf(s).signer('SHA-256'), {
                referenceUri: '',
                editHashed: () => whole,
              })
            },
          },
        ]),
      ),
      'sig-uri-absent': {
        says: 'the Reference has no URI',
        correct: 'either',
        make: async (s) => {
          const xml = withoutSignatures(s.seed.xml)
          return signElement(xml, targetOf(s), await idpOf(s).signer('SHA-256'), {
            editSignedInfo: (text) => text.replace(/ URI="[^"]*"/, ''),
          })
        },
      },
      'sig-uri-xpointer': {
        says: 'the Reference is an XPointer',
        source: 'SAMLSignatureProfileValidator of OpenSAML; samael test suite',
        make: (s) => reference(s, (id) => `#xpointer(id('${id}'))`),
      },
      'sig-uri-external': {
        says: 'the Reference is a URL elsewhere',
        source: 'OpenSAML test suite',
        make: (s) => reference(s, () => 'http://127.0.0.1:9/assertion.xml'),
      },
    },
  ),
  ...group(
    {
      by: 'idp',
      correct: 'accept',
      class: 'baseline',
      source: 'Profiles §4.1.4',
      gatehouse: 'accepted',
    },
    {
      'ok-next-key': {
        says: 'signed by the second configured key (rollover)',
        make: (s) =>
          response(s.seed.xml, { certificates: [s.attacker.certificate, s.seed.certificate] }),
      },
    },
  ),
]

async function reference(s: Stage, uriOf: (id: string) => string): Promise<string> {
  const xml = withoutSignatures(s.seed.xml)
  const of = targetOf(s)
  return signElement(xml, of, await idpOf(s).signer('SHA-256'), {
    referenceUri: uriOf(idOf(xml, of)),
  })
}
