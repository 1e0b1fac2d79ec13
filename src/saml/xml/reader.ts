/**
 * The only XML reader. It accepts namespace-well-formed XML 1.0 in UTF-8: no DOCTYPE, no processing
 * instruction, no other encoding, and nothing deeper or larger than the limits below. It refuses
 * every document that libxml2 refuses; the vectors in test/vectors check that.
 */
import { decodeUtf8 } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import {
  declaredPrefix,
  isDeclarable,
  isNamespaceUri,
  namespaceOf,
  parseQName,
} from './namespaces.ts'
import { Malformed, Scanner, type Listener, type ScanFault } from './scanner.ts'

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
  | ScanFault
  | 'not-utf8'
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
  if (!text.ok) return text
  const reading = readInPieces(null)
  const fault = reading.write(text.value)
  return fault === null ? reading.end() : err(fault)
}

/** An element whose end has not been read yet, or just now. */
export type OpenElement = Omit<XmlElement, 'children'> & { readonly children: XmlNode[] }

/** Is told of each element, so that a document of any size can be read: it may drop children. */
export interface Watch {
  readonly opened: (element: OpenElement) => void
  /** @returns true: nothing is kept of what was read, so the limits begin anew. */
  readonly closed: (element: OpenElement) => boolean
}

export interface XmlReading {
  /** @returns the fault; then nothing more may be written. */
  readonly write: (text: string) => XmlFault | null
  /** The document element, with the children that were not dropped. */
  readonly end: () => Result<XmlElement, XmlFault>
}

export class Refused extends Error {
  readonly fault: XmlFault
  constructor(fault: XmlFault) {
    super(fault)
    this.fault = fault
  }
}

type OpenAttribute = { -readonly [Key in keyof XmlAttribute]: XmlAttribute[Key] }

interface Written {
  readonly name: string
  readonly value: string
}

/** Builds the tree of what a scanner tells, within the limits. */
export class Reading implements Listener {
  root: XmlElement | null = null
  /** Read since the limits began anew. */
  characters = 0
  private nodes = 0
  /** The elements that are open, the root first. */
  private readonly around: OpenElement[] = []
  /** The attributes of the tag that is being read. */
  private written: Written[] = []
  /** URIs that have passed isNamespaceUri since the limits began anew, so that each is tested once. */
  private readonly uris = new Set<string>()
  private readonly watch: Watch | null

  constructor(watch: Watch | null) {
    this.watch = watch
  }

  /** Checked before the attributes are read: prefixes are resolved by walking up the open elements. */
  begin(): void {
    if (this.around.length >= limits.depth) throw new Refused('too-deep')
    this.written = []
  }

  attribute(name: string, value: string): void {
    this.written.push({ name, value })
    if (this.written.length > limits.attributesPerElement) throw new Refused('too-many-attributes')
  }

  open(name: string): void {
    this.count()
    const parent = this.around.at(-1) ?? null
    const element = toElement(name, parent, this.written, this.uris)
    if (parent) parent.children.push(element)
    else this.root = element
    this.around.push(element)
    this.watch?.opened(element)
  }

  close(): void {
    const element = this.around.pop()
    if (!element || !this.watch?.closed(element)) return
    this.nodes = 0
    this.characters = 0
    this.uris.clear()
  }

  text(added: string): void {
    const parent = this.around.at(-1)
    if (!parent || added === '') return
    const { children } = parent
    const last = children.at(-1)
    if (last?.kind === 'text') {
      children[children.length - 1] = { kind: 'text', text: last.text + added }
    } else {
      this.count()
      children.push({ kind: 'text', text: added })
    }
  }

  comment(text: string): void {
    this.count()
    this.around.at(-1)?.children.push({ kind: 'comment', text })
  }

  private count(): void {
    if (++this.nodes > limits.nodes) throw new Refused('too-many-nodes')
  }
}

/** The element that `tell` tells of, as a scanner would. */
export function readTold(tell: (reader: Reading) => void): Result<XmlElement, XmlFault> {
  const reading = new Reading(null)
  return rootAfter(reading, () => tell(reading))
}

/** Never throws. @param watch null: the whole document is kept. */
export function readInPieces(watch: Watch | null): XmlReading {
  const reading = new Reading(watch)
  const scanner = new Scanner(reading)
  return {
    write: (text) =>
      faultOf(() => {
        // UTF-8 has a byte for each character at least.
        reading.characters += text.length
        scanner.write(text)
        // What the scanner still holds back may end what is kept.
        if (reading.characters > limits.bytes) scanner.flush()
        if (reading.characters > limits.bytes) throw new Refused('too-large')
      }),
    end: () => rootAfter(reading, () => scanner.end()),
  }
}

function rootAfter(reading: Reading, step: () => void): Result<XmlElement, XmlFault> {
  const fault = faultOf(step)
  return fault === null && reading.root ? ok(reading.root) : err(fault ?? 'not-well-formed')
}

/** The fault for which a step was refused; null: it was not. */
export function faultOf(step: () => void): XmlFault | null {
  try {
    step()
    return null
  } catch (error) {
    if (error instanceof Refused || error instanceof Malformed) return error.fault
    throw error
  }
}

function toElement(
  name: string,
  parent: OpenElement | null,
  written: readonly Written[],
  uris: Set<string>,
): OpenElement {
  const attributes: OpenAttribute[] = []
  let own: Map<string, string> | null = null
  for (const { name: attributeName, value } of written) {
    const { prefix, local } = wellFormed(parseQName(attributeName))
    const declared = declaredPrefix(prefix, local)
    if (declared === null) {
      attributes.push({ name: attributeName, prefix, local, namespace: '', value })
    } else {
      if (!isDeclarable(declared, value)) throw new Refused('not-well-formed')
      if (!uris.has(value) && !isNamespaceUri(value)) throw new Refused('namespace-uri')
      uris.add(value)
      own ??= new Map()
      own.set(declared, value)
    }
  }
  const declarations = own ?? noDeclarations
  for (const attribute of attributes) {
    const { prefix, local } = attribute
    // An attribute without a prefix is in no namespace (Namespaces in XML §6.2).
    if (prefix === '') continue
    const namespace = wellFormed(namespaceOf(prefix, { declarations, parent }))
    if (attributes.some((other) => other.local === local && other.namespace === namespace)) {
      throw new Refused('not-well-formed')
    }
    attribute.namespace = namespace
  }
  const { prefix, local } = wellFormed(parseQName(name))
  const isInherited = own === null && parent?.prefix === prefix
  const namespace = isInherited
    ? parent.namespace
    : wellFormed(namespaceOf(prefix, { declarations, parent }))
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
