/**
 * PATCH as RFC 7644 §3.5.2 describes it, on a plain object, by the schema that the service publishes
 * (RFC 7643 §7). Written from the two documents alone.
 */
import { err, ok, type Result } from '../../src/lib/result.ts'
import type { Json } from './stage.ts'

export interface Attribute {
  readonly name: string
  readonly type: string
  readonly multiValued: boolean
  readonly mutability: string
  readonly required: boolean
  readonly subAttributes?: readonly Attribute[]
}

/** What a path names (§3.5.2, figure 7): an attribute, perhaps some of its values, perhaps a part. */
export interface Target {
  /** null: the core schema. */
  readonly extension: string | null
  readonly attribute: Attribute
  /** `attribute[type eq "work"]`: the values whose `type` is this. */
  readonly ofType: string | null
  readonly part: Attribute | null
}

export interface Operation {
  readonly op: 'add' | 'remove' | 'replace'
  /** null: the value is a set of attributes, by the names of their targets. */
  readonly target: Target | null
  readonly value: Json
}

/** §3.12, table 9. */
export type Refusal = 'noTarget'

/** The resource after one operation, or why it is refused. */
export function patch(resource: Json, operation: Operation): Result<Json, Refusal> {
  const changed = structuredClone(resource)
  const { op, target, value } = operation
  if (!target) throw new Error('a set of attributes is as many operations as it has attributes')
  const home = homeOf(changed, target.extension)
  const { attribute } = target
  const refusal = attribute.multiValued
    ? changeValues(home, target, op, value)
    : changeOne(home, target, op, value)
  return refusal === null ? ok(changed) : err(refusal)
}

/** §2.5 of RFC 7643: null, an empty array and absence are one state; so is an object without parts. */
export function settled(value: Json): Json {
  if (Array.isArray(value)) {
    const values = value.map(settled).filter((each) => each !== undefined)
    return values.length > 0 ? values : undefined
  }
  if (value === null || typeof value !== 'object') return value ?? undefined
  const parts = Object.entries(value)
    .map(([name, part]) => [name, settled(part)] as const)
    // Not primary is what a value is without saying so (§2.4).
    .filter(([name, part]) => part !== undefined && !(name === 'primary' && part === false))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return parts.length > 0 ? Object.fromEntries(parts) : undefined
}

function homeOf(resource: Json, extension: string | null): Json {
  if (extension === null) return resource
  resource[extension] ??= {}
  return resource[extension]
}

function changeOne(home: Json, target: Target, op: Operation['op'], value: Json): null {
  const { attribute, part } = target
  const { name } = attribute
  if (part) {
    home[name] ??= {}
    home[name][part.name] = op === 'remove' ? null : value
  } else if (op === 'remove' || value === null) {
    home[name] = null
  } else if (attribute.type === 'complex') {
    // "Sub-attributes that are not specified in the value parameter are left unchanged."
    home[name] = { ...home[name], ...known(attribute, value) }
  } else {
    home[name] = value
  }
  return null
}

/** A client cannot set what is read-only, and what is in no schema is nothing (RFC 7643 §2.2). */
function known({ subAttributes = [] }: Attribute, value: Json): Json {
  const writable = subAttributes.filter(({ mutability }) => mutability !== 'readOnly')
  const parts = writable.filter(({ name }) => Object.hasOwn(value, name))
  return Object.fromEntries(parts.map(({ name }) => [name, value[name]]))
}

function changeValues(
  home: Json,
  target: Target,
  op: Operation['op'],
  value: Json,
): Refusal | null {
  const { attribute, ofType, part } = target
  const { name } = attribute
  const values: Json[] = settled(home[name]) ?? []
  const isMeant = (each: Json) => ofType === null || each.type === ofType

  if (op === 'remove') {
    if (part) for (const each of values.filter(isMeant)) each[part.name] = null
    home[name] = part ? values : values.filter((each) => !isMeant(each))
    return null
  }
  if (part) {
    // "... and no record match was made, the service provider SHALL indicate failure by noTarget."
    if (ofType !== null && !values.some(isMeant)) return 'noTarget'
    // "If the target location does not exist, the attribute and value are added."
    if (values.length === 0) values.push({})
    for (const each of values.filter(isMeant)) each[part.name] = value
    home[name] = values
    return null
  }
  const given: Json[] = (Array.isArray(value) ? value : [value]).filter((each) => each !== null)
  if (op === 'replace' && ofType !== null) {
    if (!values.some(isMeant)) return 'noTarget'
    // Whether the parts that are not named stay, the RFC leaves open; docs/conformance.md decides it.
    home[name] = values.map((each) => (isMeant(each) ? { ...each, ...given[0] } : each))
    return null
  }
  const kept = op === 'replace' ? [] : values
  // "If the target location already contains the value specified, no changes SHOULD be made."
  const added = given.filter((each) => !kept.some((one) => isSame(one, each)))
  const hasPrimary = added.some(({ primary }) => primary === true)
  home[name] = [
    // "... the server SHALL set the value of the existing attribute to false."
    ...kept.map((each) => (hasPrimary ? { ...each, primary: false } : each)),
    ...structuredClone(added),
  ]
  return null
}

const isSame = (one: Json, other: Json): boolean =>
  JSON.stringify(settled(one)) === JSON.stringify(settled(other))
