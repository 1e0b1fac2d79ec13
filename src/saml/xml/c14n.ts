/** Exclusive XML Canonicalization 1.0, of an element with all that is in it. */
import { type XmlAttribute, type XmlElement } from './reader.ts'

export interface C14nOptions {
  readonly withComments: boolean
  /** InclusiveNamespaces PrefixList (exc-c14n §4); '' stands for `#default`. */
  readonly inclusivePrefixes: readonly string[]
  /** Left out with all that is in it: the enveloped-signature transform (XMLDSig §6.6.4). */
  readonly omit: XmlElement | null
}

/**
 * Bindings of prefixes, innermost first. Looked up along the depth, which is bounded, and never
 * copied: nobody has signed yet what is canonicalized, so its cost must not grow with its square.
 */
interface Scope {
  readonly bindings: ReadonlyMap<string, string>
  readonly outer: Scope | null
}

interface Writing extends Omit<C14nOptions, 'inclusivePrefixes'> {
  readonly inclusivePrefixes: ReadonlySet<string>
  text: string
}

export function canonicalize(apex: XmlElement, options: C14nOptions): string {
  const inclusivePrefixes = new Set(options.inclusivePrefixes)
  const writing = { ...options, inclusivePrefixes, text: '' }
  writeElement(apex, inclusivePrefixes, null, scopeOf(apex.parent), writing)
  return writing.text
}

/** @param mayBeIncluded of the PrefixList those whose binding may have changed since the output around. */
function writeElement(
  element: XmlElement,
  mayBeIncluded: Iterable<string>,
  rendered: Scope | null,
  outerScope: Scope | null,
  writing: Writing,
): void {
  const scope = within(outerScope, element.declarations)
  const bindings = namespacesToWrite(element, mayBeIncluded, rendered, scope)
  writing.text += `<${element.name}`
  for (const [prefix, uri] of sorted([...bindings], byPrefix)) {
    writing.text += ` xmlns${prefix === '' ? '' : ':'}${prefix}="${escapeAttribute(uri)}"`
  }
  for (const { name, value } of sorted(element.attributes, byNamespaceThenName)) {
    writing.text += ` ${name}="${escapeAttribute(value)}"`
  }
  writing.text += '>'
  const inner = within(rendered, bindings)
  for (const child of element.children) {
    if (child.kind === 'text') writing.text += escapeText(child.text)
    else if (child.kind === 'comment') {
      if (writing.withComments) writing.text += `<!--${child.text}-->`
    } else if (child !== writing.omit) {
      const changed = [...child.declarations.keys()].filter((prefix) =>
        writing.inclusivePrefixes.has(prefix),
      )
      writeElement(child, changed, inner, scope, writing)
    }
  }
  writing.text += `</${element.name}>`
}

/**
 * Exc-c14n §3: the visibly utilized prefixes, and those of the PrefixList that are in scope, where
 * the output so far does not say the same already.
 */
function namespacesToWrite(
  element: XmlElement,
  mayBeIncluded: Iterable<string>,
  rendered: Scope | null,
  scope: Scope | null,
): ReadonlyMap<string, string> {
  const bindings = new Map<string, string>()
  const add = (prefix: string): void => {
    const uri = uriOf(scope, prefix)
    // `xml` never: it is bound everywhere (C14N §4.6).
    if (prefix !== 'xml' && uriOf(rendered, prefix) !== uri) bindings.set(prefix, uri)
  }
  add(element.prefix)
  for (const { prefix } of element.attributes) if (prefix !== '') add(prefix)
  for (const prefix of mayBeIncluded) add(prefix)
  return bindings
}

/** '' where the prefix is not bound: only the default one can be bound to nothing. */
function uriOf(scope: Scope | null, prefix: string): string {
  for (let at = scope; at; at = at.outer) {
    const uri = at.bindings.get(prefix)
    if (uri !== undefined) return uri
  }
  return ''
}

const within = (outer: Scope | null, bindings: ReadonlyMap<string, string>): Scope | null =>
  bindings.size > 0 ? { bindings, outer } : outer

const scopeOf = (element: XmlElement | null): Scope | null =>
  element ? within(scopeOf(element.parent), element.declarations) : null

const sorted = <T>(list: readonly T[], compare: (a: T, b: T) => number): readonly T[] =>
  list.length > 1 ? list.toSorted(compare) : list

const byPrefix = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  compareCodePoints(a, b)

/** C14N §2.2: by namespace URI, then local name; those in no namespace first. */
const byNamespaceThenName = (a: XmlAttribute, b: XmlAttribute): number =>
  compareCodePoints(a.namespace, b.namespace) || compareCodePoints(a.local, b.local)

/** By code point, where `<` on strings would go by UTF-16 unit. */
function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  // Within a surrogate pair the differing halves order as their code points do, if both are halves.
  const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
  const [leftPair, rightPair] = [isSurrogate(left), isSurrogate(right)]
  if (leftPair !== rightPair && at < a.length && at < b.length) return leftPair ? 1 : -1
  return Number.isNaN(left) || left < right ? -1 : 1
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff

const escapeText = (text: string): string =>
  /[&<>\r]/.test(text)
    ? text.replace(/[&<>\r]/g, (character) => textEscapes[character] ?? '')
    : text

const escapeAttribute = (value: string): string =>
  /[&<"\t\n\r]/.test(value)
    ? value.replace(/[&<"\t\n\r]/g, (character) => attributeEscapes[character] ?? '')
    : value

const textEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#xD;',
}
const attributeEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}
