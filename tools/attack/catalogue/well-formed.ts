/** Documents that are not well-formed XML. */
import { group, type Entry, type Stage } from '../entry.ts'
import { forgedResponse, insideTag, withoutDeclaration } from '../text.ts'
import { named, inStart, under } from '../parts.ts'

const refused = {
  by: 'attacker',
  correct: 'refuse',
  source: 'XML 1.0',
  gatehouse: 'malformed-xml: not-well-formed',
} as const

/** Inserts text into the start tag of the Response. */
const tag =
  (added: string) =>
  ({ seed }: Stage): string =>
    insideTag(seed.xml, 'Response', added)

export const wellFormed: readonly Entry[] = group(
  { ...refused, class: 'wellformedness' },
  {
    'nul-byte': { says: 'NUL', source: 'XML 1.0 §2.2', make: named(inStart('\u0000')) },
    'control-char': {
      says: 'vertical tab',
      source: 'XML 1.0 §2.2',
      make: named(inStart('\u000b')),
    },
    'charref-nul': {
      says: '&#0;',
      source: 'XML 1.0 §4.1; CVE-2026-25128 class',
      make: named(inStart('&#0;')),
    },
    'charref-surrogate': {
      says: 'a reference to a lone surrogate',
      source: 'XML 1.0 §4.1',
      make: named(inStart('&#xD800;')),
    },
    'charref-huge': {
      says: 'a character reference beyond Unicode',
      source: 'CVE-2026-25128 (fast-xml-parser)',
      make: named(inStart('&#x110000;')),
    },
    'undefined-entity': {
      says: 'an entity that nobody declared',
      source: 'XML 1.0 §4.1',
      make: named(inStart('&nbsp;')),
    },
    'bare-ampersand': { says: 'an unescaped &', make: named(inStart(' & ')) },
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
      make: named(inStart('<!-- a -- b -->')),
    },
    'unclosed-comment': { says: 'a comment without an end', make: named(inStart('<!-- ')) },
    'cdata-end-in-text': {
      says: '"]]>" in character data',
      source: 'XML 1.0 §2.4',
      make: named(inStart(']]>')),
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
