/** The genuine signature, taken apart and put together otherwise. */
import { group, type Entry, type Stage } from '../entry.ts'
import { signBytes } from '../../test/support/saml-signer.ts'
import {
  digestOf,
  idOf,
  idpOf,
  resigned,
  signElement,
  targetOf,
  targetSignature,
} from '../signing.ts'
import {
  DS,
  FORGED,
  beforeStatus,
  dsObject,
  elementIn,
  elementPattern,
  extensions,
  forge,
  inAssertion,
  insideEndOf,
  insideLastEndOf,
  insideTag,
  put,
  remove,
  replaceElement,
  setAttribute,
  setText,
  withAssertion,
} from '../text.ts'

const EXCLUSION = 'OWASP SAML cheat sheet; CVE-2020-2021 class'
const SAMLSTORM = 'CVE-2025-29774 (xml-crypto, SAMLStorm)'
const SAMLSTORM_DIGEST = 'CVE-2025-29775 (xml-crypto, SAMLStorm)'
const PARKED =
  'OneUptime issue 2981 (2026); samael test suite; CVE-2024-9487 (GitHub Enterprise Server)'
const TWIN = 'OneUptime issue 2981 (2026)'

const refused = { by: 'attacker', correct: 'refuse', gatehouse: 'malformed-signature' } as const

/** The seed in another name, its outermost signature changed, and no other signature left. */
export function forgedUnder(stage: Stage, change: (signature: string) => string): string {
  const forged = setText(stage.seed.xml, 'NameID', FORGED)
  const inner = stage.pieces.assertionSignature
  const bare = targetOf(stage) === 'Response' && inner !== '' ? put(forged, inner, '') : forged
  return put(bare, targetSignature(stage), change(targetSignature(stage)))
}

/** The genuine response, its outermost signature changed: nothing in it is signed by what is around it. */
export const genuineUnder = (stage: Stage, change: (signature: string) => string): string =>
  put(stage.seed.xml, targetSignature(stage), change(targetSignature(stage)))

export const withTransforms =
  (transforms: string) =>
  (signature: string): string =>
    replaceElement(
      signature,
      'Transforms',
      `<ds:Transforms xmlns:ds="${DS}">${transforms}</ds:Transforms>`,
    )

const forgedDigest = (stage: Stage): Promise<string> => {
  const xml = forgedUnder(stage, (signature) => signature)
  return digestOf(xml, idOf(xml, targetOf(stage)))
}
const digestIn = (signature: string): string =>
  />([^<]*)</.exec(elementIn(signature, 'DigestValue'))?.[1] ?? ''
const withDigest = (signature: string, digest: string): string =>
  replaceElement(
    signature,
    'DigestValue',
    `<ds:DigestValue xmlns:ds="${DS}">${digest}</ds:DigestValue>`,
  )

/** SignedInfo of the genuine signature, and one that says what was forged. */
async function twoSignedInfos(stage: Stage): Promise<{ genuine: string; fake: string }> {
  const genuine = elementIn(targetSignature(stage), 'SignedInfo')
  return { genuine, fake: withDigest(genuine, await forgedDigest(stage)) }
}

const signedInfoPlaces: Readonly<
  Record<string, (signature: string, genuine: string, fake: string) => string>
> = {
  'fake-first': (signature, genuine, fake) => put(signature, genuine, fake + genuine),
  'fake-last': (signature, genuine, fake) => put(signature, genuine, genuine + fake),
  'fake-in-object': (signature, _, fake) => insideEndOf(signature, 'Signature', dsObject(fake)),
  'fake-in-keyinfo': (signature, _, fake) =>
    insideEndOf(
      remove(signature, 'KeyInfo'),
      'Signature',
      `<ds:KeyInfo xmlns:ds="${DS}">${fake}</ds:KeyInfo>`,
    ),
  'genuine-in-object': (signature, genuine, fake) =>
    insideEndOf(put(signature, genuine, fake), 'Signature', dsObject(genuine)),
  'nested-genuine-in-fake': (signature, genuine, fake) =>
    put(signature, genuine, insideEndOf(fake, 'SignedInfo', genuine)),
  'genuine-in-wrapper': (signature, genuine) =>
    put(signature, genuine, `<wrapper>${genuine}</wrapper>`),
}

