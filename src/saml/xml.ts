/**
 * The one reader of XML. It takes namespace-well-formed XML 1.0 in UTF-8 and nothing beside: no
 * DOCTYPE, no processing instruction, no other encoding, and nothing deeper or larger than the
 * limits below. What libxml2 refuses, it refuses; the vectors in test/vectors say so.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes'
import { concatBytes, decodeUtf8, utf8 } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'

export interface XmlElement {
  readonly kind: 'element'
  /** As written, with its prefix. */
  readonly name: string
  readonly prefix: string
  readonly local: string
  /** The namespace URI; '' for none. */
  readonly namespace: string
  /** Without namespace declarations, in document order. */
  readonly attributes: readonly XmlAttribute[]
  /** The namespaces declared here: prefix → URI, '' for the default one. */
  readonly declarations: ReadonlyMap<string, string>
  readonly children: readonly XmlNode[]
  readonly parent: XmlElement | null
}

export interface XmlAttribute {
  readonly name: string
  readonly prefix: string
  readonly local: string
  readonly namespace: string
  readonly value: string
}

export type XmlNode =
  | XmlElement
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'comment'; readonly text: string }

export type XmlFault =
  | 'not-utf8'
  | 'not-well-formed'
  | 'doctype'
  | 'processing-instruction'
  | 'declaration'
  | 'namespace-uri'
  | 'too-large'
  | 'too-deep'
  | 'too-many-nodes'
  | 'too-many-attributes'

/** Generous for SAML: a response with 5,000 groups has 400 KB and 20,000 nodes, 9 deep. */
export const limits = {
  bytes: 1_048_576,
  depth: 48,
  nodes: 50_000,
  attributesPerElement: 64,
} as const

const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/'

/** Bytes → the document element. Never throws. */
export function parseXml(bytes: Uint8Array): Result<XmlElement, XmlFault> {
  if (bytes.length > limits.bytes) return err('too-large')
  const text = decodeUtf8(bytes)
  return text.ok ? parseXmlText(text.value) : text
}

/**
 * One element, in the namespaces that are declared around `place`, and white space around it: what
 * stood where something encrypted stands now. What would break out of its place is not well-formed.
 */
export function parseXmlIn(place: XmlElement, bytes: Uint8Array): Result<XmlElement, XmlFault> {
  const inScope = namespacesAt(place)
  const declared = Array.from(inScope, ([prefix, uri]) => {
    const value = uri.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
    return ` xmlns${prefix === '' ? '' : ':'}${prefix}="${value}"`
  }).join('')
  const around = parseXml(concatBytes(utf8(`<place${declared}>`), bytes, utf8('</place>')))
  if (!around.ok) return around
  const [element, ...others] = around.value.children.filter(
    (child) => child.kind !== 'text' || /[^ \t\r\n]/.test(child.text),
  )
  if (element?.kind !== 'element' || others.length > 0) return err('not-well-formed')
  // As its own: some were declared by the encrypted element, whose place it takes.
  return ok({ ...element, declarations: new Map([...inScope, ...element.declarations]) })
}

/** Prefix → URI, as declared on the element and around it. */
function namespacesAt(element: XmlElement): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let at: XmlElement | null = element; at; at = at.parent) {
    for (const [prefix, uri] of at.declarations) if (!found.has(prefix)) found.set(prefix, uri)
  }
  return found
}

/** A copy in which some elements have given way to others, which were read in their places. */
export function withReplaced(
  element: XmlElement,
  replaced: ReadonlyMap<XmlElement, XmlElement>,
  parent: XmlElement | null = null,
): XmlElement {
  const original = replaced.get(element) ?? element
  const children: XmlNode[] = []
  const copy = { ...original, children, parent }
  for (const child of original.children) {
    children.push(child.kind === 'element' ? withReplaced(child, replaced, copy) : child)
  }
  return copy
}

class Refused extends Error {
  readonly fault: XmlFault
  constructor(fault: XmlFault) {
    super(fault)
    this.fault = fault
  }
}

type Building = Omit<XmlElement, 'children'> & { readonly children: XmlNode[] }

