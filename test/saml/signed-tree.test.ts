/**
 * The element that is made while its bytes are canonicalized is the one that is read from these
 * bytes: nothing else can be in it.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { verifySignature } from '../../src/saml/incoming/signature.ts'
import { prepareCertificate } from '../../src/saml/incoming/trust.ts'
import { keepMessage } from '../../src/saml/incoming/kept.ts'
import { EXC_C14N } from '../../src/saml/names.ts'
import {
  canonicalize,
  canonicalizeAndRead,
  canonicalText,
  createCanonicalWriter,
  type C14nOptions,
} from '../../src/saml/xml/c14n.ts'
import {
  attributeOf,
  limits,
  parseXml,
  type XmlElement,
  type XmlNode,
} from '../../src/saml/xml/reader.ts'
import { descendants } from '../../src/saml/xml/tree.ts'
import { signatureFor } from '../../tools/signing/saml-signer.ts'
import { idp } from './attacks/stage.ts'

/** All that an element says, in its order. */
function shown(node: XmlNode): unknown {
  if (node.kind !== 'element') return [node.kind, node.text]
  const { name, prefix, local, namespace, attributes, declarations, children } = node
  return {
    name: [name, prefix, local, namespace],
    declarations: [...declarations],
    attributes: attributes.map((each) => [
      each.name,
      each.prefix,
      each.local,
      each.namespace,
      each.value,
    ]),
    children: children.map(shown),
  }
}

/** Elements, texts, attributes and lists: what two trees must not share. */
const objectsIn = (root: XmlElement): ReadonlySet<object> =>
  new Set(
    descendants(root).flatMap((each): object[] => [
      each,
      each.children,
      ...each.children,
      ...each.attributes,
    ]),
  )

function expectReread(apex: XmlElement, options: C14nOptions): void {
  const bytes = utf8(canonicalize(apex, options))
  const read = parseXml(bytes)
  const made = canonicalizeAndRead(apex, options)
  if (!read.ok || !made.ok) {
    expect(made).toEqual(read)
    return
  }
  const { element } = made.value
  expect(made.value.bytes).toEqual(bytes)
  expect(shown(element)).toEqual(shown(read.value))
  expect(element.parent).toBe(null)
  for (const each of descendants(element)) {
    for (const child of each.children) {
      if (child.kind === 'element') expect(child.parent).toBe(each)
    }
  }
  const posted = objectsIn(apex)
  expect([...objectsIn(element)].filter((each) => posted.has(each))).toEqual([])
}

function elementOf(xml: string): XmlElement {
  const read = parseXml(utf8(xml))
  if (!read.ok) throw new Error(read.error)
  return read.value
}

const plain: C14nOptions = { withComments: false, inclusivePrefixes: [], omit: null }

const LOCALS = ['a', 'b', 'é', '𐀀', '__proto__', 'constructor', 'Signature', 'xmlns', 'a-1.·']
const PREFIXES = ['p', 'q', 'é', '__proto__']
const URIS = ['urn:a', 'urn:b', 'urn:c?d&amp;e', 'http://www.w3.org/2000/09/xmldsig#']

const written = (pieces: readonly (readonly string[])[]) =>
  fc.array(fc.constantFrom(...pieces.flat()), { maxLength: 5 }).map((list) => list.join(''))

const content = written([
  ['x', 'é', '𝒵', '&#x1D4B5;', ' ', '\t', '\n', '\r\n', '\r', '&#13;', '&#10;', '&#9;'],
  ['&lt;', '&amp;', '&gt;', '>', '"', "'", '&quot;', '&amp;lt;', ']]&gt;', ']]', '\ufeff'],
  ['<![CDATA[<b>&amp;]]>', '<![CDATA[]]>', '<![CDATA[]]]]><![CDATA[>]]>', '\u0085', '\u2028'],
  ['<!--c-->', '<!---->', '<!-- <b/> - -->'],
])

const value = written([
  ['x', 'é', '𝒵', ' ', '\t', '\n', '\r\n', '&#9;', '&#10;', '&#13;', '&#32;'],
  ['&lt;', '&amp;', '&gt;', '>', "'", '&quot;', '&amp;#9;', '\u0085'],
])

