/**
 * Reads a client's JSON into attributes that match the schema. docs/operating.md lists the
 * deviations that are accepted; anything else that does not fit is refused, and the error names the
 * attribute.
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
  /** Attributes of the type's own schema, and externalId. */
  readonly own: Fields
  /** Attributes of the extension. */
  readonly extension: Fields
}

/** The most values of one attribute: some operations take time that grows with the square of it. */
export const MAX_ELEMENTS = 1000

export const tooManyElements = ({ name }: Attribute): Err<ScimError> =>
  refuse('invalidValue', `${name} has more than ${MAX_ELEMENTS} values.`)

export const MESSAGE_URN = 'urn:ietf:params:scim:api:messages:'

/** Reads the body of a POST or PUT. Unknown and read-only attributes are ignored. */
export function readDocument(type: ResourceType, body: unknown): Result<Doc, ScimError> {
  if (!isRecord(body)) return refuse('invalidSyntax', `A ${type.name} must be a JSON object.`)
  if (isOtherMessage(body))
    return refuse('invalidSyntax', 'The schemas belong to another kind of message.')
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

/** Required attributes must be present and not empty (RFC 7643 §2.2). */
export function judgeDocument(type: ResourceType, doc: Doc): ScimError | null {
  const missing = type.own.find(({ name, required }) => required && isBlank(doc.own[name]))
  if (!missing) return null
  return refuse('invalidValue', `${missing.name} is required and must not be empty.`).error
}

const isBlank = (value: Value | undefined): boolean =>
  value === undefined || (typeof value === 'string' && value.trim() === '')

/** Read-only, or stored elsewhere: members are rows of their own. */
export const isOurs = ({ name, mutability }: Attribute): boolean =>
  mutability === 'readOnly' || name === 'members'

/** null: absent (RFC 7643 §2.5). */
function readValue(attribute: Attribute, value: unknown): Result<Value | null, ScimError> {
  if (attribute.multiValued) return readElements(attribute, value)
  if (attribute.type !== 'complex') return readScalar(attribute, value)
  const change = readChange(attribute, value)
  return change.ok ? ok(change.value && changeParts(attribute, {}, change.value)) : change
}

/** New values for sub-attributes. null: the sub-attribute is removed. */
export type Change = ReadonlyMap<string, Scalar | null>

/** ok(null): the whole attribute is removed. Unknown and read-only sub-attributes are ignored. */
export function readChange(attribute: Attribute, value: unknown): Result<Change | null, ScimError> {
  const single = toSingle(attribute, value)
  if (!single.ok || single.value === null) return single.ok ? ok(null) : single
  return readParts(attribute, single.value)
}

/**
 * Sub-attributes that the change does not name keep their values (RFC 7644 §3.5.2.3).
 *
 * @returns null: no sub-attribute is left.
 */
export function changeParts(attribute: Attribute, before: Parts, change: Change): Parts | null {
  if (attribute.multiValued) return mergeParts(attribute, before, change)
  const value = change.get('value')
  // A manager without a `value` is no manager: Entra ID removes one by an empty string.
  if (value === null || value === '') return null
  // A new manager must not keep the old manager's other sub-attributes, such as the address.
  const isOther = value !== undefined && value !== before['value']
  return mergeParts(attribute, isOther ? {} : before, change)
}

/** In the order of the schema, so that equal values give equal JSON. */
function mergeParts({ sub }: Attribute, before: Parts, change: Change): Parts | null {
  const parts = sub.flatMap(({ name }) => {
    const part = change.has(name) ? change.get(name) : before[name]
    return part === undefined || part === null ? [] : [[name, part] as const]
  })
  return parts.length > 0 ? Object.fromEntries(parts) : null
}

/** ok(null): the value is null or an empty list, or no element has a known sub-attribute. */
export function readElements(
  attribute: Attribute,
  value: unknown,
): Result<readonly Parts[] | null, ScimError> {
  const elements: Parts[] = []
  const seen = new Set<string>()
  let hasPrimary = false
  for (const each of toList(value)) {
    if (each === null) continue
    const change = readParts(attribute, each)
    if (!change.ok) return change
    const parts = changeParts(attribute, {}, change.value)
    if (!parts) continue
    // RFC 7643 §2.4: at most one element is primary. The first one that claims it wins.
    const isSecond = hasPrimary && parts['primary'] === true
    hasPrimary ||= parts['primary'] === true
    const element = isSecond ? { ...parts, primary: false } : parts
    const key = JSON.stringify(element)
    if (!seen.has(key)) elements.push(element)
    seen.add(key)
    if (elements.length > MAX_ELEMENTS) return tooManyElements(attribute)
  }
  return ok(elements.length > 0 ? elements : null)
}

/** A single value counts as a list of one; null is an empty list (RFC 7643 §2.5). */
export const toList = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]

/** The sub-attributes of a JSON object. A plain string counts as the sub-attribute `value`. */
function readParts(attribute: Attribute, value: unknown): Result<Change, ScimError> {
  const valuePart = findAttribute(attribute.sub, 'value')
  if (typeof value === 'string' && valuePart) return ok(new Map([['value', value]]))
  if (!isRecord(value)) return wrongType(attribute)
  const parts = new Map<string, Scalar | null>()
  const seen = new Set<string>()
  for (const [key, each] of Object.entries(value)) {
    // OneLogin's template uses this name.
    const name = attribute.name === 'manager' && sameName(key, 'managerId') ? 'value' : key
    const sub = findAttribute(attribute.sub, name)
    if (!sub) continue
    if (seen.has(sub.name)) return twice(`${attribute.name}.${sub.name}`)
    seen.add(sub.name)
    if (sub.mutability === 'readOnly') continue
    const part = readScalar(sub, each)
    if (!part.ok) return part
    parts.set(sub.name, part.value)
  }
  return ok(parts)
}

/** Reads an attribute or sub-attribute that is not complex; ok(null): absent. */
export function readScalar(attribute: Attribute, value: unknown): Result<Scalar | null, ScimError> {
  const single = toSingle(attribute, value)
  if (!single.ok) return single
  const scalar = single.value
  if (scalar === null) return ok(null)
  if (attribute.type !== 'boolean') {
    return typeof scalar === 'string' ? ok(scalar) : wrongType(attribute)
  }
  if (typeof scalar === 'boolean') return ok(scalar)
  const word = typeof scalar === 'string' ? scalar.trim().toLowerCase() : ''
  return word === 'true' || word === 'false' ? ok(word === 'true') : wrongType(attribute)
}

/**
 * Unwraps a single value: Entra ID wraps it in a list, and Microsoft's older clients also in an
 * object, `[{ "$ref": null, "value": "False" }]`.
 */
function toSingle(attribute: Attribute, value: unknown): Result<unknown, ScimError> {
  if (Array.isArray(value)) {
    return value.length > 1 ? wrongType(attribute) : toSingle(attribute, value[0])
  }
  const inner =
    attribute.type !== 'complex' && isRecord(value)
      ? Object.entries(value).find(([key]) => sameName(key, 'value'))
      : undefined
  return inner ? toSingle(attribute, inner[1]) : ok(value ?? null)
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

/**
 * Whether the body is certainly another SCIM message, such as a PatchOp. Unknown schema URNs are
 * accepted.
 */
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
