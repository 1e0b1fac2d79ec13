/** Comments, processing instructions, CDATA and references inside signed content. */
import { type Entry, group } from '../entry.ts'
import { FORGED, insideEndOf, prefixOf, put, setText } from '../text.ts'
import { named, inStart } from '../parts.ts'

const refused = {
  by: 'attacker',
  correct: 'refuse',
  source: 'XML 1.0',
  gatehouse: 'malformed-xml: not-well-formed',
} as const

const COMMENTS =
  'VU#475445 (CVE-2017-11427 to -11430, CVE-2018-0489, CVE-2018-5387, CVE-2018-7340); CVE-2026-40165 and CVE-2026-57580 (authentik)'
const PI =
  'OneUptime issue 2988 (2026); xml-crypto takes the data of a processing instruction for text'

export const text: readonly Entry[] = [
  ...group(
    {
      ...refused,
      correct: 'either',
      class: 'comment-truncation',
      source: COMMENTS,
      gatehouse: 'accepted',
    },
    {
      'ok-comment-between-elements': {
        says: 'a comment between elements',
        source: 'VU#475445',
        make: ({ seed }) => insideEndOf(seed.xml, 'Subject', '<!-- x -->'),
      },
      'comment-nameid-middle': {
        says: 'a comment within NameID: its text must come out whole',
        make: named(inStart('<!-- x -->')),
      },
      'comment-nameid-start': {
        says: 'a comment at the start of NameID',
        make: named((genuine) => `<!-- x -->${genuine}`),
      },
      'comment-nameid-end': {
        says: 'a comment at the end of NameID',
        make: named((genuine) => `${genuine}<!---->`),
      },
      'pi-nameid': {
        correct: 'refuse',
        says: 'a processing instruction within NameID, which C14N keeps',
        source: 'VU#475445, a variant',
        gatehouse: 'malformed-xml: processing-instruction',
        make: named(inStart('<?x?>')),
      },
    },
  ),
  ...group(
    {
      ...refused,
      class: 'c14n-differential',
      source: PI,
      gatehouse: 'malformed-xml: processing-instruction',
    },
    {
      'pi-swallows-prefix': {
        says: 'the beginning of the name moved into a processing instruction',
        make: named((genuine) => `<?x ${genuine.slice(0, 2)}?>${genuine.slice(2)}`),
      },
      'pi-swallows-suffix': {
        says: 'the end of the name moved into a processing instruction',
        make: named((genuine) => `${genuine.slice(0, -2)}<?x ${genuine.slice(-2)}?>`),
      },
      'comment-swallows-prefix': {
        says: 'the beginning of the name moved into a comment',
        source: 'canonicalizers that print the data of comments',
        gatehouse: 'digest-mismatch',
        make: named((genuine) => `<!--${genuine.slice(0, 2)}-->${genuine.slice(2)}`),
      },
      'element-swallows-prefix': {
        says: 'the beginning of the name moved into a child element',
        source: 'digests over textContent',
        gatehouse: 'digest-mismatch',
        make: named((genuine) => `<x>${genuine.slice(0, 2)}</x>${genuine.slice(2)}`),
      },
    },
  ),
  ...group(
    {
      ...refused,
      correct: 'either',
      class: 'text-extraction',
      source: 'C14N 1.0 §1.1',
      gatehouse: 'accepted',
    },
    {
      'cdata-nameid': {
        says: 'NameID as CDATA, which is the same when canonical',
        make: named((genuine) => `<![CDATA[${genuine}]]>`),
      },
      'cdata-split-nameid': {
        says: 'NameID partly CDATA',
        make: named((genuine) => `<![CDATA[${genuine.slice(0, 2)}]]>${genuine.slice(2)}`),
      },
      'charref-nameid': {
        says: 'NameID in numeric character references',
        make: named((genuine) =>
          Array.from(genuine, (character) => `&#${character.codePointAt(0)};`).join(''),
        ),
      },
    },
  ),
  ...group(
    { ...refused, class: 'tampered', source: 'baseline', gatehouse: 'digest-mismatch' },
    {
      'tamper-newline-inserted': {
        says: 'a newline put into what was signed',
        source: 'C14N 1.0',
        make: ({ seed }) => insideEndOf(seed.xml, 'Subject', '\n'),
      },
      'tamper-prefixes-rewritten': {
        says: 'prefixes written otherwise',
        source: 'C14N 1.0 §4.4',
        make: ({ seed }) => {
          const prefix = prefixOf(seed.xml, 'Assertion').replace(':', '')
          return seed.xml
            .replaceAll(`<${prefix}:`, '<other:')
            .replaceAll(`</${prefix}:`, '</other:')
            .replaceAll(`xmlns:${prefix}=`, 'xmlns:other=')
        },
      },
      'tamper-nameid': { says: 'NameID changed in what was signed', make: named(() => FORGED) },
      'tamper-assertion-nameid': {
        needs: ['assertion-signature'],
        says: 'NameID changed in the signed Assertion, no signature on the Response',
        make: ({ seed, pieces }) =>
          setText(put(seed.xml, pieces.responseSignature, ''), 'NameID', FORGED),
      },
    },
  ),
]
