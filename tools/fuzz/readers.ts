/** Holds our reader of XML beside the one on saxes, and what is signed beside its bytes. */
import { decodeUtf8, sameBytes, utf8 } from '../../src/lib/bytes.ts'
import type { Result } from '../../src/lib/result.ts'
import { canonicalize, canonicalizeAndRead, type C14nOptions } from '../../src/saml/xml/c14n.ts'
import {
  parseXml,
  type XmlElement,
  type XmlFault,
  type XmlNode,
} from '../../src/saml/xml/reader.ts'
import { parseXmlBySaxes } from './saxes-reader.ts'

type Read = Result<XmlElement, XmlFault>

/** @returns how the two readers differ; null: they agree. */
export function differenceOf(bytes: Uint8Array, ours: Read): string | null {
  const theirs = parseXmlBySaxes(bytes)
  if (ours.ok && theirs.ok) return isSameElement(ours.value, theirs.value) ? null : 'another tree'
  const [our, their] = [verdictOf(ours), verdictOf(theirs)]
  if (our === their || isUnfinishedDocumentType(bytes, our, their)) return null
  return `${our}, ${their} by saxes`
}

/**
 * The element that the canonicalizer makes in its pass, beside the one that is read from the canonical
 * bytes. @returns how they differ; null: they agree.
 */
export function treeDifferenceOf(apex: XmlElement, options: C14nOptions): string | null {
  const bytes = utf8(canonicalize(apex, options))
  const [made, read] = [canonicalizeAndRead(apex, options), parseXml(bytes)]
  if (!made.ok || !read.ok) {
    const [ours, again] = [verdictOf(made), verdictOf(read)]
    // Of two limits the reader meets that of the size first, and the canonicalizer last.
    return ours === again || (!made.ok && again === 'too-large') ? null : `${ours}, ${again} again`
  }
  if (!sameBytes(made.value.bytes, bytes)) return 'other bytes'
  const { element } = made.value
  return element.parent === null && isSameElement(element, read.value) ? null : 'another tree'
}

export const verdictOf = (read: Result<unknown, XmlFault>): string =>
  read.ok ? 'read' : read.error

const isSameElement = (a: XmlElement, b: XmlElement): boolean =>
  a.name === b.name &&
  a.prefix === b.prefix &&
  a.local === b.local &&
  a.namespace === b.namespace &&
  isSameList([...a.declarations].flat(), [...b.declarations].flat()) &&
  isSameList(a.attributes.flatMap(valuesOf), b.attributes.flatMap(valuesOf)) &&
  a.children.length === b.children.length &&
  a.children.every((child, i) => isChildOf(a, child) && isSameNode(child, b.children[i]))

const isSameNode = (a: XmlNode, b: XmlNode | undefined): boolean =>
  a.kind === 'element'
    ? b?.kind === 'element' && isSameElement(a, b)
    : b?.kind === a.kind && a.text === b.text

const isChildOf = (parent: XmlElement, child: XmlNode): boolean =>
  child.kind !== 'element' || child.parent === parent

const valuesOf = ({ name, prefix, local, namespace, value }: XmlElement['attributes'][number]) => [
  name,
  prefix,
  local,
  namespace,
  value,
]

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each, i) => each === b[i])

/**
 * Our reader refuses a document type at its first word. saxes reads it to its end, and may find it
 * malformed. So saxes is asked again, with a document type that is short and right.
 */
function isUnfinishedDocumentType(bytes: Uint8Array, ours: string, theirs: string): boolean {
  if (ours !== 'doctype' || theirs !== 'not-well-formed') return false
  const text = decodeUtf8(bytes)
  if (!text.ok) return false
  for (let at = -1; (at = text.value.indexOf('<!DOCTYPE', at + 1)) >= 0;) {
    const again = parseXmlBySaxes(utf8(`${text.value.slice(0, at)}<!DOCTYPE a>`))
    if (!again.ok && again.error === 'doctype') return true
  }
  return false
}
