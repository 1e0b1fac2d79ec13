/** Signatures by keys that the operator did not configure. */
import { forgedUnsigned } from '../parts.ts'
import { encodeBase64, utf8 } from '../../../src/lib/bytes.ts'
import { parseCertificate } from '../../../src/saml/certificate.ts'
import { selfSigned, toPem } from '../../signing/certificate.ts'
import { type SignOptions } from '../../signing/saml-signer.ts'
import { response, type Entry, type Stage, group } from '../entry.ts'
import { signElement, targetOf, type Target } from '../signing.ts'
import { DS, forge, piecesOf, withAssertion, x509KeyInfo } from '../text.ts'

const KEYINFO =
  'CVE-2020-2021 (PAN-OS), CVE-2024-32962 (xml-crypto), CVE-2025-54982 (Zscaler); node-saml test suite'
const THUMBPRINT = 'checks of the thumbprint alone'
const HMAC = 'CVE-2021-21239 (pysaml2); xml-crypto 3d9db71'

const byAttacker = (stage: Stage, of: Target, options: SignOptions): Promise<string> =>
  signElement(forgedUnsigned(stage), of, stage.attacker, options)

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

/** The bytes that an implementation may wrongly use as the HMAC key for a certificate. */
const certificateAs: Readonly<Record<string, (base64: string) => Uint8Array>> = {
  'cert-pem': (base64) => utf8(toPem('CERTIFICATE', base64)),
  'cert-der': (base64) => fromBase64(base64),
  'spki-pem': (base64) => {
    const certificate = parseCertificate(base64)
    return utf8(toPem('PUBLIC KEY', certificate.ok ? encodeBase64(certificate.value.spki) : ''))
  },
  'cert-b64': (base64) => utf8(base64),
}
const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

const refused = { by: 'attacker', correct: 'refuse' } as const
const withCertificate = { needs: ['certificate'] } as const

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
        ...withCertificate,
        says: "the attacker's certificate has the identity provider's subject",
        source: 'SAML Raider',
        make: async (s) =>
          byAttacker(s, targetOf(s), { keyInfo: x509KeyInfo(await clonedCertificate(s)) }),
      },
      'attacker-key-genuine-cert': {
        ...withCertificate,
        says: "signed by the attacker, KeyInfo shows the identity provider's certificate",
        source: THUMBPRINT,
        make: (s) => byAttacker(s, targetOf(s), { keyInfo: x509KeyInfo(genuineCertificate(s)) }),
      },
      'attacker-key-two-certs': {
        ...withCertificate,
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
    {
      ...refused,
      ...withCertificate,
      class: 'hmac-confusion',
      source: HMAC,
      gatehouse: 'algorithm-not-allowed',
    },
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
