/** One operation of a PATCH on an attribute of several values. */
import { ok, type Result } from '../lib/result.ts'
import type { Attribute } from './attribute.ts'
import {
  MAX_ELEMENTS,
  readValue,
  tooManyElements,
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

type Elements = readonly Parts[]

/** @param filter which elements; null: all. */
export function patchElements(
  fields: Fields,
  { attribute, sub }: Named,
  filter: Filter | null,
  operation: Operation,
): Result<Fields, ScimError> {
  const before = fields[attribute.name]
  const elements: Elements = isElements(before) ? before : []
  const after =
    operation.kind === 'remove'
      ? removed(elements, attribute, sub, filter, operation.value)
      : sub
        ? withPart(elements, sub, filter, operation)
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
  attribute: Attribute,
  sub: Attribute | null,
  filter: Filter | null,
  value: unknown,
): Result<Elements, ScimError> {
  if (sub) {
    return ok(
      elements.flatMap((element) => {
        if (filter && !meets(filter, element)) return [element]
        const rest = Object.entries(element).filter(([name]) => name !== sub.name)
        return rest.length > 0 ? [Object.fromEntries(rest)] : []
      }),
    )
  }
  if (filter) return ok(elements.filter((element) => !meets(filter, element)))
  if (value === undefined || value === null) return ok([])
  const named = readElements(attribute, value)
  if (!named.ok) return named
  const isNamed = (element: Parts) =>
    named.value.some((parts) =>
      Object.entries(parts).every(([name, part]) => element[name] === part),
    )
  return ok(elements.filter((element) => !isNamed(element)))
}

/** A sub-attribute of the elements selected; of a new one where the filter says what it would be. */
function withPart(
  elements: Elements,
  sub: Attribute,
  filter: Filter | null,
  { kind, value }: Operation,
): Result<Elements, ScimError> {
  const read = readValue(sub, value)
  if (!read.ok) return read
  const part = read.value
  if (part === null) {
    return kind === 'add' ? ok(elements) : ok(elements.map((each) => clear(each, sub, filter)))
  }
  if (!isScalar(part)) return refuse('invalidValue', `${sub.name} must be one value.`)
  const setPart = (element: Parts): Parts => ({ ...element, [sub.name]: part })
  return change(elements, filter, setPart)
}

const clear = (element: Parts, sub: Attribute, filter: Filter | null): Parts =>
  filter && !meets(filter, element)
    ? element
    : Object.fromEntries(Object.entries(element).filter(([name]) => name !== sub.name))

/** The elements selected become what is given (replace), or get it besides (add). */
function withSelected(
  elements: Elements,
  attribute: Attribute,
  filter: Filter,
  { kind, value }: Operation,
): Result<Elements, ScimError> {
  const given = readElements(attribute, value)
  if (!given.ok) return given
  const [parts, ...others] = given.value
  if (!parts) {
    return ok(kind === 'add' ? elements : elements.filter((element) => !meets(filter, element)))
  }
  if (others.length > 0) return refuse('invalidValue', 'The filter selects, so one value is due.')
  const isNew = !elements.some((element) => meets(filter, element))
  return change(elements, filter, (element) =>
    kind === 'add' || isNew ? { ...element, ...parts } : parts,
  )
}

function withAll(
  elements: Elements,
  attribute: Attribute,
  { kind, value }: Operation,
): Result<Elements, ScimError> {
  const given = readElements(attribute, value)
  if (!given.ok || kind === 'replace') return given
  const list = [...elements]
  // Of those that are the same already, the first.
  const known = elements.map((element, i) => [toKey(element, attribute), i] as const)
  const places = new Map(known.toReversed())
  let primary: number | null = null
  for (const parts of given.value) {
    const key = toKey(parts, attribute)
    const at = places.get(key) ?? list.length
    places.set(key, at)
    list[at] = { ...list[at], ...parts }
    if (parts['primary'] === true) primary = at
  }
  return ok(primary === null ? list : withoutPrimary(list, primary))
}

function change(
  elements: Elements,
  filter: Filter | null,
  edit: (element: Parts) => Parts,
): Result<Elements, ScimError> {
  const chosen = new Set(
    elements.flatMap((element, i) => (!filter || meets(filter, element) ? [i] : [])),
  )
  if (chosen.size > 0) {
    const edited = elements.map((element, i) => (chosen.has(i) ? edit(element) : element))
    return ok(settlePrimary(edited, chosen))
  }
  const start = filter ? toElement(filter) : {}
  if (!start) return refuse('noTarget', 'The filter in the path matches nothing.')
  return ok(settlePrimary([...elements, edit(start)], new Set([elements.length])))
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

function readElements(attribute: Attribute, value: unknown): Result<Elements, ScimError> {
  const read = readValue(attribute, value)
  if (!read.ok) return read
  return ok(isElements(read.value ?? undefined) ? (read.value as Elements) : [])
}

const isElements = (value: Value | undefined): value is Elements => Array.isArray(value)
const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'boolean'
