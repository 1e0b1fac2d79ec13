/** Namespaces in XML 1.0: which names and declarations there may be. */

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace'
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/'

export interface QName {
  /** '' for none. */
  readonly prefix: string
  readonly local: string
}

/** A name of XML → its parts; null when it is no QName (§4). */
export function parseQName(name: string): QName | null {
  const colon = name.indexOf(':')
  if (colon === -1) return { prefix: '', local: name }
  const [prefix, local] = [name.slice(0, colon), name.slice(colon + 1)]
  return prefix === '' || !isNCName(local) ? null : { prefix, local }
}

/** Of what stands behind a colon in a name of XML: it begins as a name does. */
const isNCName = (local: string): boolean =>
  !/^(?:$|[\u0300-\u036f]|[-.\d\u00b7\u203f\u2040])|:/.test(local)

/** The prefix that the attribute of this name declares, '' for the default one; null: it declares none. */
export function declaredPrefix(prefix: string, local: string): string | null {
  if (prefix === 'xmlns') return local
  return prefix === '' && local === 'xmlns' ? '' : null
}

/** §3, §5: what is reserved stays so, and only the default namespace can be taken back. */
export const isDeclarable = (prefix: string, uri: string): boolean =>
  (prefix === 'xml') === (uri === XML_NAMESPACE) &&
  prefix !== 'xmlns' &&
  uri !== XMLNS_NAMESPACE &&
  (prefix === '' || uri !== '')

/** An element, as far as it says what prefixes are bound to. */
interface Place {
  readonly declarations: ReadonlyMap<string, string>
  readonly parent: Place | null
}

/** What the prefix is bound to there; '' where the default one is to nothing, null where another is. */
export function namespaceOf(prefix: string, place: Place): string | null {
  if (prefix === 'xml') return XML_NAMESPACE
  for (let at: Place | null = place; at; at = at.parent) {
    const uri = at.declarations.get(prefix)
    if (uri !== undefined) return uri
  }
  return prefix === '' ? '' : null
}

/** Prefix → URI, as declared on the element and around it. */
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
 * Canonicalization is undefined for relative ones (C14N §1.3), and some libraries then hash nothing.
 * Absolute ones by RFC 3986 §3, without user and address in the authority: libxml2 takes no others.
 */
const NAMESPACE_URI = new RegExp(
  `^[a-z][a-z\\d+.-]*:(?:${AUTHORITY}|(?!//))(?:${CHARACTER})*(?:#(?:${CHARACTER})*)?$`,
  'i',
)

export const isNamespaceUri = (uri: string): boolean => uri === '' || NAMESPACE_URI.test(uri)
