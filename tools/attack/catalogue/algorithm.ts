/** The algorithms and transforms of a signature, and its place. */
import { encodeBase64, utf8 } from '../../../src/lib/bytes.ts'
import { canonicalize } from '../../../src/saml/xml/c14n.ts'
import {
  elementById,
  signatureFor,
  transform,
  EXC_C14N,
  type SignOptions,
} from '../../signing/saml-signer.ts'
import { ecdsaIdp } from '../ecdsa.ts'
import { group, response, type Entry, type Stage } from '../entry.ts'
import {
  C14N,
  ENVELOPED,
  exclusive,
  idOf,
  idpOf,
  resigned,
  same,
  signElement,
  targetOf,
} from '../signing.ts'
import { md5, signMd5 } from '../rsa.ts'
import {
  afterEndOf,
  inAssertion,
  insideEndOf,
  insideLastEndOf,
  insideTag,
  prefixOf,
  put,
  withoutSignatures,
} from '../text.ts'

const PROFILE = 'Profiles §4.1.4'

const accepted = {
  by: 'idp',
  correct: 'accept',
  gatehouse: 'accepted',
  source: PROFILE,
  needs: ['idp-key'],
} as const
const refused = { ...accepted, correct: 'refuse', gatehouse: 'algorithm-not-allowed' } as const

const signedWith =
  (options: SignOptions, hash = 'SHA-256') =>
  (stage: Stage) =>
    resigned(stage, same, { hash, options })

const prefixList = (prefixes: string): string =>
  transform(
    EXC_C14N,
    `<ec:InclusiveNamespaces xmlns:ec="${EXC_C14N}" PrefixList="${prefixes}"></ec:InclusiveNamespaces>`,
  )

/**
 * Inclusive C14N of the whole document equals exclusive C14N with every prefix in the PrefixList.
 */
const inclusive = (xml: string, id: string): string => {
  const prefixes = [...xml.matchAll(/\sxmlns(?::([\w.-]+))?=/g)].map(([, prefix]) => prefix ?? '')
  return canonicalize(elementById(xml, id), exclusive(prefixes))
}

