/** DOCTYPEs, and encodings other than UTF-8. */
import { concatBytes, utf8, type Bytes } from '../../../src/lib/bytes.ts'
import { group, type Entry, type Stage } from '../entry.ts'
import { under } from '../parts.ts'
import { prefixOf, put } from '../text.ts'

const refused = {
  by: 'attacker',
  correct: 'refuse',
  source: 'XML 1.0',
  gatehouse: 'malformed-xml: not-well-formed',
} as const

const ENTITY = '<!DOCTYPE Response [<!ENTITY e "attacker@evil.test">]>'

const utf16 = (text: string): Bytes => {
  const bytes = new Uint8Array(2 + text.length * 2)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0xfffe)
  for (let i = 0; i < text.length; i++) view.setUint16(2 + i * 2, text.charCodeAt(i), true)
  return bytes
}

/** The response with raw bytes inserted into the name. */
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

export const doctype: readonly Entry[] = [...doctypes, ...encodings]
