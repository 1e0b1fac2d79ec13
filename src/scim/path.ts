/** The path of a PATCH operation (RFC 7644 §3.5.2). */
import { ok, type Result } from '../lib/result.ts'
import { findAttribute } from './attribute.ts'
import { refuse, type ScimError } from './error.ts'
import { parseElementFilter, type Filter } from './filter.ts'
import { findName, type Named } from './name.ts'
import type { Extension, ResourceType } from './schema.ts'

export type Target =
  | { readonly kind: 'extension'; readonly extension: Extension }
  | {
      readonly kind: 'attribute'
      readonly named: Named
      /** Which elements; null: all. */
      readonly filter: Filter | null
    }

export function parsePath(type: ResourceType, text: string): Result<Target, ScimError> {
  const [, name = '', filterText = null, subName = null] =
    /^\s*([^[\]\s]+)(?:\[(.*)\](?:\.([^[\]\s.]+))?)?\s*$/s.exec(text) ?? []
  const found = findName(type, name)
  if (!found) return refuse('invalidPath', 'The path names no attribute of the schema.')
  if (filterText === null) {
    return ok(found.kind === 'extension' ? found : { ...found, filter: null })
  }
  if (found.kind === 'extension' || found.named.sub) return notSeveral
  const { attribute } = found.named
  if (!attribute.multiValued || attribute.sub.length === 0) return notSeveral
  const filter = parseElementFilter(filterText, found.named)
  if (!filter.ok) return refuse('invalidPath', `The filter in the path: ${filter.error}.`)
  const sub = subName === null ? null : findAttribute(attribute.sub, subName)
  if (subName !== null && !sub) {
    return refuse('invalidPath', `The path names no sub-attribute of ${attribute.name}.`)
  }
  return ok({ kind: 'attribute', named: { ...found.named, sub }, filter: filter.value })
}

const notSeveral = refuse('invalidPath', 'Brackets need an attribute of several values.')