function parseXmlText(text: string): Result<XmlElement, XmlFault> {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const open: Building[] = []
  let root: XmlElement | null = null
  let nodes = 0
  let attributeCount = 0

  const refuse = (fault: XmlFault) => () => {
    throw new Refused(fault)
  }
  const count = () => {
    if (++nodes > limits.nodes) throw new Refused('too-many-nodes')
  }
  const addText = (added: string) => {
    const parent = open.at(-1)
    if (!parent || added === '') return
    const last = parent.children.at(-1)
    if (last?.kind === 'text') {
      parent.children[parent.children.length - 1] = { kind: 'text', text: last.text + added }
    } else {
      count()
      parent.children.push({ kind: 'text', text: added })
    }
  }

  parser.on('error', refuse('not-well-formed'))
  parser.on('doctype', refuse('doctype'))
  parser.on('processinginstruction', refuse('processing-instruction'))
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0' || (encoding !== undefined && !/^utf-8$/i.test(encoding))) {
      throw new Refused('declaration')
    }
  })
  // Here, not after the tag: saxes resolves names by walking the open elements, so depth is quadratic.
  parser.on('opentagstart', () => {
    attributeCount = 0
    if (open.length >= limits.depth) throw new Refused('too-deep')
  })
  parser.on('attribute', () => {
    if (++attributeCount > limits.attributesPerElement) throw new Refused('too-many-attributes')
  })
  parser.on('opentag', (tag) => {
    count()
    const attributes = Object.values(tag.attributes)
    if (![tag, ...attributes].every(isQName)) throw new Refused('not-well-formed')
    // As written: `tag.ns` has them trimmed, so there an element is SAML's that is nobody's elsewhere.
    const declared = attributes.filter(({ uri }) => uri === XMLNS_NAMESPACE)
    if (!declared.every(({ value }) => isNamespaceUri(value))) throw new Refused('namespace-uri')
    const parent = open.at(-1) ?? null
    const element = toElement(tag, parent)
    if (parent) parent.children.push(element)
    else root = element
    open.push(element)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('comment', (comment) => {
    count()
    open.at(-1)?.children.push({ kind: 'comment', text: comment })
  })

  try {
    parser.write(text).close()
  } catch (error) {
    if (error instanceof Refused) return err(error.fault)
    throw error
  }
  return root ? ok(root) : err('not-well-formed')
}

const CHARACTER = String.raw`[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2}`
const AUTHORITY = String.raw`//(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*(?::\d{1,5})?(?=[/?#]|$)`

/**
 * Canonicalization is undefined for relative ones (C14N §1.3), and some libraries then hash nothing.
 * Absolute ones by RFC 3986 §3, without user and address in the authority: libxml2 takes no others.
 */
const NAMESPACE_URI = new RegExp(
  `^[a-z][a-z\\d+.-]*:(?:${AUTHORITY}|(?!//))(?:${CHARACTER})*(?:#(?:${CHARACTER})*)?$`,
  'i',
)

const isNamespaceUri = (uri: string): boolean => uri === '' || NAMESPACE_URI.test(uri)

/** What saxes leaves of Namespaces in XML §4: the part after the colon begins as a name does. */
const isQName = ({ local }: { readonly local: string }): boolean =>
  !/^(?:[\u0300-\u036f]|[-.\d\u00b7\u203f\u2040])/.test(local)

function toElement(tag: SaxesTagNS, parent: Building | null): Building {
  const all = Object.values(tag.attributes)
  return {
    kind: 'element',
    name: tag.name,
    prefix: tag.prefix,
    local: tag.local,
    namespace: tag.uri,
    attributes: all
      .filter((attribute) => attribute.uri !== XMLNS_NAMESPACE)
      .map(({ name, prefix, local, uri, value }) => ({
        name,
        prefix,
        local,
        namespace: uri,
        value,
      })),
    declarations: new Map(Object.entries(tag.ns)),
    children: [],
    parent,
  }
}

/** The child elements of that name; all of them, wherever they stand among the others. */
export const childrenNamed = (
  parent: XmlElement,
  namespace: string,
  local: string,
): readonly XmlElement[] =>
  childElements(parent).filter((child) => child.namespace === namespace && child.local === local)

export const childElements = (parent: XmlElement): readonly XmlElement[] =>
  parent.children.filter((child) => child.kind === 'element')

/** An attribute in no namespace. */
export const attributeOf = (element: XmlElement, name: string): string | null =>
  element.attributes.find((attribute) => attribute.namespace === '' && attribute.local === name)
    ?.value ?? null

/** The whole text, comments left out and not cutting it; null when there is an element inside. */
export function textOf(element: XmlElement): string | null {
  if (childElements(element).length > 0) return null
  return element.children.map((child) => (child.kind === 'text' ? child.text : '')).join('')
}

export function* descendants(element: XmlElement): Generator<XmlElement> {
  yield element
  for (const child of childElements(element)) yield* descendants(child)
}
