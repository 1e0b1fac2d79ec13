/** Reads a PATCH message into its operations. */
import { isRecord } from '../lib/json.ts'
import { ok, type Result } from '../lib/result.ts'
import { sameName } from './attribute.ts'
import { MESSAGE_URN } from './document.ts'
import { refuse, type ScimError } from './error.ts'
import { isTarget, parsePath, type Place, type Target } from './path.ts'
import type { ResourceType } from './schema.ts'

export interface Operation {
  readonly kind: 'add' | 'remove' | 'replace'
  /** null: the operation has no path. Then the value is an object whose names are paths. */
  readonly target: Target | null
  readonly value: unknown
}

export const MAX_OPERATIONS = 1000

/**
 * An empty list is accepted, because Microsoft's validator sends one. An operation on an unknown
 * attribute is skipped, so that a deactivation in the same message still happens. If all operations
 * are on unknown attributes, the message is refused.
 */
export function readOperations(
  type: ResourceType,
  body: unknown,
): Result<readonly Operation[], ScimError> {
  if (!isRecord(body)) return refuse('invalidSyntax', 'A PATCH must be a JSON object.')
  const schemas = field(body, 'schemas')
  const isOther = (Array.isArray(schemas) ? schemas : []).some(
    (schema) =>
      typeof schema === 'string' &&
      schema.startsWith(MESSAGE_URN) &&
      !sameName(schema, `${MESSAGE_URN}2.0:PatchOp`),
  )
  if (isOther) return refuse('invalidSyntax', 'The schemas belong to another kind of message.')
  const list = field(body, 'Operations')
  if (!Array.isArray(list)) {
    return refuse('invalidSyntax', 'A PATCH must have a list named Operations (SCIM 2.0).')
  }
  if (list.length > MAX_OPERATIONS) {
    return refuse('tooMany', `There are more than ${MAX_OPERATIONS} Operations.`)
  }
  const operations: Operation[] = []
  let unknown = 0
  for (const each of list) {
    const operation = readOperation(type, each)
    if (!operation.ok) return operation
    const { kind, target, value } = operation.value
    if (target === null || isTarget(target)) operations.push({ kind, target, value })
    else if (target.kind === 'unknown') unknown++
  }
  return unknown > 0 && unknown === list.length
    ? refuse('invalidPath', 'The path does not name an attribute of the schema.')
    : ok(operations)
}

function readOperation(
  type: ResourceType,
  input: unknown,
): Result<Omit<Operation, 'target'> & { readonly target: Place | null }, ScimError> {
  if (!isRecord(input)) return refuse('invalidSyntax', 'An operation must be an object.')
  const op = field(input, 'op')
  const kind = typeof op === 'string' ? op.toLowerCase() : ''
  if (kind !== 'add' && kind !== 'remove' && kind !== 'replace') {
    return refuse('invalidSyntax', 'The op of an operation must be add, remove or replace.')
  }
  const path = field(input, 'path') ?? null
  if (path !== null && typeof path !== 'string') {
    return refuse('invalidPath', 'A path must be a string.')
  }
  const value = field(input, 'value')
  if (value === undefined && kind !== 'remove') {
    return refuse('invalidSyntax', `The operation ${kind} must have a value.`)
  }
  if (path !== null && path.trim() !== '') {
    const target = parsePath(type, path)
    return target.ok ? ok({ kind, target: target.value, value }) : target
  }
  return kind === 'remove'
    ? refuse('noTarget', 'The operation remove must have a path.')
    : ok({ kind, target: null, value })
}

const field = (record: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.entries(record).find(([key]) => sameName(key, name))?.[1]
