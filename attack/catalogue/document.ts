/** What is no well-formed XML 1.0 in UTF-8, or is it in an unusual way. */
import { concatBytes, utf8, type Bytes } from '../../src/lib/bytes.ts'
import { group, type Entry, type Stage } from '../entry.ts'
import {
  FORGED,
  forgedResponse,
  insideEndOf,
  insideTag,
  nameIdOf,
  prefixOf,
  put,
  setText,
  withoutDeclaration,
} from '../text.ts'

const refused = {
  by: 'attacker',
  correct: 'refuse',
  source: 'XML 1.0',
  gatehouse: 'malformed-xml: not-well-formed',
} as const

/** The response without its declaration, something in its place, and perhaps another name. */
const under =
  (prolog: string, name?: string) =>
  ({ seed }: Stage): string => {
    const bare = withoutDeclaration(seed.xml)
    return prolog + (name === undefined ? bare : setText(bare, 'NameID', name))
  }
const ENTITY = '<!DOCTYPE Response [<!ENTITY e "attacker@evil.test">]>'

const name =
  (change: (genuine: string) => string) =>
  ({ seed }: Stage): string =>
    setText(seed.xml, 'NameID', change(nameIdOf(seed.xml)))

const inStart = (text: string) => (genuine: string) => genuine.slice(0, 2) + text + genuine.slice(2)

/** Something that is not checked for in a start tag: that of the Response, which is always there. */
const tag =
  (added: string) =>
  ({ seed }: Stage): string =>
    insideTag(seed.xml, 'Response', added)

const utf16 = (text: string): Bytes => {
  const bytes = new Uint8Array(2 + text.length * 2)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0xfffe)
  for (let i = 0; i < text.length; i++) view.setUint16(2 + i * 2, text.charCodeAt(i), true)
  return bytes
}

/** Raw bytes into the name. */
const nameBytes =
  (...bytes: readonly number[]) =>
  ({ seed }: Stage): Bytes => {
    const [before = '', after = ''] = put(
      seed.xml,
      /(?<=<(?:[\w.-]+:)?NameID[^>]*>)/,
      '\u0000',
    ).split('\u0000')
    return concatBytes(utf8(before), Uint8Array.from(bytes), utf8(after))
  }

