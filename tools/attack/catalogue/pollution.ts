/** Ambiguous IDs, and canonicalization that hashes nothing. */
import { type Entry, type Stage, group } from '../entry.ts'
import { signBytes } from '../../signing/saml-signer.ts'
import { idpOf, resigned, targetOf } from '../signing.ts'
import { DS, FORGED, insideTag, setAttribute, setText } from '../text.ts'
import { forgedUnder, innerOf, onTarget } from '../parts.ts'

const refused = { by: 'attacker', correct: 'refuse', gatehouse: 'malformed-signature' } as const

export const pollution: readonly Entry[] = [
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
        gatehouse: (signed) => (signed === 'assertion' ? 'unsigned' : 'unexpected-element'),
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

const relative = (xml: string, of: string): string => insideTag(xml, of, 'xmlns:rel="relative"')

function emptyDigest(s: Stage): Promise<string> {
  return resigned(s, (xml) => setText(xml, 'NameID', FORGED), {
    as: targetOf(s) === 'Response' ? 'response' : 'assertion',
    options: { editHashed: () => '' },
  })
}