/** '' stands for no prefix; the default namespace may be undeclared. */
const declaration = fc.oneof(
  fc.tuple(fc.constantFrom(...PREFIXES), fc.constantFrom(...URIS)),
  fc.tuple(fc.constant(''), fc.constantFrom('', ...URIS)),
)

const attribute = fc.record({
  prefix: fc.constantFrom('', '', 'xml', ...PREFIXES),
  local: fc.constantFrom(...LOCALS.filter((local) => local !== 'xmlns')),
  value,
})

const named = (prefix: string, local: string): string =>
  prefix === '' ? local : `${prefix}:${local}`

const { element: anyElement } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .record({
      prefix: fc.constantFrom('', ...PREFIXES),
      local: fc.constantFrom(...LOCALS),
      declared: fc.uniqueArray(declaration, { maxLength: 3, selector: ([prefix]) => prefix }),
      attributes: fc.uniqueArray(attribute, { maxLength: 4, selector: (a) => a.prefix + a.local }),
      inside: fc.array(fc.oneof({ maxDepth: 4 }, content, tie('element')), { maxLength: 5 }),
    })
    .map(({ prefix, local, declared, attributes, inside }) => {
      const name = named(prefix, local)
      const tag = [
        name,
        ...attributes.map((each) => `${named(each.prefix, each.local)}="${each.value}"`),
        ...declared.map(([of, uri]) => `${of === '' ? 'xmlns' : `xmlns:${of}`}="${uri}"`),
      ].join(' ')
      return `<${tag}>${inside.join('')}</${name}>`
    }),
}))

/** Each prefix is declared outside, so that every element may use it. */
const document = anyElement.map(
  (xml) => `<r ${PREFIXES.map((prefix, i) => `xmlns:${prefix}="urn:r${i}"`).join(' ')}>${xml}</r>`,
)

const choice = fc.record({
  apex: fc.nat(),
  omit: fc.option(fc.nat(), { nil: null }),
  withComments: fc.boolean(),
  inclusivePrefixes: fc.subarray(['', 'xml', 'none', 'constructor', ...PREFIXES]),
})

describe('the element that is made while it is canonicalized', () => {
  it('is the one that is read from its bytes, for any document', () => {
    fc.assert(
      fc.property(document, fc.array(choice, { minLength: 1, maxLength: 6 }), (xml, choices) => {
        const read = parseXml(utf8(xml))
        // Two attributes of one name in one namespace.
        fc.pre(read.ok)
        const elements = descendants(read.value)
        for (const { apex: at, omit: left, ...options } of choices) {
          const apex = elements[at % elements.length] ?? read.value
          const [, ...inside] = descendants(apex)
          const omit = left === null ? null : (inside[left % inside.length] ?? null)
          expectReread(apex, { ...options, omit })
        }
      }),
      { numRuns: 3000 },
    )
  }, 60_000)

  it.each([
    ['a prefix that is bound anew', '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c/></p:b></p:a>'],
    ['a default namespace that ends', '<a xmlns="urn:1"><b xmlns=""><c/></b><d/></a>'],
    ['a default namespace that was declared outside', '<a xmlns="urn:1" b="2"/>'],
    [
      'attributes in several namespaces',
      '<a xmlns:p="urn:2" xmlns:q="urn:1" p:a="1" q:a="2" a=""/>',
    ],
    ['the prefix xml', '<a xml:lang="en" xml:space="preserve"><b xml:id="c"/></a>'],
    ['text on both sides of a comment', '<a>b<!--c-->d</a>'],
    [
      'CDATA, references and line ends',
      '<a b="&#9;&#10;&#13;\t\n">&#13;\r\n<![CDATA[<&>]]>]]&gt;</a>',
    ],
    [
      'characters of a higher plane',
      '<\u{10000} \u{10001}="\u{1d4b5}">\u{1d4b5}&#x1D4B5;</\u{10000}>',
    ],
    ['names of the prototype', '<__proto__ constructor="a" __proto__="b"><toString/></__proto__>'],
    ['an & in a namespace', '<a:b xmlns:a="urn:a?b&amp;c"/>'],
  ])('is the one that is read from its bytes: %s', (_, xml) => {
    for (const apex of descendants(elementOf(xml))) {
      expectReread(apex, plain)
      expectReread(apex, { ...plain, withComments: true, inclusivePrefixes: ['', 'p', 'q', 'xml'] })
    }
  })

  it('has one text where an element was omitted between two', () => {
    const apex = elementOf('<a>b<Signature/>c<!--d-->e</a>')
    const omit = descendants(apex)[1] ?? null
    expectReread(apex, { ...plain, omit })
    const made = canonicalizeAndRead(apex, { ...plain, omit })
    expect(made.ok && made.value.element.children).toEqual([{ kind: 'text', text: 'bce' }])
  })
})