const doctypes = group(
  { ...refused, class: 'doctype', gatehouse: 'malformed-xml: doctype' },
  {
    'doctype-plain': {
      says: 'a bare DOCTYPE',
      source: 'CVE-2025-25291 and CVE-2025-25292 (ruby-saml)',
      make: under('<!DOCTYPE Response>'),
    },
    'doctype-entity': {
      says: 'an internal entity as NameID',
      source: 'XXE',
      make: under(ENTITY, '&e;'),
    },
    'doctype-xxe-file': {
      says: 'an external entity, a file',
      source: 'CVE-2016-10127 (pysaml2), CVE-2024-52596 (SimpleSAMLphp)',
      make: under('<!DOCTYPE Response [<!ENTITY e SYSTEM "file:///etc/hostname">]>', '&e;'),
    },
    'doctype-xxe-http': {
      says: 'an external entity, over http',
      source: 'XXE, SSRF',
      make: under('<!DOCTYPE Response [<!ENTITY e SYSTEM "http://127.0.0.1:9/e">]>', '&e;'),
    },
    'doctype-xxe-param': {
      says: 'a parameter entity',
      source: 'XXE',
      make: under('<!DOCTYPE Response [<!ENTITY % e SYSTEM "http://127.0.0.1:9/e">%e;]>'),
    },
    'doctype-external-subset': {
      says: 'an external subset',
      source: 'CVE-2024-52806 (simplesamlphp/saml2)',
      make: under('<!DOCTYPE Response SYSTEM "http://127.0.0.1:9/x.dtd">'),
    },
    'doctype-billion-laughs': {
      says: 'entities that double, 30 deep',
      source: 'CWE-776; CVE-2026-26278 (fast-xml-parser)',
      make: under(
        `<!DOCTYPE Response [<!ENTITY e0 "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};">`).join('')}]>`,
        '&e30;',
      ),
    },
    'doctype-quadratic': {
      says: 'one long entity, used many times',
      source: 'CVE-2026-26278 (fast-xml-parser)',
      make: under(`<!DOCTYPE Response [<!ENTITY e "${'a'.repeat(50_000)}">]>`, '&e;'.repeat(5000)),
    },
    'doctype-entity-loop': {
      says: 'entities that contain each other',
      source: 'CWE-776',
      make: under('<!DOCTYPE Response [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', '&a;'),
    },
    'doctype-attlist-default-id': {
      says: 'ATTLIST supplies an attribute',
      source: 'CVE-2025-25291 (ruby-saml), CVE-2025-23369 (GitHub Enterprise Server)',
      make: (s) =>
        under(
          `<!DOCTYPE Response [<!ATTLIST ${prefixOf(s.seed.xml, 'Assertion')}Assertion ID CDATA "_x">]>`,
        )(s),
    },
    'doctype-attlist-xmlns': {
      says: 'ATTLIST supplies a namespace',
      source: 'CVE-2025-25292 (ruby-saml)',
      make: (s) =>
        under(
          `<!DOCTYPE Response [<!ATTLIST ${prefixOf(s.seed.xml, 'Assertion')}Assertion xmlns:x CDATA "urn:x">]>`,
        )(s),
    },
    'doctype-roundtrip-quote': {
      says: 'a SYSTEM literal that becomes markup when it is written again',
      source: 'CVE-2025-25291 (REXML); PortSwigger, SAML roulette, 2025',
      make: under(`<!DOCTYPE Response SYSTEM '"><x y="'>`),
    },
    'doctype-entity-name-regex': {
      says: 'an entity whose name has a dot, a metacharacter of regular expressions',
      source: 'CVE-2026-25896 (fast-xml-parser)',
      make: under('<!DOCTYPE Response [<!ENTITY l. "<x/>">]>', '&l.;'),
    },
    'doctype-utf16': {
      says: 'UTF-16 with an entity, which a filter of bytes for <!DOCTYPE does not see',
      source: 'filter bypass',
      gatehouse: 'malformed-xml: not-utf8',
      make: (s) => utf16(`<?xml version="1.0" encoding="UTF-16"?>${under(ENTITY, '&e;')(s)}`),
    },
  },
)

const encodings = group(
  {
    ...refused,
    class: 'encoding',
    source: 'XML 1.0 §4.3.3',
    gatehouse: 'malformed-xml: declaration',
  },
  {
    'encoding-utf16': {
      correct: 'either',
      says: 'genuine message as UTF-16',
      gatehouse: 'malformed-xml: not-utf8',
      make: (s) => utf16(under('<?xml version="1.0" encoding="UTF-16"?>')(s)),
    },
    'encoding-utf7-decl': {
      says: 'declared as UTF-7, the name written in it',
      make: under('<?xml version="1.0" encoding="UTF-7"?>', 'attacker+AEA-evil.test'),
    },
    'encoding-latin1-decl': {
      correct: 'either',
      says: 'genuine message declared as ISO-8859-1',
      make: under('<?xml version="1.0" encoding="ISO-8859-1"?>'),
    },
    'invalid-utf8': {
      says: 'a byte that is not UTF-8',
      source: 'CVE-2025-25292 (ruby-saml)',
      gatehouse: 'malformed-xml: not-utf8',
      make: nameBytes(0xff),
    },
    'overlong-utf8': {
      says: 'overlong UTF-8 for "<"',
      source: 'differences between parsers',
      gatehouse: 'malformed-xml: not-utf8',
      make: nameBytes(0xc0, 0xbc),
    },
    xml11: {
      correct: 'either',
      says: 'declared as XML 1.1',
      source: 'differences between parsers',
      make: under('<?xml version="1.1"?>'),
    },
  },
)

const wellFormedness = group(
  { ...refused, class: 'wellformedness' },
  {
    'nul-byte': { says: 'NUL', source: 'XML 1.0 §2.2', make: name(inStart('\u0000')) },
    'control-char': { says: 'vertical tab', source: 'XML 1.0 §2.2', make: name(inStart('\u000b')) },
    'charref-nul': {
      says: '&#0;',
      source: 'XML 1.0 §4.1; CVE-2026-25128 class',
      make: name(inStart('&#0;')),
    },
    'charref-surrogate': {
      says: 'a reference to a lone surrogate',
      source: 'XML 1.0 §4.1',
      make: name(inStart('&#xD800;')),
    },
    'charref-huge': {
      says: 'a character reference beyond Unicode',
      source: 'CVE-2026-25128 (fast-xml-parser)',
      make: name(inStart('&#x110000;')),
    },
    'undefined-entity': {
      says: 'an entity that nobody declared',
      source: 'XML 1.0 §4.1',
      make: name(inStart('&nbsp;')),
    },
    'bare-ampersand': { says: 'an unescaped &', make: name(inStart(' & ')) },
    'duplicate-attribute': {
      says: 'the same attribute twice',
      source: 'XML 1.0 §3.1; leniency of fast-xml-parser and xmldom',
      make: tag('Version="2.0"'),
    },
    'duplicate-attribute-ns': {
      says: 'the same expanded attribute name twice',
      source: 'Namespaces in XML §6.3',
      make: tag('xmlns:p="urn:x" xmlns:q="urn:x" p:a="1" q:a="2"'),
    },
    'unbound-prefix': {
      says: 'a prefix that is not bound',
      source: 'Namespaces in XML §5',
      make: tag('none:a="1"'),
    },
    'xmlns-rebind-xml': {
      says: 'the prefix xml bound to something else',
      source: 'Namespaces in XML §3',
      make: tag('xmlns:xml="urn:x"'),
    },
    'xmlns-empty-prefix': {
      says: 'a prefix undeclared, as only Namespaces 1.1 has it',
      source: 'Namespaces in XML §6.1',
      make: tag('xmlns:p=""'),
    },
    'attr-lt': {
      says: '"<" in an attribute value',
      source: 'XML 1.0 §3.1; round trips of Go encoding/xml',
      make: tag('a="<"'),
    },
    'trailing-text': { says: 'text after the document element', make: (s) => `${s.seed.xml}x` },
    'trailing-comment': {
      correct: 'either',
      says: 'a comment after the document element, which is well-formed',
      gatehouse: 'accepted',
      make: (s) => `${s.seed.xml}<!-- x -->`,
    },
    'leading-space-decl': {
      says: 'a space before the XML declaration, as some IdPs do send it',
      source: 'XML 1.0 §2.8',
      gatehouse: 'malformed-xml: not-well-formed',
      make: under(' <?xml version="1.0"?>'),
    },
    'two-decls': {
      says: 'two XML declarations',
      make: under('<?xml version="1.0"?><?xml version="1.0"?>'),
    },
    'colon-names': {
      says: 'an attribute whose name begins with a colon',
      source: 'CVE-2020-29509, CVE-2020-29510 and CVE-2020-29511 (Go encoding/xml)',
      make: tag(':a="1"'),
    },
    'comment-double-dash': {
      says: '"--" in a comment',
      source: 'XML 1.0 §2.5',
      make: name(inStart('<!-- a -- b -->')),
    },
    'unclosed-comment': { says: 'a comment without an end', make: name(inStart('<!-- ')) },
    'cdata-end-in-text': {
      says: '"]]>" in character data',
      source: 'XML 1.0 §2.4',
      make: name(inStart(']]>')),
    },
    'mismatched-end-tag': {
      says: 'an end tag that differs in case',
      source: 'fast-xml-parser does not compare them',
      make: ({ seed }) => seed.xml.replace(/(<\/(?:[\w.-]+:)?)NameID>/, '$1nameID>'),
    },
    'unclosed-root': {
      says: 'the document element has no end',
      source: 'fast-xml-parser does not ask for it',
      make: ({ seed }) => seed.xml.replace(/<\/(?:[\w.-]+:)?Response>\s*$/, ''),
    },
    'multiple-roots': {
      class: 'multiple-roots',
      says: 'two document elements, the forged one first',
      source: 'CVE-2022-39353 (xmldom), CVE-2022-39299 (passport-saml)',
      make: ({ seed }) =>
        withoutDeclaration(forgedResponse(seed.xml)) + withoutDeclaration(seed.xml),
    },
    'multiple-roots-evil-last': {
      class: 'multiple-roots',
      says: 'two document elements, the forged one last',
      source: 'CVE-2022-39353 (xmldom), CVE-2022-39299 (passport-saml)',
      make: ({ seed }) => seed.xml + withoutDeclaration(forgedResponse(seed.xml)),
    },
  },
)

const COMMENTS =
  'VU#475445 (CVE-2017-11427 to -11430, CVE-2018-0489, CVE-2018-5387, CVE-2018-7340); CVE-2026-40165 and CVE-2026-57580 (authentik)'
const PI =
  'OneUptime issue 2988 (2026); xml-crypto takes the data of a processing instruction for text'

const extraction = [
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
        make: name(inStart('<!-- x -->')),
      },
      'comment-nameid-start': {
        says: 'a comment at the start of NameID',
        make: name((genuine) => `<!-- x -->${genuine}`),
      },
      'comment-nameid-end': {
        says: 'a comment at the end of NameID',
        make: name((genuine) => `${genuine}<!---->`),
      },
      'pi-nameid': {
        correct: 'refuse',
        says: 'a processing instruction within NameID, which C14N keeps',
        source: 'VU#475445, a variant',
        gatehouse: 'malformed-xml: processing-instruction',
        make: name(inStart('<?x?>')),
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
        make: name((genuine) => `<?x ${genuine.slice(0, 2)}?>${genuine.slice(2)}`),
      },
      'pi-swallows-suffix': {
        says: 'the end of the name moved into a processing instruction',
        make: name((genuine) => `${genuine.slice(0, -2)}<?x ${genuine.slice(-2)}?>`),
      },
      'comment-swallows-prefix': {
        says: 'the beginning of the name moved into a comment',
        source: 'canonicalizers that print the data of comments',
        gatehouse: 'digest-mismatch',
        make: name((genuine) => `<!--${genuine.slice(0, 2)}-->${genuine.slice(2)}`),
      },
      'element-swallows-prefix': {
        says: 'the beginning of the name moved into a child element',
        source: 'digests over textContent',
        gatehouse: 'digest-mismatch',
        make: name((genuine) => `<x>${genuine.slice(0, 2)}</x>${genuine.slice(2)}`),
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
        make: name((genuine) => `<![CDATA[${genuine}]]>`),
      },
      'cdata-split-nameid': {
        says: 'NameID partly CDATA',
        make: name((genuine) => `<![CDATA[${genuine.slice(0, 2)}]]>${genuine.slice(2)}`),
      },
      'charref-nameid': {
        says: 'NameID in numeric character references',
        make: name((genuine) =>
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
      'tamper-nameid': { says: 'NameID changed in what was signed', make: name(() => FORGED) },
      'tamper-assertion-nameid': {
        needs: ['assertion-signature'],
        says: 'NameID changed in the signed Assertion, no signature on the Response',
        make: ({ seed, pieces }) =>
          setText(put(seed.xml, pieces.responseSignature, ''), 'NameID', FORGED),
      },
    },
  ),
]

export const document: readonly Entry[] = [
  ...doctypes,
  ...encodings,
  ...wellFormedness,
  ...extraction,
]
