/** The name of an attribute as it stands in filters, paths and lists, found in the schema. */
import { findAttribute, type Attribute } from './attribute.ts'
import type { Extension, ResourceType } from './schema.ts'

/** An attribute, and where in the document it stands. */
export interface Named {
  /** null: of the type's own schema. */
  readonly extension: Extension | null
  readonly attribute: Attribute
  /** null: the attribute itself. */
  readonly sub: Attribute | null
}

export type FoundName =
  | { readonly kind: 'attribute'; readonly named: Named }
  /** The URN of the extension, alone: all of it. */
  | { readonly kind: 'extension'; readonly extension: Extension }

/**
 * `name.givenName`, `urn:…:core:2.0:User:userName`, `urn:…:enterprise:2.0:User:manager.value`.
 * Between URN and name a dot is taken for a colon: Microsoft's inbound client writes it so. Names of
 * the extension may stand without it, for the core has none of them: Entra ID asks for `manager eq`.
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

/** What follows the URN; null when the text does not begin with it. */
function afterUrn(text: string, urn: string): string | null {
  if (text.slice(0, urn.length).toLowerCase() !== urn.toLowerCase()) return null
  const rest = text.slice(urn.length)
  if (rest === '') return ''
  return rest[0] === ':' || rest[0] === '.' ? rest.slice(1) : null
}

/** `emails` in `emails eq "x"`: the sub-attribute that stands for the whole (RFC 7643 §2.4). */
export const valueOf = (attribute: Attribute): Attribute | null =>
  findAttribute(attribute.sub, 'value')