const files = import.meta.glob('../vectors/**/*.{xml,c14n,b64,json}', {
  query: '?raw',
  eager: true,
  import: 'default',
})

/** The documents of a file: its text, what it holds in base64, or the values of its JSON. */
function documentsIn(path: string, text: string): readonly string[] {
  if (path.endsWith('.b64')) {
    const bytes = decodeBase64(text)
    return bytes.ok ? [new TextDecoder().decode(bytes.value)] : []
  }
  if (!path.endsWith('.json')) return [text]
  const found: string[] = []
  JSON.parse(text, (_, each: unknown) => {
    if (typeof each === 'string' && each.includes('<')) found.push(each)
    return each
  })
  return found
}

describe('the element that is made while it is canonicalized, for each vector', () => {
  const documents = Object.entries(files).flatMap(([path, text]) =>
    documentsIn(path, text).flatMap((xml) => {
      const read = parseXml(utf8(xml))
      return read.ok ? [[path, read.value] as const] : []
    }),
  )

  it('has vectors', () => {
    expect(documents.length).toBeGreaterThan(400)
  })

  it('is the one that is read from its bytes', () => {
    for (const [, root] of documents) {
      const elements = descendants(root)
      const signatures = elements.filter(({ local }) => local === 'Signature')
      const apexes = new Set([root, ...signatures.flatMap(({ parent }) => parent ?? [])])
      elements.forEach((each, i) => i % 7 === 0 && apexes.add(each))
      const declared = elements.flatMap(({ declarations }) => [...declarations.keys()])
      for (const apex of [...apexes].slice(0, 30)) {
        const inside = descendants(apex)
        const omit = inside.find(({ local }) => local === 'Signature') ?? inside[1] ?? null
        expectReread(apex, { ...plain, omit })
        expectReread(apex, { withComments: true, inclusivePrefixes: declared, omit: null })
      }
    }
  }, 60_000)
})

