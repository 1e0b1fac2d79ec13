/** Finds an attribute by the name that filters, paths and lists use. */
import { findAttribute, type Attribute } from './attribute.ts'
import type { Extension, ResourceType } from './schema.ts'

/** An attribute and its place in the document. */
export interface Named {
  /** null: the attribute belongs to the type's own schema. */
  readonly extension: Extension | null
  readonly attribute: Attribute
  /** null: the attribute itself is meant. */
  readonly sub: Attribute | null
}

export type FoundName =
  | { readonly kind: 'attribute'; readonly named: Named }
  /** The extension's URN alone: the whole extension is meant. */
  | { readonly kind: 'extension'; readonly extension: Extension }

/**
 * Accepts `name.givenName`, `urn:…:core:2.0:User:userName` and
 * `urn:…:enterprise:2.0:User:manager.value`. Microsoft's client writes a dot instead of the colon
 * after the URN. Names of the extension are accepted without the URN too, as in Entra ID's `manager
 * eq`: the core schema has none of them.
 */
export function findName(type: ResourceType, text: string): FoundName | null {
  const { extension, schema } = type
  const ofExtension = extension && afterUrn(text, extension.schema)
  if (extension && ofExtension !== null) {
    if (ofExtension === '') return { kind: 'extension', extension }
    return findIn(extension.attributes, extension, ofExtension)
  }
  const ofOwn = afterUrn(text, schema)
  const own = findIn(type.attributes, null, ofOwn ?? text)
  return own ?? (extension && ofOwn === null ? findIn(extension.attributes, extension, text) : null)
}

function findIn(
  attributes: readonly Attribute[],
  extension: Extension | null,
  text: string,
): FoundName | null {
  const [name = '', subName = null, ...rest] = text.split('.')
  const attribute = findAttribute(attributes, name)
  if (!attribute || rest.length > 0) return null
  if (subName === null) return { kind: 'attribute', named: { extension, attribute, sub: null } }
  const sub = findAttribute(attribute.sub, subName)
  return sub && { kind: 'attribute', named: { extension, attribute, sub } }
}

/** The text after the URN; null: the text does not begin with it. */
function afterUrn(text: string, urn: string): string | null {
  if (text.slice(0, urn.length).toLowerCase() !== urn.toLowerCase()) return null
  const rest = text.slice(urn.length)
  if (rest === '') return ''
  return rest[0] === ':' || rest[0] === '.' ? rest.slice(1) : null
}

/**
 * The sub-attribute that stands for the whole attribute (RFC 7643 §2.4): `emails eq "x"` means
 * `emails.value`.
 */
export const valueOf = (attribute: Attribute): Attribute | null =>
  findAttribute(attribute.sub, 'value')
