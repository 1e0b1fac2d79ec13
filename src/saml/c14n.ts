/** Exclusive XML Canonicalization 1.0, of an element with all that is in it. */
import { type XmlAttribute, type XmlElement } from './xml.ts'

export interface C14nOptions {
  readonly withComments: boolean
  /** InclusiveNamespaces PrefixList (exc-c14n §4); '' stands for `#default`. */
  readonly inclusivePrefixes: readonly string[]
  /** Left out with all that is in it: the enveloped-signature transform (XMLDSig §6.6.4). */
  readonly omit: XmlElement | null
}

/** Prefix → URI, as the output around this element already says. */
type Rendered = ReadonlyMap<string, string>

export function canonicalize(apex: XmlElement, options: C14nOptions): string {
  const out: string[] = []
  writeElement(apex, new Map(), scopeOf(apex.parent), options, out)
  return out.join('')
}

function writeElement(
  element: XmlElement,
  rendered: Rendered,
  outerScope: Rendered,
  options: C14nOptions,
  out: string[],
): void {
  const scope = element.declarations.size > 0 ? merge(outerScope, element.declarations) : outerScope
  const declared = namespacesToWrite(element, rendered, scope, options)
  out.push('<', element.name)
  for (const [prefix, uri] of declared) {
    out.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapeAttribute(uri), '"')
  }
  for (const attribute of element.attributes.toSorted(byNamespaceThenName)) {
    out.push(' ', attribute.name, '="', escapeAttribute(attribute.value), '"')
  }
  out.push('>')
  const inner = declared.length > 0 ? merge(rendered, declared) : rendered
  for (const child of element.children) {
    if (child.kind === 'text') out.push(escapeText(child.text))
    else if (child.kind === 'element') {
      if (child !== options.omit) writeElement(child, inner, scope, options, out)
    } else if (options.withComments) out.push('<!--', child.text, '-->')
  }
  out.push('</', element.name, '>')
}

/**
 * Exc-c14n §3: the visibly utilized prefixes, and those of the PrefixList that are in scope, where
 * the output so far does not say the same already.
 */
function namespacesToWrite(
  element: XmlElement,
  rendered: Rendered,
  scope: Rendered,
  options: C14nOptions,
): readonly (readonly [string, string])[] {
  const prefixes = new Set([element.prefix])
  for (const { prefix } of element.attributes) if (prefix !== '') prefixes.add(prefix)
  for (const prefix of options.inclusivePrefixes) {
    if (prefix === '' || scope.has(prefix)) prefixes.add(prefix)
  }
  // Never written: it is bound everywhere (C14N §4.6).
  prefixes.delete('xml')
  return Array.from(prefixes, (prefix) => [prefix, scope.get(prefix) ?? ''] as const)
    .filter(([prefix, uri]) => (rendered.get(prefix) ?? '') !== uri)
    .toSorted(([a], [b]) => compareCodePoints(a, b))
}

function scopeOf(element: XmlElement | null): Rendered {
  return element ? merge(scopeOf(element.parent), element.declarations) : new Map()
}

const merge = (outer: Rendered, inner: Iterable<readonly [string, string]>): Rendered =>
  new Map([...outer, ...inner])

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
