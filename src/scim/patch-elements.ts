/** Applies one PATCH operation to a multi-valued attribute. */
import { ok, type Result } from '../lib/result.ts'
import type { Attribute } from './attribute.ts'
import {
  changeParts,
  MAX_ELEMENTS,
  readChange,
  readElements,
  readScalar,
  toList,
  tooManyElements,
  type Change,
  type Fields,
  type Parts,
  type Scalar,
  type Value,
} from './document.ts'
import { refuse, type ScimError } from './error.ts'
import { meets } from './evaluate.ts'
import type { Filter } from './filter.ts'
import type { Named } from './name.ts'
import type { Operation } from './operation.ts'
import { tooMuchWork, type Work } from './work.ts'

type Elements = readonly Parts[]

export interface ElementsPatch {
  readonly fields: Fields
  readonly named: Named
  /** Selects the elements; null: all. */
  readonly filter: Filter | null
  readonly operation: Operation
  readonly work: Work
}

export function patchElements(patch: ElementsPatch): Result<Fields, ScimError> {
  const { fields, named, filter, operation, work } = patch
  const { attribute, sub } = named
  const before = fields[attribute.name]
  const elements: Elements = isElements(before) ? before : []
  if (!work.take(stepsOf(elements, filter, operation))) return tooMuchWork
  const after =
    operation.kind === 'remove'
      ? removed(elements, named, filter, operation.value)
      : sub
        ? withPart(elements, named, sub, patch)
        : filter
          ? withSelected(elements, attribute, filter, operation)
          : withAll(elements, attribute, operation)
  if (!after.ok) return after
  if (after.value.length > MAX_ELEMENTS) return tooManyElements(attribute)
  const { [attribute.name]: _, ...others } = fields
  return ok(after.value.length > 0 ? { ...others, [attribute.name]: after.value } : others)
}

/** Entra ID puts the element to remove into `value` instead of a filter in the path. */
function removed(
  elements: Elements,
  { attribute, sub }: Named,
  filter: Filter | null,
  value: unknown,
): Result<Elements, ScimError> {
  if (sub) return edit(elements, attribute, filter, new Map([[sub.name, null]]))
  if (filter) return ok(elements.filter((element) => !meets(filter, element)))
  if (value === undefined || value === null) return ok([])
  const named = readElements(attribute, value)
  if (!named.ok) return named
  const isNamed = (element: Parts) =>
    (named.value ?? []).some((parts) =>
      Object.entries(parts).every(([name, part]) => element[name] === part),
    )
  return ok(elements.filter((element) => !isNamed(element)))
}

/**
 * Sets a sub-attribute of the selected elements. If none matches and the filter describes an
 * element, one is added.
 */
function withPart(
  elements: Elements,
  { attribute }: Named,
  sub: Attribute,
  { filter, operation }: ElementsPatch,
): Result<Elements, ScimError> {
  const part = readScalar(sub, operation.value)
  return part.ok ? edit(elements, attribute, filter, new Map([[sub.name, part.value]])) : part
}

/**
 * Sets the given sub-attributes of the selected elements and keeps the others (RFC 7644 §3.5.2.3).
 * `replace` with null removes the elements; `add` with null changes nothing.
 */
function withSelected(
  elements: Elements,
  attribute: Attribute,
  filter: Filter,
  { kind, value }: Operation,
): Result<Elements, ScimError> {
  const [given, ...others] = toList(value)
  if (others.length > 0)
    return refuse('invalidValue', 'With a filter in the path, value must be a single value.')
  const change = readChange(attribute, given)
  if (!change.ok) return change
  if (change.value) return edit(elements, attribute, filter, change.value)
  return ok(kind === 'add' ? elements : elements.filter((element) => !meets(filter, element)))
}

function withAll(
  elements: Elements,
  attribute: Attribute,
  { kind, value }: Operation,
): Result<Elements, ScimError> {
  const given = readElements(attribute, value)
  if (!given.ok) return given
  if (kind === 'replace') {
    return ok(given.value ?? (saysNothing(attribute, value) ? elements : []))
  }
  const list = [...elements]
  // Reversed, so that of equal elements the first one is found.
  const known = elements.map((element, i) => [toKey(element, attribute), i] as const)
  const places = new Map(known.toReversed())
  let primary: number | null = null
  for (const parts of given.value ?? []) {
    const key = toKey(parts, attribute)
    const at = places.get(key) ?? list.length
    places.set(key, at)
    list[at] = { ...list[at], ...parts }
    if (parts['primary'] === true) primary = at
  }
  return ok(primary === null ? list : withoutPrimary(list, primary))
}

