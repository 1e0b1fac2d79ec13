/** One operation of a PATCH on an attribute of several values. */
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
  /** Which elements; null: all. */
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

/** Entra ID names what is to go by a value beside the path, not by a filter in it. */
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

/** A sub-attribute of the elements selected; of a new one where the filter says what it would be. */
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
 * The parts that are given, of the elements selected: the others stay (RFC 7644 §3.5.2.3). To replace
 * the elements by null takes them away; to add null adds nothing.
 */
function withSelected(
  elements: Elements,
  attribute: Attribute,
  filter: Filter,
  { kind, value }: Operation,
): Result<Elements, ScimError> {
  const [given, ...others] = toList(value)
  if (others.length > 0) return refuse('invalidValue', 'The filter selects, so one value is due.')
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
  // Of those that are the same already, the first.
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

/** Objects, all of whose parts are unknown or readOnly: such parts are ignored, and clear nothing. */
const saysNothing = (attribute: Attribute, value: unknown): boolean => {
  const list = toList(value)
  const isSilent = (each: unknown): boolean => {
    const change = readChange(attribute, each)
    return change.ok && change.value?.size === 0
  }
  return list.length > 0 && list.every(isSilent)
}

/** Changes parts of the elements selected. An element of which nothing is left is gone. */
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

/** How much is looked at: each element by each comparison, or beside each value that is given. */
function stepsOf(elements: Elements, filter: Filter | null, { kind, value }: Operation): number {
  const compared = kind === 'remove' && !filter ? toList(value).length : countTerms(filter)
  const parts = elements.flatMap((element) => Object.values(element))
  const letters = parts.reduce<number>((sum, part) => sum + String(part).length, 0)
  return (elements.length + Math.floor(letters / LETTERS_IN_STEP)) * Math.max(1, compared)
}

/** As many take as long to fold as one comparison takes otherwise. */
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

/** What an element must be to match; null where the filter does not say. */
function toElement(filter: Filter): Parts | null {
  if (filter.kind === 'compare' && filter.operator === 'eq' && isScalar(filter.value)) {
    return Object.fromEntries([[filter.named.sub?.name ?? '', filter.value]])
  }
  if (filter.kind !== 'and') return null
  const parts = filter.of.map(toElement)
  return parts.every((part) => part !== null) ? Object.assign({}, ...parts) : null
}

/** RFC 7644 §3.5.2: a new primary takes it from the old one. Of several at once, the first. */
function settlePrimary(elements: Elements, changed: ReadonlySet<number>): Elements {
  const first = elements.findIndex((element, i) => changed.has(i) && element['primary'] === true)
  return first < 0 ? elements : withoutPrimary(elements, first)
}

const withoutPrimary = (elements: Elements, but: number): Elements =>
  elements.map((element, i) =>
    i !== but && element['primary'] === true ? { ...element, primary: false } : element,
  )

/** The same value twice is one (RFC 7644 §3.5.2.1), whichever is primary. */
const toKey = (parts: Parts, { sub }: Attribute): string =>
  JSON.stringify(sub.map(({ name }) => (name === 'primary' ? null : (parts[name] ?? null))))

const isElements = (value: Value | undefined): value is Elements => Array.isArray(value)
const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'boolean'
