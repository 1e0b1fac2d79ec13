/** Lists the elements of a tree, and puts decrypted elements in the place of encrypted ones. */
import { concatBytes, utf8 } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { namespacesAt } from './namespaces.ts'
import { parseXml, type XmlElement, type XmlFault, type XmlNode } from './reader.ts'

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
