/** Parses the path of a PATCH operation (RFC 7644 §3.5.2). */
import { ok, type Result } from '../lib/result.ts'
import { findAttribute } from './attribute.ts'
import { refuse, type ScimError } from './error.ts'
import { parseElementFilter, UNKNOWN_NAME, type Filter } from './filter.ts'
import { findName, type Named } from './name.ts'
import type { Extension, ResourceType } from './schema.ts'

export type Target =
  | { readonly kind: 'extension'; readonly extension: Extension }
  | {
      readonly kind: 'attribute'
      readonly named: Named
      /** Selects the elements; null: all. */
      readonly filter: Filter | null
    }

/**
 * Paths that are not applied. `dropped`: the password, or an attribute of an unknown extension.
 * `unknown`: an attribute that is not in the schema, or a sub-attribute that the attribute does not
 * have.
 */
export type Place = Target | { readonly kind: 'dropped' | 'unknown' }

export const isTarget = (place: Place): place is Target =>
  place.kind === 'attribute' || place.kind === 'extension'

export function parsePath(type: ResourceType, text: string): Result<Place, ScimError> {
  const [, name, filterText = null, subName = null] =
    /^\s*([^[\]\s]+)(?:\[(.*)\](?:\.([^[\]\s.]+))?)?\s*$/s.exec(text) ?? []
  if (name === undefined) return refuse('invalidPath', 'The path cannot be read.')
  const found = findName(type, name)
  if (!found) return ok({ kind: isDropped(type, name) ? 'dropped' : 'unknown' })
  if (filterText === null) {
    return ok(found.kind === 'extension' ? found : { ...found, filter: null })
  }
  if (found.kind === 'extension' || found.named.sub) return unknown
  const { attribute } = found.named
  if (!attribute.multiValued || attribute.sub.length === 0) return unknown
  const filter = parseElementFilter(filterText, found.named)
  if (!filter.ok) {
    return filter.error === UNKNOWN_NAME
      ? unknown
      : refuse('invalidPath', `The filter in the path: ${filter.error}.`)
  }
  const sub = subName === null ? null : findAttribute(attribute.sub, subName)
  if (subName !== null && !sub) return unknown
  return ok({ kind: 'attribute', named: { ...found.named, sub }, filter: filter.value })
}

const unknown = ok({ kind: 'unknown' } as const)

function isDropped({ schema, extension }: ResourceType, name: string): boolean {
  const text = name.toLowerCase()
  if (text === 'password' || text === `${schema}:password`.toLowerCase()) return true
  const ours = [schema, extension?.schema ?? schema]
  return text.startsWith('urn:') && !ours.some((urn) => text.startsWith(urn.toLowerCase()))
}
