/**
 * Applies a PATCH (RFC 7644 §3.5.2) to a document: all operations, or none. docs/operating.md lists
 * the deviations of identity providers that are accepted.
 */
import { sameName } from './attribute.ts'
import { isRecord } from '../lib/json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import {
  changeParts,
  judgeDocument,
  readChange,
  readScalar,
  type Change,
  type Doc,
  type Fields,
  type Parts,
  type Value,
} from './document.ts'
import { refuse, type ScimError } from './error.ts'
import type { Named } from './name.ts'
import type { Operation } from './operation.ts'
import { patchElements } from './patch-elements.ts'
import { isTarget, parsePath, type Target } from './path.ts'
import type { ResourceType } from './schema.ts'
import type { Work } from './work.ts'

export interface Patching {
  readonly type: ResourceType
  /** The resource's id. Setting `id` to this value is not an error. */
  readonly id: string
  readonly work: Work
}

export function applyPatch(
  patching: Patching,
  doc: Doc,
  operations: readonly Operation[],
): Result<Doc, ScimError> {
  let patched = doc
  for (const operation of operations) {
    const next = applyOperation(patching, patched, operation)
    if (!next.ok) return next
    patched = next.value
  }
  const fault = judgeDocument(patching.type, patched)
  return fault ? err(fault) : ok(patched)
}

function applyOperation(
  patching: Patching,
  doc: Doc,
  operation: Operation,
): Result<Doc, ScimError> {
  const { target, value } = operation
  if (target === null) {
    return isRecord(value)
      ? applyFields(patching, doc, operation, value)
      : refuse('invalidSyntax', 'Without a path the value must be an object.')
  }
  const fault = judgeMutability(target, operation, patching.id)
  if (fault !== null) return fault === 'no-change' ? ok(doc) : err(fault)
  return applyAt(patching, doc, target, operation)
}

/**
 * Each name in the value is a path: plain, dotted, with brackets or with a URN. Unknown and
 * read-only attributes are ignored.
 */
function applyFields(
  patching: Patching,
  doc: Doc,
  { kind }: Operation,
  value: Readonly<Record<string, unknown>>,
): Result<Doc, ScimError> {
  let patched = doc
  const seen = new Set<string>()
  for (const [path, each] of Object.entries(value)) {
    const place = parsePath(patching.type, path)
    if (!place.ok || !isTarget(place.value)) continue
    const target = place.value
    const key = path.toLowerCase()
    if (seen.has(key)) return refuse('invalidSyntax', 'An attribute is given twice.')
    seen.add(key)
    const operation: Operation = { kind, target, value: each }
    if (judgeMutability(target, operation, patching.id) !== null) continue
    const next = applyAt(patching, patched, target, operation)
    if (!next.ok) return next
    patched = next.value
  }
  return ok(patched)
}

function applyAt(
  patching: Patching,
  doc: Doc,
  target: Target,
  operation: Operation,
): Result<Doc, ScimError> {
  if (target.kind === 'extension') return applyExtension(patching, doc, target, operation)
  const { named, filter } = target
  const where = named.extension ? 'extension' : 'own'
  const fields = doc[where]
  const patched = named.attribute.multiValued
    ? patchElements({ fields, named, filter, operation, work: patching.work })
    : patchSingle(fields, named, operation)
  return patched.ok ? ok({ ...doc, [where]: patched.value }) : patched
}

function applyExtension(
  patching: Patching,
  doc: Doc,
  { extension }: Extract<Target, { kind: 'extension' }>,
  operation: Operation,
): Result<Doc, ScimError> {
  const { kind, value } = operation
  const [single = null, ...others]: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (kind === 'remove' || single === null) return ok({ ...doc, extension: {} })
  if (!isRecord(single) || others.length > 0) {
    return refuse('invalidValue', 'An extension must be an object.')
  }
  const qualified = Object.entries(single).map(([name, each]) => [
    `${extension.schema}:${name}`,
    each,
  ])
  return applyFields(patching, doc, operation, Object.fromEntries(qualified))
}

/** A value of null removes the attribute, for `add` and for `replace` (RFC 7643 §2.5). */
function patchSingle(
  fields: Fields,
  { attribute, sub }: Named,
  { kind, value }: Operation,
): Result<Fields, ScimError> {
  const given = kind === 'remove' ? null : value
  const after =
    attribute.type === 'complex'
      ? changeComplex(fields, { attribute, sub }, given)
      : readScalar(attribute, given)
  if (!after.ok) return after
  if (after.value !== null) return ok({ ...fields, [attribute.name]: after.value })
  if (attribute.required) return refuse('invalidValue', `${attribute.name} is required.`)
  const { [attribute.name]: _, ...others } = fields
  return ok(others)
}

/** ok(null): nothing is left of the value. */
function changeComplex(
  fields: Fields,
  { attribute, sub }: Pick<Named, 'attribute' | 'sub'>,
  given: unknown,
): Result<Parts | null, ScimError> {
  const change = sub ? readPart(sub, given) : readChange(attribute, given)
  if (!change.ok || change.value === null) return change.ok ? ok(null) : change
  const before = fields[attribute.name]
  return ok(changeParts(attribute, isParts(before) ? before : {}, change.value))
}

function readPart(sub: Named['attribute'], given: unknown): Result<Change, ScimError> {
  const part = readScalar(sub, given)
  return part.ok ? ok(new Map([[sub.name, part.value]])) : part
}

/** `no-change`: accepted and ignored, because it sets a read-only value to what it is. */
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
  return refuse('mutability', `${attribute.name} is read-only.`).error
}

const isParts = (value: Value | undefined): value is Parts =>
  typeof value === 'object' && !Array.isArray(value)