export const shape: readonly Entry[] = [
  ...group(
    { ...refused, class: 'signature-exclusion', source: EXCLUSION },
    {
      'no-signature': {
        says: 'all signatures removed',
        gatehouse: 'unsigned',
        make: (s) => forgedUnder(s, () => ''),
      },
      'empty-signature': {
        says: 'ds:Signature without children',
        make: (s) => forgedUnder(s, () => `<ds:Signature xmlns:ds="${DS}"/>`),
      },
      'no-signedinfo': {
        says: 'SignedInfo removed',
        source: 'CVE-2025-29774 (xml-crypto)',
        make: (s) => forgedUnder(s, (signature) => remove(signature, 'SignedInfo')),
      },
      'no-reference': {
        says: 'no Reference in SignedInfo',
        source: 'CVE-2020-15216 class; Sustainsys test suite',
        gatehouse: 'several-references',
        make: (s) => forgedUnder(s, (signature) => remove(signature, 'Reference')),
      },
      'empty-signaturevalue': {
        says: 'SignatureValue empty',
        make: (s) => forgedUnder(s, (signature) => setText(signature, 'SignatureValue', '')),
      },
      'no-signaturevalue': {
        says: 'SignatureValue missing',
        make: (s) => forgedUnder(s, (signature) => remove(signature, 'SignatureValue')),
      },
      'signature-wrong-case': {
        says: 'the element is called ds:signature',
        gatehouse: ({ signed }) => (signed === 'assertion' ? 'unsigned' : 'unexpected-element'),
        make: (s) =>
          forgedUnder(s, (signature) =>
            signature.replace(/(<\/?(?:[\w.-]+:)?)Signature(?=[\s>])/g, '$1signature'),
          ),
      },
    },
  ),
  ...group(
    { ...refused, class: 'multiple-signedinfo', source: SAMLSTORM },
    Object.fromEntries(
      Object.entries(signedInfoPlaces).map(([place, change]) => [
        `signedinfo-${place}`,
        {
          says: `two SignedInfo, one as it was signed and one for what was forged: ${place.replaceAll('-', ' ')}`,
          gatehouse: place === 'fake-in-keyinfo' ? 'digest-mismatch' : refused.gatehouse,
          make: async (s: Stage) => {
            const { genuine, fake } = await twoSignedInfos(s)
            return forgedUnder(s, (signature) => change(signature, genuine, fake))
          },
        },
      ]),
    ),
  ),
  ...group(
    {
      ...refused,
      class: 'digestvalue-comment',
      source: SAMLSTORM_DIGEST,
      gatehouse: 'digest-mismatch',
    },
    {
      'sigvalue-comment': {
        says: 'comment in SignatureValue',
        correct: 'either',
        gatehouse: 'accepted',
        make: (s) =>
          genuineUnder(s, (signature) =>
            signature.replace(/<(?:[\w.-]+:)?SignatureValue[^>]*>/, (tag) => `${tag}<!-- x -->`),
          ),
      },
      'digestvalue-comment-harmless': {
        says: 'comment in DigestValue, nothing else changed',
        correct: 'either',
        gatehouse: 'accepted',
        make: (s) =>
          genuineUnder(s, (signature) =>
            signature.replace(/(<(?:[\w.-]+:)?DigestValue[^>]*>)([^<]{5})/, '$1$2<!-- x -->'),
          ),
      },
      'digest-comment-first': {
        says: 'DigestValue is the genuine one, after a comment with that of what was forged',
        make: async (s) => {
          const forged = await forgedDigest(s)
          return forgedUnder(s, (signature) =>
            setText(signature, 'DigestValue', `<!--${forged}-->${digestIn(signature)}`),
          )
        },
      },
      'digest-comment-last': {
        says: 'DigestValue is the genuine one, before a comment with that of what was forged',
        make: async (s) => {
          const forged = await forgedDigest(s)
          return forgedUnder(s, (signature) =>
            setText(signature, 'DigestValue', `${digestIn(signature)}<!--${forged}-->`),
          )
        },
      },
      'digest-comment-only-forged-text': {
        says: 'DigestValue is that of what was forged, the genuine one in a comment',
        gatehouse: 'signature-mismatch',
        make: async (s) => {
          const forged = await forgedDigest(s)
          return forgedUnder(s, (signature) =>
            setText(signature, 'DigestValue', `<!--${digestIn(signature)}-->${forged}`),
          )
        },
      },
      'digest-pi': {
        says: 'processing instruction in DigestValue',
        gatehouse: 'malformed-xml: processing-instruction',
        make: async (s) => {
          const forged = await forgedDigest(s)
          return forgedUnder(s, (signature) =>
            setText(signature, 'DigestValue', `<?x ${forged}?>${digestIn(signature)}`),
          )
        },
      },
      'digest-element': {
        says: 'child element in DigestValue',
        gatehouse: 'malformed-signature',
        make: async (s) => {
          const forged = await forgedDigest(s)
          return forgedUnder(s, (signature) =>
            setText(signature, 'DigestValue', `<x>${forged}</x>${digestIn(signature)}`),
          )
        },
      },
      'two-digestvalues': {
        says: 'two DigestValue, first that of what was forged',
        gatehouse: 'malformed-signature',
        make: async (s) => {
          const forged = await forgedDigest(s)
          return forgedUnder(s, (signature) =>
            signature.replace(
              elementPattern('DigestValue'),
              (one) => elementIn(withDigest(one, forged), 'DigestValue') + one,
            ),
          )
        },
      },
      'extra-reference': {
        class: 'multiple-references',
        says: 'second Reference, with the digest of what was forged',
        source: 'CVE-2026-33487 (goxmldsig) class',
        gatehouse: 'several-references',
        make: async (s) => {
          const forged = await forgedDigest(s)
          return forgedUnder(s, (signature) =>
            signature.replace(elementPattern('Reference'), (one) => one + withDigest(one, forged)),
          )
        },
      },
    },
  ),
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
  ...group(
    {
      ...refused,
      class: 'attribute-pollution',
      source: 'PortSwigger, The Fragile Lock, 2025; CVE-2025-66567 and CVE-2025-66568 (ruby-saml)',
    },
    {
      'id-pollution-prefixed': {
        says: 'ID="evil" and, in another namespace, ID="genuine" on the forged element',
        gatehouse: 'reference-not-parent',
        make: (s) =>
          onTarget(s, (xml, of, id) =>
            insideTag(
              setAttribute(xml, of, 'ID', '_evil'),
              of,
              `xmlns:other="urn:oasis:names:tc:SAML:2.0:protocol" other:ID="${id}"`,
            ),
          ),
      },
      'id-xml-id': {
        says: 'xml:id in place of ID',
        gatehouse: 'invalid-id',
        make: (s) =>
          onTarget(s, (xml, of, id) =>
            insideTag(setAttribute(xml, of, 'ID', null), of, `xml:id="${id}"`),
          ),
      },
      ...Object.fromEntries(
        ['Id', 'id', 'iD'].map((name) => [
          `id-case-${name}`,
          {
            says: `the ID attribute is spelled ${name}`,
            source: 'xml-crypto, default idAttributes',
            gatehouse: 'invalid-id',
            make: (s: Stage) =>
              onTarget(s, (xml, of, id) =>
                insideTag(setAttribute(xml, of, 'ID', null), of, `${name}="${id}"`),
              ),
          },
        ]),
      ),
      'xml-xmlns-attribute': {
        class: 'namespace-confusion',
        says: 'the Signature is of no known namespace, but for whoever takes xml:xmlns for one',
        source: 'PortSwigger, The Fragile Lock, 2025; CVE-2025-66567 (ruby-saml)',
        gatehouse: ({ signed }) => (signed === 'assertion' ? 'unsigned' : 'unexpected-element'),
        make: (s) =>
          forgedUnder(
            s,
            (signature) =>
              `<Signature xml:xmlns="${DS}" xmlns="urn:x" xmlns:ds="${DS}">${innerOf(signature)}</Signature>`,
          ),
      },
    },
  ),
  ...group(
    {
      by: 'attacker',
      correct: 'refuse',
      class: 'void-canonicalization',
      source:
        'PortSwigger, The Fragile Lock, 2025; CVE-2025-66568 (ruby-saml), CVE-2025-66475 and CVE-2025-66578 (xmlseclibs)',
      gatehouse: 'malformed-xml: namespace-uri',
    },
    {
      'void-c14n-golden': {
        needs: ['idp-key'],
        says: 'digest and signature over the empty string, a relative namespace makes canonicalization fail',
        make: async (s) =>
          relative(
            await resigned(s, (xml) => setText(xml, 'NameID', FORGED), {
              as: targetOf(s) === 'Response' ? 'response' : 'assertion',
              options: { editHashed: () => '', signValue: async () => signEmpty(s) },
            }),
            targetOf(s),
          ),
      },
      'void-c14n-digest-only': {
        needs: ['idp-key'],
        by: 'idp',
        says: 'SignedInfo properly signed with the digest of the empty string, a relative namespace on the element',
        make: async (s) => relative(await emptyDigest(s), targetOf(s)),
      },
      'empty-digest': {
        needs: ['idp-key'],
        by: 'idp',
        says: 'SignedInfo properly signed with the digest of the empty string',
        gatehouse: 'digest-mismatch',
        make: emptyDigest,
      },
      'void-c14n': {
        says: 'a relative namespace on the element, DigestValue that of the empty string',
        make: (s) =>
          relative(
            forgedUnder(s, (signature) =>
              setText(signature, 'DigestValue', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='),
            ),
            targetOf(s),
          ),
      },
      'relative-namespace-untampered': {
        correct: 'either',
        says: 'genuine message with a relative namespace on the Response',
        source: 'C14N 1.0 §1.3',
        make: ({ seed }) => relative(seed.xml, 'Response'),
      },
    },
  ),
]

const signEmpty = async (s: Stage): Promise<string> =>
  signBytes(await idpOf(s).signer('SHA-256'), 'SHA-256', '')

const twin = (signature: string, content: string): string =>
  `<ds:Signature xmlns:ds="${DS}"><ds:SignatureValue>${innerOf(elementIn(signature, 'SignatureValue'))}</ds:SignatureValue>${content}</ds:Signature>`

const innerOf = (element: string): string =>
  element.replace(/^<[^>]*>/, '').replace(/<\/[^>]*>$/, '')

const inKeyInfo = (signature: string, content: string): string =>
  elementIn(signature, 'KeyInfo') === ''
    ? insideEndOf(signature, 'Signature', `<ds:KeyInfo xmlns:ds="${DS}">${content}</ds:KeyInfo>`)
    : insideEndOf(signature, 'KeyInfo', content)

const relative = (xml: string, of: string): string => insideTag(xml, of, 'xmlns:rel="relative"')

function emptyDigest(s: Stage): Promise<string> {
  return resigned(s, (xml) => setText(xml, 'NameID', FORGED), {
    as: targetOf(s) === 'Response' ? 'response' : 'assertion',
    options: { editHashed: () => '' },
  })
}

/** A change to the start tag of the element that carries the outermost signature, in a forged message. */
function onTarget(
  stage: Stage,
  change: (xml: string, of: 'Assertion' | 'Response', id: string) => string,
): string {
  const of = targetOf(stage)
  const xml = forgedUnder(stage, (signature) => signature)
  return change(xml, of, idOf(xml, of))
}
