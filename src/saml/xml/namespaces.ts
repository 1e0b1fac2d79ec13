/** The rules of Namespaces in XML 1.0: valid names and declarations. § numbers are its sections. */

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace'
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/'

export interface QName {
  /** '' when the name has no prefix. */
  readonly prefix: string
  readonly local: string
}

/** Splits an XML name at its colon; null: it is not a QName (§4). */
export function parseQName(name: string): QName | null {
  const colon = name.indexOf(':')
  if (colon === -1) return { prefix: '', local: name }
  const [prefix, local] = [name.slice(0, colon), name.slice(colon + 1)]
  return prefix === '' || !isNCName(local) ? null : { prefix, local }
}

/**
 * Tests the part after the colon. It is already part of an XML name, so only its first character
 * and further colons are left to check.
 */
const isNCName = (local: string): boolean =>
  !/^(?:$|[\u0300-\u036f]|[-.\d\u00b7\u203f\u2040])|:/.test(local)

/**
 * The prefix that an attribute of this name declares, '' for `xmlns`; null: the attribute is not a
 * declaration.
 */
export function declaredPrefix(prefix: string, local: string): string | null {
  if (prefix === 'xmlns') return local
  return prefix === '' && local === 'xmlns' ? '' : null
}

/** §3, §5: `xml` and `xmlns` are reserved, and only the default namespace may be undeclared. */
export const isDeclarable = (prefix: string, uri: string): boolean =>
  (prefix === 'xml') === (uri === XML_NAMESPACE) &&
  prefix !== 'xmlns' &&
  uri !== XMLNS_NAMESPACE &&
  (prefix === '' || uri !== '')

/** The part of an element that prefixes are resolved with. */
interface Place {
  readonly declarations: ReadonlyMap<string, string>
  readonly parent: Place | null
}

/**
 * The URI that the prefix is bound to at that place. An undeclared prefix gives null; an undeclared
 * default namespace gives ''.
 */
export function namespaceOf(prefix: string, place: Place): string | null {
  if (prefix === 'xml') return XML_NAMESPACE
  for (let at: Place | null = place; at; at = at.parent) {
    const uri = at.declarations.get(prefix)
    if (uri !== undefined) return uri
  }
  return prefix === '' ? '' : null
}

/** All namespaces in scope: prefix → URI. */
export function namespacesAt(place: Place): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let at: Place | null = place; at; at = at.parent) {
    for (const [prefix, uri] of at.declarations) if (!found.has(prefix)) found.set(prefix, uri)
  }
  return found
}

const CHARACTER = String.raw`[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2}`
const AUTHORITY = String.raw`//(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*(?::\d{1,5})?(?=[/?#]|$)`

/**
 * Canonicalization is undefined for relative namespace URIs (C14N §1.3), and some libraries then
 * hash nothing. Only absolute URIs (RFC 3986 §3) are accepted, without a user name or an IP
 * literal: libxml2 refuses those too.
 */
const NAMESPACE_URI = new RegExp(
  `^[a-z][a-z\\d+.-]*:(?:${AUTHORITY}|(?!//))(?:${CHARACTER})*(?:#(?:${CHARACTER})*)?$`,
  'i',
)

export const isNamespaceUri = (uri: string): boolean => uri === '' || NAMESPACE_URI.test(uri)
