/** The message of a PATCH: its operations. */
import { isRecord } from '../lib/json.ts'
import { ok, type Result } from '../lib/result.ts'
import { sameName } from './attribute.ts'
import { MESSAGE_URN } from './document.ts'
import { refuse, type ScimError } from './error.ts'

export interface Operation {
  readonly kind: 'add' | 'remove' | 'replace'
  readonly path: string | null
  readonly value: unknown
}

export const MAX_OPERATIONS = 1000

/** None is no fault: Microsoft's validator sends an empty list. */
export function readOperations(body: unknown): Result<readonly Operation[], ScimError> {
  if (!isRecord(body)) return refuse('invalidSyntax', 'A PATCH is a JSON object.')
  const schemas = field(body, 'schemas')
  const isOther = (Array.isArray(schemas) ? schemas : []).some(
    (schema) =>
      typeof schema === 'string' &&
      schema.startsWith(MESSAGE_URN) &&
      !sameName(schema, `${MESSAGE_URN}2.0:PatchOp`),
  )
  if (isOther) return refuse('invalidSyntax', 'The schemas are of another message.')
  const list = field(body, 'Operations')
  if (!Array.isArray(list)) {
    return refuse('invalidSyntax', 'A PATCH of SCIM 2.0 has a list of Operations.')
  }
  if (list.length > MAX_OPERATIONS) {
    return refuse('tooMany', `There are more than ${MAX_OPERATIONS} Operations.`)
  }
  const operations: Operation[] = []
  for (const each of list) {
    const operation = readOperation(each)
    if (!operation.ok) return operation
    operations.push(operation.value)
  }
  return ok(operations)
}

function readOperation(input: unknown): Result<Operation, ScimError> {
  if (!isRecord(input)) return refuse('invalidSyntax', 'An operation is an object.')
  const op = field(input, 'op')
  const kind = typeof op === 'string' ? op.toLowerCase() : ''
  if (kind !== 'add' && kind !== 'remove' && kind !== 'replace') {
    return refuse('invalidSyntax', 'The op of an operation is add, remove or replace.')
  }
  const path = field(input, 'path') ?? null
  if (path !== null && typeof path !== 'string') {
    return refuse('invalidPath', 'A path is a string.')
  }
  const value = field(input, 'value')
  if (value === undefined && kind !== 'remove') {
    return refuse('invalidSyntax', `An operation of ${kind} has a value.`)
  }
  return ok({ kind, path: path === null || path.trim() === '' ? null : path, value })
}

const field = (record: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.entries(record).find(([key]) => sameName(key, name))?.[1]
