import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { canonicalize } from '../../src/saml/xml/c14n.ts'
import { attributeOf, parseXml, type XmlElement } from '../../src/saml/xml/reader.ts'
import { descendants } from '../../src/saml/xml/tree.ts'
import manifest from '../vectors/c14n/manifest.json'
import casesText from '../vectors/xml/cases.json?raw'

interface XmlCase {
  readonly name: string
  readonly xml: string
  readonly libxml2: string
  readonly c14n: string | null
}
const cases: readonly XmlCase[] = JSON.parse(casesText)

const files = import.meta.glob('../vectors/c14n/edge/*', {
  query: '?raw',
  eager: true,
  import: 'default',
})
const fileOf = (name: string): string => {
  const text = files[`../vectors/c14n/${name}`]
  if (text === undefined) throw new Error(`no vector ${name}`)
  return text
}

/** Inputs that are refused on purpose, with what they hold. */
const refused: Readonly<Record<string, string>> = {
  'edge/pi.xml': 'processing-instruction',
  'edge/pi-cr.xml': 'processing-instruction',
  'edge/latin1.xml': 'declaration',
  // Its bytes come here as the text that they are not.
  'edge/utf16.xml': 'not-well-formed',
  'edge/ns-uri-order-utf16-vs-codepoint.xml': 'namespace-uri',
  'edge/whole-doc-pis.xml': 'processing-instruction',
}

const WITH_COMMENTS = 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments'

describe('exclusive canonicalization, as libxml2 and OpenJDK do it', () => {
  it('has all the vectors', () => {
    expect(manifest.vectors.length).toBe(214)
  })

  it.each(
    manifest.vectors.map(
      (v) =>
        [
          `${v.input} ${JSON.stringify(v.select)} ${v.algorithm.split('#')[1]} [${v.prefix_list.join(' ')}]`,
          v,
        ] as const,
    ),
  )('%s', (_, vector) => {
    const read = parseXml(utf8(fileOf(vector.input)))
    const reason = refused[vector.input]
    if (reason) {
      expect(read.ok ? 'read' : read.error).toBe(reason)
      return
    }
    if (!read.ok) throw new Error(`${vector.input} is ${read.error}`)
    const id = 'id' in vector.select ? vector.select.id : null
    const apex = id === null ? read.value : elementById(read.value, id)
    const canonical = canonicalize(apex, {
      withComments: vector.algorithm === WITH_COMMENTS,
      inclusivePrefixes: vector.prefix_list.map((prefix) => (prefix === '#default' ? '' : prefix)),
      omit: null,
    })
    expect(canonical).toBe(withoutSurroundings(fileOf(vector.expected ?? '')))
  })
})

function elementById(root: XmlElement, id: string): XmlElement {
  const found = [...descendants(root)].find(
    (e) => (attributeOf(e, 'ID') ?? attributeOf(e, 'Id') ?? attributeOf(e, 'id')) === id,
  )
  if (!found) throw new Error(`no element ${id}`)
  return found
}

/** Comments before and after the document element are no part of it. */
const withoutSurroundings = (document: string): string =>
  document.replace(/^(?:<!--[^]*?-->\n)+/, '').replace(/(?:\n<!--[^]*?-->)+$/, '')

describe('reading XML, beside libxml2', () => {
  const plain = { withComments: false, inclusivePrefixes: [], omit: null }
  const refusedOnPurpose = new Set(['doctype', 'processing-instruction', 'too-deep'])

  it('has all the cases', () => {
    expect(cases.length).toBeGreaterThan(100)
  })

  it.each(cases.map((c) => [c.name, c] as const))('%s', (_, { xml, libxml2, c14n }) => {
    const read = parseXml(utf8(xml))
    if (libxml2 !== 'accepts') {
      expect(read.ok).toBe(false)
    } else if (read.ok) {
      expect(canonicalize(read.value, plain)).toBe(c14n)
    } else {
      expect(refusedOnPurpose).toContain(read.error)
    }
  })
})

describe('the order of attributes', () => {
  it.each([
    [
      'by code point, where UTF-16 has the surrogates first',
      '<r a="0" \ufdf0="1" \u{10000}="2"></r>',
    ],
    ['between two beyond the BMP', '<r \u{10000}="1" \u{10001}="2" \u{20000}="3"></r>'],
    ['where one name begins the other', '<r a="1" aa="2" a\u{10000}="3"></r>'],
  ])('is %s', (_, canonical) => {
    const [, ...attributes] = canonical.slice(0, -'></r>'.length).split(' ')
    const read = parseXml(utf8(`<r ${attributes.toReversed().join(' ')}/>`))
    if (!read.ok) throw new Error(read.error)
    expect(
      canonicalize(read.value, { withComments: false, inclusivePrefixes: [], omit: null }),
    ).toBe(canonical)
  })
})
