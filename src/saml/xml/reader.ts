/**
 * The only XML reader. It accepts namespace-well-formed XML 1.0 in UTF-8: no DOCTYPE, no processing
 * instruction, no other encoding, and nothing deeper or larger than the limits below. It refuses
 * every document that libxml2 refuses; the vectors in test/vectors check that.
 */
import { SaxesParser } from 'saxes'
import { concatBytes, decodeUtf8, utf8 } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import {
  declaredPrefix,
  isDeclarable,
  isNamespaceUri,
  namespaceOf,
  namespacesAt,
  parseQName,
  type QName,
} from './namespaces.ts'

export interface XmlElement {
  readonly kind: 'element'
  /** The qualified name as written, prefix included. */
  readonly name: string
  readonly prefix: string
  readonly local: string
  /** The namespace URI; '' for no namespace. */
  readonly namespace: string
  /** In document order; namespace declarations are not among them. */
  readonly attributes: readonly XmlAttribute[]
  /** Namespaces declared on this element: prefix → URI. The key '' is the default namespace. */
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

/** Generous for SAML: a response with 5,000 groups has 400 KB, 20,000 nodes and a depth of 9. */
export const limits = {
  bytes: 1_048_576,
  depth: 48,
  nodes: 50_000,
  attributesPerElement: 64,
} as const

/** UTF-8 bytes → the document element. Never throws. */
export function parseXml(bytes: Uint8Array): Result<XmlElement, XmlFault> {
  if (bytes.length > limits.bytes) return err('too-large')
  const text = decodeUtf8(bytes)
  return text.ok ? parseXmlText(text.value) : text
}

/**
 * Reads decrypted bytes in place of the encrypted element `place`, with its namespaces: one element
 * and optional white space. Bytes that close the element around them are refused.
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
  // With the surrounding declarations too: the encrypted element that it replaces declared some.
  return ok({ ...element, declarations: new Map([...inScope, ...element.declarations]) })
}

/** A copy of the element in which each key of `replaced` is replaced by its value. */
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

/**
 * saxes and the result so far, in one class: V8 turns a bare SaxesParser with so many handlers into
 * a dictionary, which is five times slower; a subclass with fields has room for them. Namespaces
 * are resolved in this file: saxes takes twice as long for it, and trims the URIs.
 */
class Reading extends SaxesParser<{ xmlns: false; position: false }> {
  root: XmlElement | null = null
  readonly open: Building[] = []
  /** The attributes of the tag that is being read. */
  attributes: Written[] = []
  /** URIs that have passed isNamespaceUri, so that each is tested once. */
  readonly uris = new Set<string>()
  nodes = 0

  constructor() {
    super({ xmlns: false, position: false })
  }
}

interface Written {
  readonly name: string
  readonly value: string
}

function parseXmlText(text: string): Result<XmlElement, XmlFault> {
  const parser = new Reading()
  const { open } = parser

  const refuse = (fault: XmlFault) => () => {
    throw new Refused(fault)
  }
  const count = () => {
    if (++parser.nodes > limits.nodes) throw new Refused('too-many-nodes')
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
  // Checked before the attributes are read: prefixes are resolved by walking up the open elements.
  parser.on('opentagstart', () => {
    parser.attributes = []
    if (open.length >= limits.depth) throw new Refused('too-deep')
  })
  parser.on('attribute', (attribute) => {
    parser.attributes.push(attribute)
    if (parser.attributes.length > limits.attributesPerElement) {
      throw new Refused('too-many-attributes')
    }
  })
  parser.on('opentag', ({ name }) => {
    count()
    const parent = open.at(-1) ?? null
    const element = toElement(name, parent, parser)
    if (parent) parent.children.push(element)
    else parser.root = element
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
  return parser.root ? ok(parser.root) : err('not-well-formed')
}

function toElement(
  name: string,
  parent: Building | null,
  { attributes: written, uris }: Reading,
): Building {
  const named: (QName & Written)[] = []
  let own: Map<string, string> | null = null
  for (const { name: attributeName, value } of written) {
    const { prefix, local } = wellFormed(parseQName(attributeName))
    const declared = declaredPrefix(prefix, local)
    if (declared === null) named.push({ name: attributeName, prefix, local, value })
    else {
      if (!isDeclarable(declared, value)) throw new Refused('not-well-formed')
      if (!uris.has(value) && !isNamespaceUri(value)) throw new Refused('namespace-uri')
      uris.add(value)
      own ??= new Map()
      own.set(declared, value)
    }
  }
  const declarations = own ?? noDeclarations
  const place = { declarations, parent }
  const attributes: XmlAttribute[] = []
  for (const { name: attributeName, prefix, local, value } of named) {
    // An attribute without a prefix is in no namespace (Namespaces in XML §6.2).
    const namespace = prefix === '' ? '' : wellFormed(namespaceOf(prefix, place))
    const isSame = (other: XmlAttribute) => other.local === local && other.namespace === namespace
    if (prefix !== '' && attributes.some(isSame)) throw new Refused('not-well-formed')
    attributes.push({ name: attributeName, prefix, local, namespace, value })
  }
  const { prefix, local } = wellFormed(parseQName(name))
  const namespace = wellFormed(namespaceOf(prefix, place))
  const children: XmlNode[] = []
  return {
    kind: 'element',
    name,
    prefix,
    local,
    namespace,
    attributes,
    declarations,
    children,
    parent,
  }
}

const noDeclarations: ReadonlyMap<string, string> = new Map()

function wellFormed<T>(found: T | null): T {
  if (found === null) throw new Refused('not-well-formed')
  return found
}

/** All child elements of this name. Other elements may stand between them. */
export const childrenNamed = (
  parent: XmlElement,
  namespace: string,
  local: string,
): readonly XmlElement[] =>
  parent.children.filter(
    (child): child is XmlElement =>
      child.kind === 'element' && child.local === local && child.namespace === namespace,
  )

export const childElements = (parent: XmlElement): readonly XmlElement[] =>
  parent.children.filter((child) => child.kind === 'element')

/** The value of an attribute that is in no namespace; null: absent. */
export const attributeOf = (element: XmlElement, name: string): string | null =>
  element.attributes.find((attribute) => attribute.namespace === '' && attribute.local === name)
    ?.value ?? null

/** All text of the element, with comments cut out; null: there is an element inside. */
export function textOf(element: XmlElement): string | null {
  let text = ''
  for (const child of element.children) {
    if (child.kind === 'element') return null
    if (child.kind === 'text') text += child.text
  }
  return text
}

/** The element and all elements inside it, in document order. */
export function descendants(element: XmlElement): readonly XmlElement[] {
  const found: XmlElement[] = []
  const visit = (at: XmlElement): void => {
    found.push(at)
    for (const child of at.children) if (child.kind === 'element') visit(child)
  }
  visit(element)
  return found
}
