/** Exclusive XML Canonicalization 1.0 (exc-c14n) of an element and everything inside it. */
import { utf8, type Bytes } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { CanonicalText, type Written } from './canonical-text.ts'
import { namespaceOf } from './namespaces.ts'
import { faultOf, limits, readTold } from './reader.ts'
import type { Reading, XmlAttribute, XmlElement, XmlFault, XmlNode } from './reader.ts'

export interface C14nOptions {
  readonly withComments: boolean
  /** InclusiveNamespaces PrefixList (exc-c14n §4); '' stands for `#default`. */
  readonly inclusivePrefixes: readonly string[]
  /**
   * This element and everything inside it are left out: the enveloped-signature transform (XMLDSig
   * §6.6.4). null: nothing.
   */
  readonly omit: XmlElement | null
}

/**
 * The namespaces that the output declares around an element, innermost first. A look-up walks up,
 * and the depth is bounded. The bindings are never copied: the input is not signed yet, and copying
 * would let an attacker cause quadratic work.
 */
interface Rendered {
  readonly bindings: ReadonlyMap<string, string>
  readonly outer: Rendered | null
}

/** Of a document of ours. What others sent may become far longer: see `canonicalText`. */
export const canonicalize = (apex: XmlElement, options: C14nOptions): string =>
  write(toWriting(null, options, Infinity), apex)

/**
 * Each element that uses a prefix declares it again, if no element around it has. So a namespace of
 * many characters, and many elements, would make a text that no memory holds: one that is longer than
 * a document may be is refused.
 */
export function canonicalText(apex: XmlElement, options: C14nOptions): Result<string, XmlFault> {
  let text = ''
  const fault = faultOf(() => {
    text = write(toWriting(null, options, limits.bytes), apex)
  })
  return fault === null ? ok(text) : err(fault)
}

export interface CanonicalElement {
  readonly bytes: Bytes
  /** What reading `bytes` gives. It shares no node with the element that was canonicalized. */
  readonly element: XmlElement
}

/** Canonicalizes an element and reads the result, in one pass. */
export function canonicalizeAndRead(
  apex: XmlElement,
  options: C14nOptions,
): Result<CanonicalElement, XmlFault> {
  let bytes = new Uint8Array(0)
  const element = readTold((reader) => {
    bytes = utf8(write(toWriting(reader, options, limits.bytes), apex))
  })
  if (bytes.length > limits.bytes) return err('too-large')
  return element.ok ? ok({ bytes, element: element.value }) : element
}

function write(writing: Writing, apex: XmlElement): string {
  writeElement(apex, writing.inclusivePrefixes, null, writing)
  return writing.to.text
}

/**
 * Canonicalizes an element while its children are still being read. Each method throws Refused where
 * the text since the last `take` is too long.
 */
export interface CanonicalWriter {
  readonly open: (element: XmlElement) => void
  /** A child, whole, of the element that was opened last. */
  readonly child: (node: XmlNode) => void
  readonly close: () => void
  /** The text since the last call. */
  readonly take: () => string
}

export function createCanonicalWriter(options: C14nOptions): CanonicalWriter {
  const writing = toWriting(null, options, limits.bytes)
  const { to, inclusivePrefixes } = writing
  const opened: { readonly element: XmlElement; readonly rendered: Rendered | null }[] = []
  return {
    open(element) {
      const around = opened.at(-1)
      const mayBeIncluded = around ? changedPrefixes(element, writing) : inclusivePrefixes
      const rendered = writeStart(element, mayBeIncluded, around?.rendered ?? null, writing)
      opened.push({ element, rendered })
    },
    child(node) {
      const around = opened.at(-1)
      if (around) writeChild(node, around.rendered, writing)
    },
    close() {
      const around = opened.pop()
      if (around) to.endTag(around.element.name)
    },
    take() {
      const { text } = to
      to.text = ''
      return text
    },
  }
}

interface Writing extends Omit<C14nOptions, 'inclusivePrefixes'> {
  readonly inclusivePrefixes: ReadonlySet<string>
  readonly to: CanonicalText
}

const toWriting = (reader: Reading | null, options: C14nOptions, most: number): Writing => ({
  ...options,
  inclusivePrefixes: new Set(options.inclusivePrefixes),
  to: new CanonicalText(reader, most),
})