/**
 * Whether the value consists of objects with only unknown or read-only sub-attributes. These are
 * ignored, so `replace` must not clear the list.
 */
const saysNothing = (attribute: Attribute, value: unknown): boolean => {
  const list = toList(value)
  const isSilent = (each: unknown): boolean => {
    const change = readChange(attribute, each)
    return change.ok && change.value?.size === 0
  }
  return list.length > 0 && list.every(isSilent)
}

/**
 * Changes sub-attributes of the selected elements. An element without any sub-attribute left is
 * removed.
 */
function edit(
  elements: Elements,
  attribute: Attribute,
  filter: Filter | null,
  change: Change,
): Result<Elements, ScimError> {
  const chosen = new Set(
    elements.flatMap((element, i) => (!filter || meets(filter, element) ? [i] : [])),
  )
  if (chosen.size > 0) {
    const edited = elements.map((element, i) =>
      chosen.has(i) ? (changeParts(attribute, element, change) ?? {}) : element,
    )
    return ok(settlePrimary(edited, chosen).filter((element) => Object.keys(element).length > 0))
  }
  if ([...change.values()].every((part) => part === null)) return ok(elements)
  const start = filter ? toElement(filter) : {}
  if (!start) return refuse('noTarget', 'The filter in the path matches nothing.')
  const made = changeParts(attribute, start, change) ?? {}
  return ok(settlePrimary([...elements, made], new Set([elements.length])))
}

/** The cost: each element is compared with each term of the filter, or with each given value. */
function stepsOf(elements: Elements, filter: Filter | null, { kind, value }: Operation): number {
  const compared = kind === 'remove' && !filter ? toList(value).length : countTerms(filter)
  const parts = elements.flatMap((element) => Object.values(element))
  const letters = parts.reduce<number>((sum, part) => sum + String(part).length, 0)
  return (elements.length + Math.floor(letters / LETTERS_IN_STEP)) * Math.max(1, compared)
}

/** Folding this many characters takes as long as one comparison of a short value. */
const LETTERS_IN_STEP = 512

function countTerms(filter: Filter | null): number {
  switch (filter?.kind) {
    case 'and':
    case 'or':
      return filter.of.reduce((sum, part) => sum + countTerms(part), 0)
    case 'not':
    case 'element':
      return countTerms(filter.of)
    case 'present':
    case 'compare':
      return 1
    case undefined:
      return 0
  }
}

/** An element that would match the filter; null: the filter does not determine one. */
function toElement(filter: Filter): Parts | null {
  if (filter.kind === 'compare' && filter.operator === 'eq' && isScalar(filter.value)) {
    return Object.fromEntries([[filter.named.sub?.name ?? '', filter.value]])
  }
  if (filter.kind !== 'and') return null
  const parts = filter.of.map(toElement)
  return parts.every((part) => part !== null) ? Object.assign({}, ...parts) : null
}

/**
 * RFC 7644 §3.5.2: a new primary element replaces the old one. Of several new ones the first wins.
 */
function settlePrimary(elements: Elements, changed: ReadonlySet<number>): Elements {
  const first = elements.findIndex((element, i) => changed.has(i) && element['primary'] === true)
  return first < 0 ? elements : withoutPrimary(elements, first)
}

const withoutPrimary = (elements: Elements, but: number): Elements =>
  elements.map((element, i) =>
    i !== but && element['primary'] === true ? { ...element, primary: false } : element,
  )

/** Two elements are duplicates if they differ at most in `primary` (RFC 7644 §3.5.2.1). */
const toKey = (parts: Parts, { sub }: Attribute): string =>
  JSON.stringify(sub.map(({ name }) => (name === 'primary' ? null : (parts[name] ?? null))))

const isElements = (value: Value | undefined): value is Elements => Array.isArray(value)
const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'boolean'