describe('what could not be read from its bytes is refused', () => {
  const prefixes = Array.from({ length: 40 }, (_, i) => `p${i}`)
  const declared = prefixes.map((prefix) => `xmlns:${prefix}="urn:${prefix}"`).join(' ')
  const used = prefixes.map((prefix) => `${prefix}:a="1"`).join(' ')

  it('more attributes than the limit, where canonicalization repeats declarations', () => {
    const [, apex] = descendants(elementOf(`<r ${declared}><a ${used}/></r>`))
    if (!apex) throw new Error('there is no element')
    expect(apex.attributes.length).toBeLessThan(limits.attributesPerElement)
    expectReread(apex, plain)
    expect(canonicalizeAndRead(apex, plain)).toEqual({ ok: false, error: 'too-many-attributes' })
  })

  it('more bytes than the limit, where canonicalization makes them longer', () => {
    const apex = elementOf(`<a>${'>'.repeat(limits.bytes / 4)}</a>`)
    expectReread(apex, plain)
    expect(canonicalizeAndRead(apex, plain)).toEqual({ ok: false, error: 'too-large' })
    const smaller = elementOf(`<a>${'>'.repeat(limits.bytes / 4 - 2)}</a>`)
    expect(canonicalizeAndRead(smaller, plain).ok).toBe(true)
  })

  it('more bytes than the limit, of fewer characters', () => {
    const apex = elementOf(`<a>${'>'.repeat(limits.bytes / 8)}${'é'.repeat(limits.bytes / 4)}</a>`)
    expect(canonicalText(apex, plain).ok).toBe(true)
    expectReread(apex, plain)
    expect(canonicalizeAndRead(apex, plain)).toEqual({ ok: false, error: 'too-large' })
  })

  // A namespace is declared again by each element that uses its prefix, if none around it does.
  it('text without end, where each element repeats a long namespace', async () => {
    const uri = `urn:${'a'.repeat(limits.bytes / 4)}`
    const many = '<p:a/>'.repeat(20_000)
    const [, apex] = descendants(elementOf(`<r xmlns:p="${uri}"><b>${many}</b></r>`))
    if (!apex) throw new Error('there is no element')
    expect(canonicalizeAndRead(apex, plain)).toEqual({ ok: false, error: 'too-large' })
    expect(canonicalText(apex, plain)).toEqual({ ok: false, error: 'too-large' })
    expect(keepMessage(apex, 'all')).toBe(null)
    const writer = createCanonicalWriter(plain)
    writer.open(elementOf('<c/>'))
    expect(() => writer.child(apex)).toThrow('too-large')
  })

  it('in a tag, which may use many prefixes', () => {
    const uris = prefixes.map((prefix) => `xmlns:${prefix}="urn:${'a'.repeat(20_000)}${prefix}"`)
    const [, apex] = descendants(elementOf(`<r ${uris.join(' ')}><a ${used}/></r>`))
    if (!apex) throw new Error('there is no element')
    const twice = { ...apex, children: [apex, apex] }
    expect(canonicalText(apex, plain).ok).toBe(true)
    expect(canonicalText({ ...twice, attributes: [] }, plain)).toEqual({
      ok: false,
      error: 'too-large',
    })
  })

  it('in SignedInfo, which is canonicalized when the digest is good', async () => {
    const uri = `urn:${'a'.repeat(200_000)}`
    const xml = `<r xmlns:p="${uri}"><a ID="b"></a></r>`
    const signature = await signatureFor(xml, 'b', idp)
    const inside = `<x:InclusiveNamespaces xmlns:x="${EXC_C14N}" PrefixList="">${'<p:c/>'.repeat(50)}</x:InclusiveNamespaces>`
    const method = /<(\w+:)?CanonicalizationMethod ([^>]*?)\/?>(<\/(\w+:)?CanonicalizationMethod>)?/
    const swollen = signature.replace(
      method,
      (_, prefix = '', attributes) =>
        `<${prefix}CanonicalizationMethod ${attributes}>${inside}</${prefix}CanonicalizationMethod>`,
    )
    expect(swollen).toContain('<p:c/>')
    const element = descendants(elementOf(xml.replace('</a>', `${swollen}</a>`)))[1]
    const prepared = prepareCertificate(idp.certificate)
    if (!element || !prepared.ok) throw new Error('it is not signed')
    const trust = { certificates: [prepared.value], sha1: false, weakRsa: false }
    expect(await verifySignature(element, trust)).toEqual({
      ok: false,
      error: { reason: 'malformed-xml', fault: 'too-large' },
    })
  })

  it('also where it is signed', async () => {
    const xml = `<r ${declared}><a ID="b"><b ${used}/></a></r>`
    const signed = xml.replace('<b', `${await signatureFor(xml, 'b', idp)}<b`)
    const element = descendants(elementOf(signed)).find((each) => attributeOf(each, 'ID') === 'b')
    const prepared = prepareCertificate(idp.certificate)
    if (!element || !prepared.ok) throw new Error('it is not signed')
    const trust = { certificates: [prepared.value], sha1: false, weakRsa: false }
    expect(await verifySignature(element, trust)).toEqual({
      ok: false,
      error: { reason: 'malformed-xml', fault: 'too-many-attributes' },
    })
  })
})
