/**
 * PATCH (RFC 7644 §3.5.2) on a document: all operations, or none. How identity providers word it is
 * taken as it comes: docs/operating.md has the list.
 */
import { sameName, type Attribute } from './attribute.ts'
import { isRecord } from '../lib/json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { judgeDocument, readValue, type Doc, type Fields, type Value } from './document.ts'
import { refuse, type ScimError } from './error.ts'
import type { Named } from './name.ts'
import type { Operation } from './operation.ts'
import { patchElements } from './patch-elements.ts'
import { parsePath, type Target } from './path.ts'
import type { ResourceType } from './schema.ts'

/** @param id of the resource: to set it to what it is is no change. */
export function applyPatch(
  type: ResourceType,
  id: string,
  doc: Doc,
  operations: readonly Operation[],
): Result<Doc, ScimError> {
  let patched = doc
  for (const operation of operations) {
    const next = applyOperation(type, id, patched, operation)
    if (!next.ok) return next
    patched = next.value
  }
  const fault = judgeDocument(type, patched)
  return fault ? err(fault) : ok(patched)
}

function applyOperation(
  type: ResourceType,
  id: string,
  doc: Doc,
  operation: Operation,
): Result<Doc, ScimError> {
  const { kind, path, value } = operation
  if (path === null) {
    if (kind === 'remove') return refuse('noTarget', 'A removal needs a path.')
    return isRecord(value)
      ? applyFields(type, id, doc, kind, value)
      : refuse('invalidSyntax', 'Without a path the value must be an object.')
  }
  const target = parsePath(type, path)
  if (!target.ok) return isPassedOver(type, path) ? ok(doc) : target
  const fault = judgeMutability(target.value, operation, id)
  if (fault !== null) return fault === 'no-change' ? ok(doc) : err(fault)
  return applyAt(type, id, doc, target.value, operation)
}

/** Each name as a path: plain, dotted, with brackets or by URN. What is unknown or ours is left out. */
function applyFields(
  type: ResourceType,
  id: string,
  doc: Doc,
  kind: 'add' | 'replace',
  value: Readonly<Record<string, unknown>>,
): Result<Doc, ScimError> {
  let patched = doc
  const seen = new Set<string>()
  for (const [path, each] of Object.entries(value)) {
    const target = parsePath(type, path)
    if (!target.ok) continue
    const key = path.toLowerCase()
    if (seen.has(key)) return refuse('invalidSyntax', 'An attribute is given twice.')
    seen.add(key)
    const operation: Operation = { kind, path, value: each }
    if (judgeMutability(target.value, operation, id) !== null) continue
    const next = applyAt(type, id, patched, target.value, operation)
    if (!next.ok) return next
    patched = next.value
  }
  return ok(patched)
}

function applyAt(
  type: ResourceType,
  id: string,
  doc: Doc,
  target: Target,
  operation: Operation,
): Result<Doc, ScimError> {
  const { kind, value } = operation
  if (target.kind === 'extension') {
    if (kind === 'remove') return ok({ ...doc, extension: {} })
    if (value === null) return ok(kind === 'replace' ? { ...doc, extension: {} } : doc)
    if (!isRecord(value)) return refuse('invalidValue', 'An extension must be an object.')
    const { schema } = target.extension
    const qualified = Object.entries(value).map(([name, each]) => [`${schema}:${name}`, each])
    return applyFields(type, id, doc, kind, Object.fromEntries(qualified))
  }
  const { named, filter } = target
  const where = named.extension ? 'extension' : 'own'
  const fields = doc[where]
  const patched = named.attribute.multiValued
    ? patchElements(fields, named, filter, operation)
    : patchSingle(fields, named, operation)
  return patched.ok ? ok({ ...doc, [where]: patched.value }) : patched
}

function patchSingle(
  fields: Fields,
  { attribute, sub }: Named,
  { kind, value }: Operation,
): Result<Fields, ScimError> {
  if (kind === 'remove') {
    if (attribute.required) return refuse('invalidValue', `${attribute.name} is required.`)
    return ok(sub ? withPart(fields, attribute, sub, null) : without(fields, attribute.name))
  }
  const read = readValue(sub ?? attribute, value)
  if (!read.ok) return read
  if (read.value === null) {
    // An addition of nothing adds nothing; an empty manager is none, in both.
    const isCleared = kind === 'replace' || isEmptied(value)
    if (!isCleared) return ok(fields)
    if (attribute.required) return refuse('invalidValue', `${attribute.name} is required.`)
    return ok(sub ? withPart(fields, attribute, sub, null) : without(fields, attribute.name))
  }
  if (sub) return ok(withPart(fields, attribute, sub, read.value))
  return ok({ ...fields, [attribute.name]: merge(fields[attribute.name], read.value) })
}

/** Sub-attributes that are not given stay, but not beside the value of somebody else. */
function merge(before: Value | undefined, after: Value): Value {
  if (!isParts(before) || !isParts(after)) return after
  const isOther = after['value'] !== undefined && after['value'] !== before['value']
  return isOther ? after : { ...before, ...after }
}

function withPart(
  fields: Fields,
  attribute: Attribute,
  sub: Attribute,
  value: Value | null,
): Fields {
  const before = fields[attribute.name]
  const parts = Object.entries(isParts(before) ? before : {}).filter(([name]) => name !== sub.name)
  const isGone = value === null || (sub.name === 'value' && value === '')
  if (!isGone && isScalar(value)) {
    const part = Object.fromEntries([[sub.name, value]])
    return { ...fields, [attribute.name]: merge(before, part) }
  }
  return parts.length === 0 || sub.name === 'value'
    ? without(fields, attribute.name)
    : { ...fields, [attribute.name]: Object.fromEntries(parts) }
}

/** `no-change`: it may be said, since it says what is. */
function judgeMutability(
  target: Target,
  { value }: Operation,
  id: string,
): ScimError | 'no-change' | null {
  if (target.kind === 'extension') return null
  const { attribute, sub } = target.named
  if (attribute.name === 'schemas' || attribute.name === 'members') return 'no-change'
  if (attribute.mutability !== 'readOnly' && sub?.mutability !== 'readOnly') return null
  if (sameName(attribute.name, 'id') && value === id) return 'no-change'
  return refuse('mutability', `${attribute.name} is not to be changed.`).error
}

/** Passwords, which we take and drop, and extensions that are not ours. */
function isPassedOver({ schema, extension }: ResourceType, path: string): boolean {
  const text = path.trim().toLowerCase()
  if (text === 'password' || text === `${schema}:password`.toLowerCase()) return true
  const ours = [schema, extension?.schema ?? schema]
  return text.startsWith('urn:') && !ours.some((urn) => text.startsWith(urn.toLowerCase()))
}

function isEmptied(value: unknown): boolean {
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  return single === '' || (isRecord(single) && Object.values(single).some((part) => part === ''))
}
const without = (fields: Fields, name: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name))
const isScalar = (value: Value | null): value is string | boolean =>
  typeof value === 'string' || typeof value === 'boolean'
const isParts = (value: Value | undefined): value is Readonly<Record<string, string | boolean>> =>
  typeof value === 'object' && !Array.isArray(value)
