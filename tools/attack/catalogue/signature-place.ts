/** Additional signatures, and elements hidden inside signatures. */
import { type Entry, group } from '../entry.ts'
import { signElement, targetSignature } from '../signing.ts'
import {
  DS,
  FORGED,
  beforeStatus,
  dsObject,
  elementIn,
  forge,
  inAssertion,
  insideEndOf,
  insideLastEndOf,
  put,
  remove,
  setText,
  withAssertion,
} from '../text.ts'
import { genuineUnder, innerOf } from '../parts.ts'

const PARKED =
  'OneUptime issue 2981 (2026); samael test suite; CVE-2024-9487 (GitHub Enterprise Server)'
const TWIN = 'OneUptime issue 2981 (2026)'

const refused = { by: 'attacker', correct: 'refuse', gatehouse: 'malformed-signature' } as const

export const signaturePlace: readonly Entry[] = [
  ...group(
    { ...refused, class: 'twin-signature', source: TWIN, gatehouse: 'several-assertions' },
    {
      'twin-signature-object': {
        says: 'second Signature with the same SignatureValue, forged Assertion in its ds:Object',
        make: (s) =>
          genuineUnder(s, (signature) => signature + twin(signature, dsObject(forge(s.pieces)))),
      },
      'twin-signature-assertion': {
        says: 'second Signature with the same SignatureValue, forged Assertion directly in it',
        make: (s) => genuineUnder(s, (signature) => signature + twin(signature, forge(s.pieces))),
      },
    },
  ),
  ...group(
    {
      ...refused,
      class: 'signature-object',
      source: PARKED,
      gatehouse: 'several-assertions',
      correct: 'either',
    },
    {
      'sig-object-forged-assertion': {
        says: 'forged Assertion in a ds:Object of the outermost Signature, which no digest covers',
        make: (s) =>
          genuineUnder(s, (signature) =>
            insideEndOf(signature, 'Signature', dsObject(forge(s.pieces))),
          ),
      },
      'sig-keyinfo-forged-assertion': {
        says: 'forged Assertion in KeyInfo of the outermost Signature',
        make: (s) => genuineUnder(s, (signature) => inKeyInfo(signature, forge(s.pieces))),
      },
      'forged-in-signature-object': {
        needs: ['assertion-signature'],
        says: "forged Assertion in a ds:Object of the Assertion's Signature",
        make: (s) =>
          inAssertion(s.seed.xml, (xml) =>
            insideEndOf(xml, 'Signature', dsObject(forge(s.pieces))),
          ),
      },
      'forged-in-signature-keyinfo': {
        needs: ['assertion-signature'],
        says: "forged Assertion in KeyInfo of the Assertion's Signature",
        make: (s) =>
          put(
            s.seed.xml,
            s.pieces.assertionSignature,
            inKeyInfo(s.pieces.assertionSignature, forge(s.pieces)),
          ),
      },
      'forged-in-signature-object-only': {
        correct: 'refuse',
        says: 'genuine Assertion removed, forged one in a ds:Object of its Signature',
        gatehouse: 'misplaced-assertion',
        make: (s) =>
          insideLastEndOf(
            put(withAssertion(s.pieces, ''), s.pieces.responseSignature, ''),
            'Response',
            insideEndOf(targetSignature(s), 'Signature', dsObject(forge(s.pieces))),
          ),
      },
      'sig-retrievalmethod': {
        class: 'ssrf',
        says: 'RetrievalMethod in KeyInfo, which must never be fetched',
        source: 'CVE-2023-36661 (xmltooling), CVE-2024-21893 (Ivanti)',
        gatehouse: 'accepted',
        make: (s) =>
          genuineUnder(s, (signature) =>
            insideEndOf(
              remove(signature, 'KeyInfo'),
              'Signature',
              `<ds:KeyInfo xmlns:ds="${DS}"><ds:RetrievalMethod URI="http://127.0.0.1:9/key"/></ds:KeyInfo>`,
            ),
          ),
      },
    },
  ),
  ...group(
    {
      ...refused,
      class: 'multiple-signatures',
      source: 'OneLogin test suite',
      gatehouse: 'several-signatures',
    },
    {
      'sig-twice': {
        says: 'the same Signature twice on one element',
        make: (s) => genuineUnder(s, (signature) => signature + signature),
      },
      'two-signatures-on-assertion': {
        needs: ['assertion-signature'],
        says: 'the genuine Signature, which no longer fits, and the one of an attacker on one Assertion',
        source: 'loops that stop at any signature that verifies',
        make: (s) => signElement(setText(s.seed.xml, 'NameID', FORGED), 'Assertion', s.attacker),
      },
    },
  ),
  ...group(
    {
      ...refused,
      class: 'signature-relocated',
      source: 'Core §5.4.1',
      needs: ['assertion-signature'],
    },
    {
      'sig-detached-at-response': {
        says: "the Assertion's Signature stands under the Response",
        gatehouse: 'reference-not-parent',
        make: ({ pieces: p }) =>
          beforeStatus(
            put(
              put(withAssertion(p, p.assertion), p.assertionSignature, ''),
              p.responseSignature,
              '',
            ),
            p.assertionSignature,
          ),
      },
      'signature-on-response-references-assertion': {
        says: 'Signature moved under the Response, forged Assertion first',
        source: 'Core §5.4.1; CVE-2024-8698 (Keycloak)',
        gatehouse: 'several-assertions',
        make: ({ pieces: p }) =>
          beforeStatus(
            put(
              withAssertion(p, forge(p) + put(p.assertion, p.assertionSignature, '')),
              p.responseSignature,
              '',
            ),
            p.assertionSignature,
          ),
      },
    },
  ),
]
const twin = (signature: string, content: string): string =>
  `<ds:Signature xmlns:ds="${DS}"><ds:SignatureValue>${innerOf(elementIn(signature, 'SignatureValue'))}</ds:SignatureValue>${content}</ds:Signature>`

const inKeyInfo = (signature: string, content: string): string =>
  elementIn(signature, 'KeyInfo') === ''
    ? insideEndOf(signature, 'Signature', `<ds:KeyInfo xmlns:ds="${DS}">${content}</ds:KeyInfo>`)
    : insideEndOf(signature, 'KeyInfo', content)
