/** Which attributes a response contains: `attributes` and `excludedAttributes` (RFC 7644 §3.9). */
import type { Attribute } from './attribute.ts'
import { findName } from './name.ts'
import type { ResourceType } from './schema.ts'

export interface Projection {
  readonly kind: 'all' | 'only' | 'without'
  /** Names such as `own.emails`, `own.emails.value`, `extension`, `extension.manager.value`. */
  readonly names: ReadonlySet<string>
}

export type Where = 'own' | 'extension'
export type Shown = Readonly<Record<string, unknown>>

export const everything: Projection = { kind: 'all', names: new Set() }

/** Unknown names are ignored. If both lists are given, `attributes` wins. */
export function toProjection(
  type: ResourceType,
  attributes: readonly string[],
  excluded: readonly string[],
): Projection {
  if (attributes.length > 0) return { kind: 'only', names: toNames(type, attributes) }
  if (excluded.length > 0) return { kind: 'without', names: toNames(type, excluded) }
  return everything
}

/** Whether the response contains any part of the attribute. If not, it need not be read either. */
export function shows(projection: Projection, where: Where, attribute: Attribute): boolean {
  if (attribute.returned === 'always') return true
  const name = `${where}.${attribute.name}`
  const { kind, names } = projection
  switch (kind) {
    case 'all':
      return true
    case 'only':
      return (
        names.has(where) ||
        names.has(name) ||
        attribute.sub.some((sub) => names.has(`${name}.${sub.name}`))
      )
    case 'without':
      return !names.has(where) && !names.has(name)
  }
}

export function project(
  projection: Projection,
  where: Where,
  attributes: readonly Attribute[],
  fields: Shown,
): Shown {
  if (projection.kind === 'all') return fields
  const kept = attributes.flatMap((attribute) => {
    const value = fields[attribute.name]
    if (value === undefined || !shows(projection, where, attribute)) return []
    return [[attribute.name, projectParts(projection, where, attribute, value)] as const]
  })
  return Object.fromEntries(kept)
}

function projectParts(
  { kind, names }: Projection,
  where: Where,
  attribute: Attribute,
  value: unknown,
): unknown {
  const name = `${where}.${attribute.name}`
  const named = attribute.sub.filter((sub) => names.has(`${name}.${sub.name}`))
  if (named.length === 0 || names.has(name) || names.has(where)) return value
  const isKept = (part: string): boolean =>
    named.some((sub) => sub.name === part) === (kind === 'only')
  const keep = (parts: unknown): unknown =>
    Object.fromEntries(Object.entries(Object(parts)).filter(([part]) => isKept(part)))
  return Array.isArray(value) ? value.map(keep) : keep(value)
}

function toNames(type: ResourceType, texts: readonly string[]): ReadonlySet<string> {
  return new Set(
    texts.flatMap((text) => {
      const found = findName(type, text)
      if (!found) return []
      if (found.kind === 'extension') return ['extension']
      const { extension, attribute, sub } = found.named
      const name = `${extension ? 'extension' : 'own'}.${attribute.name}`
      return [sub ? `${name}.${sub.name}` : name]
    }),
  )
}
