/**
 * What a client sends → the attributes of a resource as we keep them: named and shaped as the
 * schema says. Liberal as docs/operating.md lists it; what does not fit is refused by name.
 */
import { findAttribute, sameName, type Attribute } from './attribute.ts'
import { isRecord } from '../lib/json.ts'
import { err, ok, type Err, type Result } from '../lib/result.ts'
import { refuse, type ScimError } from './error.ts'
import { findName } from './name.ts'
import type { ResourceType } from './schema.ts'

export type Scalar = string | boolean
export type Parts = Readonly<Record<string, Scalar>>
export type Value = Scalar | Parts | readonly Parts[]
export type Fields = Readonly<Record<string, Value>>

export interface Doc {
  /** Of the type's own schema, and externalId. */
  readonly own: Fields
  /** Of its extension. */
  readonly extension: Fields
}

/** Of one attribute of one person: what is done with them may take as long as their square. */
export const MAX_ELEMENTS = 1000

export const tooManyElements = ({ name }: Attribute): Err<ScimError> =>
  refuse('invalidValue', `${name} has more than ${MAX_ELEMENTS} values.`)

export const MESSAGE_URN = 'urn:ietf:params:scim:api:messages:'

/** The body of a POST or PUT. What is not in the schema, or is ours to say, is left out. */
export function readDocument(type: ResourceType, body: unknown): Result<Doc, ScimError> {
  if (!isRecord(body)) return refuse('invalidSyntax', `A ${type.name} is a JSON object.`)
  if (isOtherMessage(body)) return refuse('invalidSyntax', 'The schemas are of another message.')
  const own = new Map<string, Value>()
  const extension = new Map<string, Value>()
  const seen = new Set<string>()
  for (const [key, value] of Object.entries(body)) {
    const found = findKey(type, key)
    if (!found) continue
    const name = found.kind === 'extension' ? found.extension.schema : found.attribute.name
    if (seen.has(name)) return twice(name)
    seen.add(name)
    if (found.kind === 'extension') {
      const fields = readFields(found.extension.attributes, value, name)
      if (!fields.ok) return fields
      for (const [each, read] of fields.value) extension.set(each, read)
      continue
    }
    if (isOurs(found.attribute)) continue
    const read = readValue(found.attribute, value)
    if (!read.ok) return read
    if (read.value !== null) (found.isExtended ? extension : own).set(name, read.value)
  }
  return ok({ own: Object.fromEntries(own), extension: Object.fromEntries(extension) })
}

/** Required attributes are there (RFC 7643 §2.2). */
export function judgeDocument(type: ResourceType, doc: Doc): ScimError | null {
  const missing = type.own.find(({ name, required }) => required && isBlank(doc.own[name]))
  if (!missing) return null
  return refuse('invalidValue', `${missing.name} is required, and must not be empty.`).error
}

const isBlank = (value: Value | undefined): boolean =>
  value === undefined || (typeof value === 'string' && value.trim() === '')

/** Said by us alone, or kept elsewhere: members are rows. */
export const isOurs = ({ name, mutability }: Attribute): boolean =>
  mutability === 'readOnly' || name === 'members'

/** null: as good as not there (RFC 7643 §2.5). */
export function readValue(attribute: Attribute, value: unknown): Result<Value | null, ScimError> {
  if (value === null || value === undefined) return ok(null)
  if (attribute.multiValued) return readElements(attribute, value)
  const single = toSingle(attribute, value)
  if (!single.ok || single.value === null) return single.ok ? ok(null) : single
  if (attribute.type !== 'complex') return readScalar(attribute, single.value)
  const parts = readParts(attribute, single.value)
  // A manager whose value is empty is no manager: so Entra ID takes one away.
  return parts.ok && parts.value?.['value'] === '' ? ok(null) : parts
}

function readElements(
  attribute: Attribute,
  value: unknown,
): Result<readonly Parts[] | null, ScimError> {
  const elements: Parts[] = []
  const seen = new Set<string>()
  let hasPrimary = false
  for (const each of Array.isArray(value) ? value : [value]) {
    if (each === null) continue
    const parts = readParts(attribute, each)
    if (!parts.ok) return parts
    if (!parts.value) continue
    // RFC 7643 §2.4: at most one is primary. The first who says so is.
    const isSecond = hasPrimary && parts.value['primary'] === true
    hasPrimary ||= parts.value['primary'] === true
    const element = isSecond ? { ...parts.value, primary: false } : parts.value
    const key = JSON.stringify(element)
    if (!seen.has(key)) elements.push(element)
    seen.add(key)
    if (elements.length > MAX_ELEMENTS) return tooManyElements(attribute)
  }
  return ok(elements.length > 0 ? elements : null)
}

