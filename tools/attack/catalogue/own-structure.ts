/** Attacks on structure and signatures that, as far as we know, nobody has published. */
import { decodeBase64, encodeBase64 } from '../../../src/lib/bytes.ts'
import { transform } from '../../signing/saml-signer.ts'
import { type Entry, type Stage, group } from '../entry.ts'
import { C14N, ENVELOPED, idOf, targetOf, targetSignature } from '../signing.ts'
import {
  DS,
  FORGED,
  afterEndOf,
  elementIn,
  forge,
  insideEndOf,
  insideTag,
  put,
  remove,
  replaceElement,
  setAttribute,
  setText,
  withAssertion,
  withoutDeclaration,
} from '../text.ts'

import { forgedUnder, genuineUnder, withTransforms } from '../parts.ts'

const SOURCE = 'ours'
const attacker = { by: 'attacker', correct: 'refuse', source: SOURCE } as const

/** Changes outside the part that the Assertion's signature covers. */
const envelope = { needs: ['assertion-signature'], correct: 'either' } as const
const outside =
  (change: (xml: string) => string) =>
  (s: Stage): string =>
    change(put(s.seed.xml, s.pieces.responseSignature, ''))

export const ownStructure: readonly Entry[] = [
  ...group(
    { ...attacker, class: 'envelope', gatehouse: 'status' },
    {
      'own-envelope-status': {
        ...envelope,
        says: 'Status of an unsigned Response changed to a failure',
        make: outside((xml) => put(xml, 'status:Success', 'status:Responder')),
      },
      'own-envelope-destination': {
        ...envelope,
        says: 'Destination of an unsigned Response changed',
        gatehouse: 'destination',
        make: outside((xml) =>
          setAttribute(xml, 'Response', 'Destination', 'https://other.example'),
        ),
      },
      'own-envelope-issuer': {
        ...envelope,
        says: 'Issuer of an unsigned Response changed',
        gatehouse: 'issuer: Response',
        make: outside((xml) => setText(xml, 'Issuer', 'https://other.example')),
      },
      'own-envelope-in-response-to': {
        ...envelope,
        says: 'InResponseTo of an unsigned Response changed',
        gatehouse: 'in-response-to: another',
        make: outside((xml) => setAttribute(xml, 'Response', 'InResponseTo', '_never')),
      },
      'own-envelope-id': {
        ...envelope,
        says: 'ID of an unsigned Response changed',
        gatehouse: 'accepted',
        make: outside((xml) => setAttribute(xml, 'Response', 'ID', '_another')),
      },
      'own-envelope-second-status': {
        ...envelope,
        says: 'a second Status in an unsigned Response',
        make: outside((xml) => afterEndOf(xml, 'Status', elementIn(xml, 'Status'))),
      },
    },
  ),
  ...group(
    { ...attacker, class: 'signature-relocated', gatehouse: 'misplaced-signature' },
    {
      ...Object.fromEntries(
        ['Subject', 'NameID', 'Issuer', 'Conditions', 'AttributeStatement'].map((place) => [
          `own-signature-in-${place.toLowerCase()}`,
          {
            says: `the Assertion's Signature moved into ${place}`,
            needs: ['assertion-signature'] as const,
            make: ({ pieces: p }: Stage) =>
              put(
                withAssertion(
                  p,
                  insideEndOf(
                    setText(put(p.assertion, p.assertionSignature, ''), 'NameID', FORGED),
                    place,
                    p.assertionSignature,
                  ),
                ),
                p.responseSignature,
                '',
              ),
          },
        ]),
      ),
      'own-signature-in-status': {
        says: "the Response's Signature moved into Status",
        needs: ['response-signature'],
        make: (s) =>
          insideEndOf(
            forgedUnder(s, () => ''),
            'Status',
            s.pieces.responseSignature,
          ),
      },
      'own-signature-alone': {
        class: 'type-confusion',
        says: 'a Signature as the document element',
        gatehouse: 'not-a-response',
        make: (s) => targetSignature(s),
      },
      'own-assertion-alone': {
        class: 'type-confusion',
        says: 'the signed Assertion as the document element',
        needs: ['assertion-signature'],
        gatehouse: 'not-a-response',
        make: (s) =>
          insideTag(s.pieces.assertion, 'Assertion', prefixesOf(s.seed.xml, s.pieces.assertion)),
      },
      'own-response-in-response': {
        class: 'xsw-response-nesting',
        says: 'the genuine Response as a child of another Response',
        gatehouse: 'unexpected-element',
        make: ({ seed }) =>
          `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_outer" Version="2.0">${withoutDeclaration(seed.xml)}</samlp:Response>`,
      },
    },
  ),
  ...group(
    { ...attacker, class: 'xsw-hiding-place', gatehouse: 'several-assertions' },
    Object.fromEntries(
      ['Subject', 'SubjectConfirmation', 'AuthnStatement', 'Issuer'].map((place) => [
        `own-genuine-in-${place.toLowerCase()}`,
        {
          says: `forged Assertion in plain sight, genuine signed one in ${place}`,
          make: ({ pieces: p }) => withAssertion(p, insideEndOf(forge(p), place, p.assertion)),
        },
      ]),
    ),
  ),
  ...group(
    { ...attacker, class: 'duplicate-id', gatehouse: 'duplicate-id' },
    {
      'own-id-two-spellings': {
        says: 'the same ID a second time, as Id of the Subject',
        make: (s) => insideTag(s.seed.xml, 'Subject', `Id="${idOf(s.seed.xml, targetOf(s))}"`),
      },
      'own-id-xml-id': {
        says: 'the same ID a second time, as xml:id of SignatureValue, which no signature is over',
        make: (s) =>
          insideTag(s.seed.xml, 'SignatureValue', `xml:id="${idOf(s.seed.xml, targetOf(s))}"`),
      },
      'own-id-status': {
        says: 'the same ID on Status, which stands before the Assertion',
        make: (s) => insideTag(s.seed.xml, 'Status', `ID="${s.pieces.assertionId}"`),
      },
    },
  ),
  ...group(
    { ...attacker, class: 'signature-profile', gatehouse: 'reference-not-parent' },
    {
      'own-uri-percent': {
        says: 'the fragment of the Reference is percent-encoded',
        make: (s) =>
          forgedUnder(s, (signature) =>
            signature.replace(
              /(URI="#)(.)/,
              (_, start: string, first: string) => `${start}%${first.charCodeAt(0).toString(16)}`,
            ),
          ),
      },
      'own-uri-null': {
        says: 'the Reference is to #null',
        make: (s) => forgedUnder(s, (signature) => signature.replace(/URI="[^"]*"/, 'URI="#null"')),
      },
      'own-transforms-reversed': {
        says: 'canonicalization before enveloped-signature',
        gatehouse: 'transforms-not-allowed',
        make: (s) => forgedUnder(s, withTransforms(C14N + ENVELOPED)),
      },
      'own-transforms-base64': {
        says: 'the transform base64 among the others',
        gatehouse: 'transforms-not-allowed',
        make: (s) =>
          forgedUnder(
            s,
            withTransforms(
              ENVELOPED + transform('http://www.w3.org/2000/09/xmldsig#base64') + C14N,
            ),
          ),
      },
      'own-manifest': {
        says: 'a Manifest in a ds:Object, with a Reference to what was forged',
        gatehouse: 'malformed-signature',
        make: (s) =>
          forgedUnder(s, (signature) =>
            insideEndOf(
              signature,
              'Signature',
              `<ds:Object xmlns:ds="${DS}"><ds:Manifest>${elementIn(signature, 'Reference').replace(/xmlns="[^"]*"/, '')}</ds:Manifest></ds:Object>`.replace(
                /<(\/?)(?!ds:)(?:[\w.-]+:)?([A-Z])/g,
                '<$1ds:$2',
              ),
            ),
          ),
      },
      'own-keyinfo-empty': {
        class: 'attacker-keyinfo',
        correct: 'either',
        says: 'KeyInfo of a genuine signature emptied',
        gatehouse: 'accepted',
        make: (s) =>
          genuineUnder(s, (signature) =>
            insideEndOf(
              remove(signature, 'KeyInfo'),
              'Signature',
              `<ds:KeyInfo xmlns:ds="${DS}"/>`,
            ),
          ),
      },
      'own-signaturevalue-truncated': {
        class: 'tampered',
        says: 'SignatureValue cut by a byte',
        gatehouse: 'signature-mismatch',
        make: (s) =>
          genuineUnder(s, (signature) =>
            replaceElement(
              signature,
              'SignatureValue',
              `<ds:SignatureValue xmlns:ds="${DS}">${shortened(signature)}</ds:SignatureValue>`,
            ),
          ),
      },
      'own-namespace-rebound': {
        class: 'namespace-confusion',
        says: 'the prefix of NameID bound to another namespace in its tag',
        gatehouse: 'digest-mismatch',
        make: ({ seed }) => {
          const [, prefix = ''] = /<([\w.-]+:)?NameID[\s>]/.exec(seed.xml) ?? []
          const declaration = prefix === '' ? 'xmlns' : `xmlns:${prefix.replace(':', '')}`
          return insideTag(seed.xml, 'NameID', `${declaration}="urn:x"`)
        },
      },
    },
  ),
]

/**
 * The namespace declarations that the Assertion inherits from the Response and would lose if it
 * were cut out.
 */
const prefixesOf = (xml: string, assertion: string): string => {
  const [outer = ''] = /<(?:[\w.-]+:)?Response\s[^>]*>/.exec(xml) ?? []
  const [inner = ''] = /<[^>]*>/.exec(assertion) ?? []
  return [...outer.matchAll(/xmlns(?::[\w.-]+)?="[^"]*"/g)]
    .map(([declaration]) => declaration)
    .filter((declaration) => !inner.includes(`${declaration.split('=')[0] ?? ''}=`))
    .join(' ')
}

function shortened(signature: string): string {
  const value = decodeBase64(elementIn(signature, 'SignatureValue').replace(/<[^>]*>/g, ''))
  return value.ok ? encodeBase64(value.value.slice(0, -1)) : ''
}
