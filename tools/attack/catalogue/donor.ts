/** Content that the right key has signed, but for another purpose or only in part. */
import { canonicalize } from '../../../src/saml/xml/c14n.ts'
import { elementById, signatureFor } from '../../signing/saml-signer.ts'
import { type Entry, type Stage, group } from '../entry.ts'
import {
  C14N,
  ENVELOPED,
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
  beforeStatus,
  dsObject,
  elementIn,
  extensions,
  forge,
  inAssertion,
  insideEndOf,
  insideTag,
  put,
  replaceElement,
  setAttribute,
  setText,
  withoutSignatures,
} from '../text.ts'
import { forgedUnsigned } from '../parts.ts'

const DONOR =
  'PortSwigger, The Fragile Lock, 2025; CVE-2024-45409 (ruby-saml), CVE-2024-6800 (GitHub Enterprise Server)'
/** A Response with an error status, signed by the identity provider. */
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

/**
 * A response in which the identity provider signed only one part. The attacker can change the rest.
 */
async function coversOnly(stage: Stage, part: string, of: Target): Promise<string> {
  const mark = (xml: string) => insideTag(xml, part, 'ID="_part"')
  const bare = withoutSignatures(stage.seed.xml)
  const marked = of === 'Assertion' ? inAssertion(bare, mark) : mark(bare)
  const signature = await signatureFor(marked, '_part', await idpOf(stage).signer('SHA-256'))
  return insertSignature(setText(marked, 'NameID', FORGED), of, signature)
}

const refused = { by: 'attacker', correct: 'refuse' } as const
const needsIdp = { needs: ['idp-key'] } as const

export const donor: readonly Entry[] = [
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
        make: async (s) => beforeStatus(forgedUnsigned(s), extensions(await signedError(s))),
      },
      'donor-signed-metadata-in-extensions': {
        says: 'signed metadata in Extensions, Assertion forged and unsigned',
        make: async (s) =>
          beforeStatus(forgedUnsigned(s), extensions((await signedMetadata(s)).xml)),
      },
      'donor-metadata-signature-moved': {
        says: "the metadata's Signature in the forged Assertion, the metadata in Extensions",
        source: 'CVE-2024-45409 (ruby-saml)',
        gatehouse: 'reference-not-parent',
        make: async (s) => {
          const { xml, signature } = await signedMetadata(s)
          const forged = insertSignature(forgedUnsigned(s), 'Assertion', signature)
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
            const xml = forgedUnsigned(s)
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
]

async function reference(s: Stage, uriOf: (id: string) => string): Promise<string> {
  const xml = withoutSignatures(s.seed.xml)
  const of = targetOf(s)
  return signElement(xml, of, await idpOf(s).signer('SHA-256'), {
    referenceUri: uriOf(idOf(xml, of)),
  })
}