async function signPss(stage: Stage, text: string): Promise<string> {
  const algorithm = { name: 'RSA-PSS', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('pkcs8', idpOf(stage).pkcs8, algorithm, false, ['sign'])
  const value = await crypto.subtle.sign({ name: 'RSA-PSS', saltLength: 32 }, key, utf8(text))
  return encodeBase64(new Uint8Array(value))
}

/** The assertion in the default namespace, without prefixes. */
const defaultNamespace = (xml: string): string =>
  inAssertion(xml, (assertion) => {
    const prefix = prefixOf(assertion, 'Assertion')
    if (prefix === '') return assertion
    const bare = assertion.replaceAll(`<${prefix}`, '<').replaceAll(`</${prefix}`, '</')
    return insideTag(bare, 'Assertion', 'xmlns="urn:oasis:names:tc:SAML:2.0:assertion"')
  })

export const algorithm: readonly Entry[] = [
  ...group(
    { ...accepted, class: 'baseline' },
    {
      'ok-assertion-signed': {
        says: 'Assertion signed',
        make: (s) => resigned(s, same, { as: 'assertion' }),
      },
      'ok-response-signed': {
        says: 'Response signed',
        make: (s) => resigned(s, same, { as: 'response' }),
      },
      'ok-both-signed': { says: 'both signed', make: (s) => resigned(s, same, { as: 'both' }) },
      'ok-no-keyinfo': { says: 'no KeyInfo', make: signedWith({ keyInfo: '' }) },
      'ok-ecdsa': {
        says: 'ECDSA with P-256',
        needs: [],
        make: async (s) => {
          const by = await ecdsaIdp(s.seed.idpEntityId)
          const xml = withoutSignatures(s.seed.xml)
          return response(await signElement(xml, targetOf(s), by), {
            certificates: [by.certificate],
          })
        },
      },
      'ok-rsa-sha512': { says: 'RSA-SHA512', make: signedWith({}, 'SHA-512') },
      'ok-rsa-sha384': { says: 'RSA-SHA384', make: signedWith({}, 'SHA-384') },
      'ok-prefixlist': {
        says: 'InclusiveNamespaces with a PrefixList',
        make: (s) =>
          resigned(s, same, {
            options: (xml, id) => ({
              transforms: ENVELOPED + prefixList('xs saml #default'),
              editHashed: () => canonicalize(elementById(xml, id), exclusive(['xs', 'saml', ''])),
            }),
          }),
      },
      'ok-assertion-default-ns': {
        says: 'the Assertion is of the default namespace',
        make: (s) => resigned(s, defaultNamespace),
      },
      'ok-signature-default-ns': {
        says: 'the Signature is of the default namespace',
        make: async (s) => {
          const xml = withoutSignatures(s.seed.xml)
          const signature = await signatureFor(
            xml,
            idOf(xml, 'Assertion'),
            await idpOf(s).signer('SHA-256'),
            { editSignedInfo: unprefixed },
          )
          return inAssertion(xml, (each) => afterEndOf(each, 'Issuer', unprefixed(signature)))
        },
      },
    },
  ),
  ...group(
    { ...refused, class: 'algorithm', source: 'RFC 9231' },
    {
      'ok-pss': {
        correct: 'either',
        says: 'RSA-PSS, which nobody has to know',
        make: (s) =>
          resigned(s, same, {
            as: 'assertion',
            options: {
              signatureMethod: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
              signValue: (text) => signPss(s, text),
            },
          }),
      },
      'ok-inclusive-c14n': {
        correct: 'either',
        says: 'inclusive canonicalization of the document element',
        gatehouse: 'transforms-not-allowed',
        make: (s) =>
          resigned(s, same, {
            as: 'response',
            options: (xml, id) => ({
              transforms: ENVELOPED + transform('http://www.w3.org/TR/2001/REC-xml-c14n-20010315'),
              editHashed: () => inclusive(xml, id),
            }),
          }),
      },
      'ok-with-comments-c14n': {
        correct: 'either',
        says: 'canonicalization with comments',
        gatehouse: 'accepted',
        make: (s) =>
          resigned(s, (xml) => insideEndOf(xml, 'Subject', '<!-- x -->'), {
            options: { transforms: ENVELOPED + transform(`${EXC_C14N}WithComments`) },
          }),
      },
      'sig-sha1': {
        says: 'RSA-SHA1, off by default',
        source: 'deprecation of SHA-1',
        gatehouse: 'sha1-not-allowed',
        make: signedWith(
          { signatureMethod: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' },
          'SHA-1',
        ),
      },
      'sig-sha1-digest-only': {
        says: 'RSA-SHA256 over a digest of SHA-1',
        source: 'downgrade of DigestMethod',
        gatehouse: 'sha1-not-allowed',
        make: async (s) => {
          const xml = withoutSignatures(s.seed.xml)
          const of = targetOf(s)
          const text = canonicalize(elementById(xml, idOf(xml, of)), exclusive())
          const sha1 = new Uint8Array(await crypto.subtle.digest('SHA-1', utf8(text)))
          return signElement(xml, of, await idpOf(s).signer('SHA-256'), {
            digestMethod: 'http://www.w3.org/2000/09/xmldsig#sha1',
            editSignedInfo: (signedInfo) =>
              signedInfo.replace(/(<ds:DigestValue>)[^<]*/, `$1${encodeBase64(sha1)}`),
          })
        },
      },
      'sig-md5': {
        says: 'RSA-MD5',
        source: 'downgrade of SignatureMethod',
        make: (s) =>
          resigned(s, same, {
            options: {
              signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
              signValue: async (text) =>
                encodeBase64(await signMd5(idpOf(s).pkcs8, md5(utf8(text)))),
            },
          }),
      },
      'c14n-unknown': {
        says: 'unknown CanonicalizationMethod',
        source: 'list of allowed algorithms',
        make: signedWith({ c14nMethod: 'urn:x-unknown' }),
      },
      'alg-none': {
        by: 'attacker',
        needs: [],
        says: 'SignatureMethod "none"',
        source: 'algorithm confusion',
        make: (s) =>
          signElement(withoutSignatures(s.seed.xml), targetOf(s), s.attacker, {
            signatureMethod: 'none',
          }),
      },
    },
  ),
  ...group(
    {
      ...refused,
      class: 'signature-profile',
      source: 'Core §5.4.4; SAMLSignatureProfileValidator of OpenSAML',
      gatehouse: 'transforms-not-allowed',
    },
    {
      'sig-two-references': {
        says: 'two References, the second with a wrong digest',
        source: 'CVE-2026-33487 (goxmldsig)',
        gatehouse: 'several-references',
        make: signedWith({
          editSignedInfo: (text) =>
            text.replace(
              /<ds:Reference[^]*<\/ds:Reference>/,
              (one) => one + one.replace(/(<ds:DigestValue>)[^<]*/, '$1AAAA'),
            ),
        }),
      },
      'transforms-no-c14n': {
        correct: 'either',
        says: 'no canonicalization among the transforms',
        make: signedWith({ transforms: ENVELOPED }),
      },
      'transforms-no-enveloped': {
        says: 'no enveloped-signature among the transforms',
        make: signedWith({ transforms: C14N }),
      },
      'transforms-none': { says: 'no transforms', make: signedWith({ transforms: '' }) },
      'transforms-many': {
        says: 'more than two transforms',
        source: 'CVE-2021-39171 (passport-saml)',
        make: signedWith({ transforms: ENVELOPED + C14N + C14N }),
      },
      'sig-position-last': {
        correct: 'either',
        says: 'the Signature is the last child of the Assertion',
        source: 'SAML schema; OneLogin test suite',
        gatehouse: 'accepted',
        make: async (s) => {
          const xml = withoutSignatures(s.seed.xml)
          const signer = await idpOf(s).signer('SHA-256')
          const signature = await signatureFor(xml, idOf(xml, 'Assertion'), signer)
          return inAssertion(xml, (each) => insideLastEndOf(each, 'Assertion', signature))
        },
      },
    },
  ),
]

const unprefixed = (xml: string): string => put(xml.replaceAll('ds:', ''), /xmlns:ds/g, 'xmlns')