/** An object, or a string that stands for its `value`. */
function readParts(attribute: Attribute, value: unknown): Result<Parts | null, ScimError> {
  const valuePart = findAttribute(attribute.sub, 'value')
  if (typeof value === 'string' && valuePart) return ok({ value })
  if (!isRecord(value)) return wrongType(attribute)
  const parts = new Map<string, Scalar>()
  const seen = new Set<string>()
  for (const [key, each] of Object.entries(value)) {
    // OneLogin's template says it so.
    const name = attribute.name === 'manager' && sameName(key, 'managerId') ? 'value' : key
    const sub = findAttribute(attribute.sub, name)
    if (!sub) continue
    if (seen.has(sub.name)) return twice(`${attribute.name}.${sub.name}`)
    seen.add(sub.name)
    if (sub.mutability === 'readOnly') continue
    const single = toSingle(sub, each)
    if (!single.ok) return single
    if (single.value === null) continue
    const scalar = readScalar(sub, single.value)
    if (!scalar.ok) return scalar
    parts.set(sub.name, scalar.value)
  }
  // In the order of the schema, so that the same is written the same.
  const known = attribute.sub.flatMap(({ name }) => {
    const part = parts.get(name)
    return part === undefined ? [] : [[name, part] as const]
  })
  return ok(known.length > 0 ? Object.fromEntries(known) : null)
}

function readScalar(attribute: Attribute, value: unknown): Result<Scalar, ScimError> {
  if (attribute.type !== 'boolean') {
    return typeof value === 'string' ? ok(value) : wrongType(attribute)
  }
  if (typeof value === 'boolean') return ok(value)
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return word === 'true' || word === 'false' ? ok(word === 'true') : wrongType(attribute)
}

/** Entra ID wraps a single value in a list. */
function toSingle(attribute: Attribute, value: unknown): Result<unknown, ScimError> {
  if (!Array.isArray(value)) return ok(value ?? null)
  const [first = null, ...others]: readonly unknown[] = value
  return others.length === 0 ? ok(first) : wrongType(attribute)
}

function readFields(
  attributes: readonly Attribute[],
  value: unknown,
  what: string,
): Result<ReadonlyMap<string, Value>, ScimError> {
  const fields = new Map<string, Value>()
  if (value === null) return ok(fields)
  if (!isRecord(value)) return refuse('invalidValue', `${what} must be an object.`)
  const seen = new Set<string>()
  for (const [key, each] of Object.entries(value)) {
    const attribute = findAttribute(attributes, key)
    if (!attribute) continue
    if (seen.has(attribute.name)) return twice(attribute.name)
    seen.add(attribute.name)
    const read = readValue(attribute, each)
    if (!read.ok) return read
    if (read.value !== null) fields.set(attribute.name, read.value)
  }
  return ok(fields)
}

function findKey(type: ResourceType, key: string) {
  const found = findName(type, key)
  if (found?.kind === 'extension') return found
  if (!found || found.named.sub !== null) return null
  const { attribute, extension } = found.named
  return { kind: 'attribute', attribute, isExtended: extension !== null } as const
}

/** Which of another message, a PatchOp for one, is certain; all other URNs are taken for ours. */
export const isOtherMessage = (body: Readonly<Record<string, unknown>>): boolean => {
  const entry = Object.entries(body).find(([key]) => sameName(key, 'schemas'))
  const schemas: unknown = entry?.[1]
  return (Array.isArray(schemas) ? schemas : [schemas]).some(
    (schema) => typeof schema === 'string' && schema.startsWith(MESSAGE_URN),
  )
}

const wrongType = ({ name, type, multiValued }: Attribute) =>
  refuse('invalidValue', `${name} must be ${multiValued ? 'a list of ' : ''}${type}.`)

const twice = (name: string) => err(refuse('invalidSyntax', `${name} is given twice.`).error)
