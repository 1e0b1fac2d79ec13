/** The genuine signature, taken apart and reassembled differently. */
import { type Entry, type Stage, group } from '../entry.ts'
import { targetSignature } from '../signing.ts'
import {
  DS,
  dsObject,
  elementIn,
  elementPattern,
  insideEndOf,
  put,
  remove,
  replaceElement,
  setText,
} from '../text.ts'
import { forgedUnder, genuineUnder, digestIn, forgedDigest } from '../parts.ts'

const EXCLUSION = 'OWASP SAML cheat sheet; CVE-2020-2021 class'
const SAMLSTORM = 'CVE-2025-29774 (xml-crypto, SAMLStorm)'
const SAMLSTORM_DIGEST = 'CVE-2025-29775 (xml-crypto, SAMLStorm)'
const refused = { by: 'attacker', correct: 'refuse', gatehouse: 'malformed-signature' } as const
const withDigest = (signature: string, digest: string): string =>
  replaceElement(
    signature,
    'DigestValue',
    `<ds:DigestValue xmlns:ds="${DS}">${digest}</ds:DigestValue>`,
  )

/** The SignedInfo of the genuine signature, and a copy with the digest of the forged content. */
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

export const signedInfo: readonly Entry[] = [
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
        gatehouse: (signed) => (signed === 'assertion' ? 'unsigned' : 'unexpected-element'),
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
]