/**
 * @param mayBeIncluded the prefixes of the PrefixList whose binding may differ from the one written
 * by the nearest ancestor.
 */
function writeElement(
  element: XmlElement,
  mayBeIncluded: Iterable<string>,
  outer: Rendered | null,
  writing: Writing,
): void {
  const rendered = writeStart(element, mayBeIncluded, outer, writing)
  for (const child of element.children) writeChild(child, rendered, writing)
  writing.to.endTag(element.name)
}

/** @returns what is around the children. */
function writeStart(
  element: XmlElement,
  mayBeIncluded: Iterable<string>,
  rendered: Rendered | null,
  { to }: Writing,
): Rendered | null {
  const bindings = namespacesToWrite(element, mayBeIncluded, rendered)
  const attributes = sorted(element.attributes, byNamespaceThenName)
  to.startTag(element.name, bindings ? [...declarationsOf(bindings), ...attributes] : attributes)
  return bindings ? { bindings, outer: rendered } : rendered
}

const declarationsOf = (bindings: ReadonlyMap<string, string>): readonly Written[] =>
  sorted([...bindings], byPrefix).map(([prefix, uri]) => ({
    name: prefix === '' ? 'xmlns' : `xmlns:${prefix}`,
    value: uri,
  }))

function writeChild(child: XmlNode, rendered: Rendered | null, writing: Writing): void {
  if (child.kind === 'text') writing.to.characters(child.text)
  else if (child.kind === 'comment') {
    if (writing.withComments) writing.to.comment(child.text)
  } else if (child !== writing.omit) {
    writeElement(child, changedPrefixes(child, writing), rendered, writing)
  }
}

/** The prefixes of the PrefixList that the element binds anew. */
const changedPrefixes = (
  { declarations }: XmlElement,
  { inclusivePrefixes }: Writing,
): readonly string[] =>
  inclusivePrefixes.size === 0
    ? []
    : [...declarations.keys()].filter((prefix) => inclusivePrefixes.has(prefix))

/**
 * Exc-c14n §3: the prefixes that the element uses visibly, and the prefixes of the PrefixList in
 * scope. A prefix is left out if the output so far already binds it to the same URI. null: none.
 */
function namespacesToWrite(
  element: XmlElement,
  mayBeIncluded: Iterable<string>,
  rendered: Rendered | null,
): ReadonlyMap<string, string> | null {
  let bindings: Map<string, string> | null = null
  const add = (prefix: string, uri: string): void => {
    // `xml` is never declared: it is bound everywhere (C14N §4.6).
    if (prefix === 'xml' || uriIn(rendered, prefix) === uri) return
    bindings ??= new Map()
    bindings.set(prefix, uri)
  }
  add(element.prefix, element.namespace)
  for (const { prefix, namespace } of element.attributes) if (prefix !== '') add(prefix, namespace)
  for (const prefix of mayBeIncluded) add(prefix, namespaceOf(prefix, element) ?? '')
  return bindings
}

/** '' when the output does not bind the prefix. Only the default namespace can be unbound. */
function uriIn(rendered: Rendered | null, prefix: string): string {
  for (let at = rendered; at; at = at.outer) {
    const uri = at.bindings.get(prefix)
    if (uri !== undefined) return uri
  }
  return ''
}

const sorted = <T>(list: readonly T[], compare: (a: T, b: T) => number): readonly T[] =>
  list.length > 1 ? list.toSorted(compare) : list

const byPrefix = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  compareCodePoints(a, b)

/** C14N §2.2: by namespace URI, then by local name. Attributes in no namespace come first. */
const byNamespaceThenName = (a: XmlAttribute, b: XmlAttribute): number =>
  compareCodePoints(a.namespace, b.namespace) || compareCodePoints(a.local, b.local)

/**
 * Compares by code point; `<` on strings compares UTF-16 units, which orders surrogates
 * differently.
 */
function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  // The order of code points: like that of the UTF-16 units, except that a surrogate, which is half
  // of a larger code point, comes after every other unit.
  const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
  const [leftPair, rightPair] = [isSurrogate(left), isSurrogate(right)]
  if (leftPair !== rightPair && at < a.length && at < b.length) return leftPair ? 1 : -1
  return Number.isNaN(left) || left < right ? -1 : 1
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff
