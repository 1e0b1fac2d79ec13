/** Several operations in one request (RFC 7644 §3.7). Each has its own outcome. */
import { isRecord } from '../lib/json.ts'
import { ok, type Result } from '../lib/result.ts'
import { sameName } from './attribute.ts'
import type { Answered } from './context.ts'
import { isOtherMessage } from './document.ts'
import { refuse, refuseWith, toErrorBody, type ScimError } from './error.ts'
import { BULK_OPERATIONS } from './limits.ts'

export interface BulkRequest {
  readonly failOnErrors: number | null
  readonly operations: readonly BulkOperation[]
}

export interface BulkOperation {
  readonly method: string
  readonly path: string
  readonly bulkId: string | null
  readonly version: string | null
  readonly data: unknown
}

/** The result of one operation, as if it had been sent in a request of its own. */
export interface Outcome {
  readonly status: number
  readonly location: string | null
  readonly etag: string | null
  /** The id of the created resource; null: none was created. */
  readonly id: string | null
  /** The error body; null: the operation succeeded. */
  readonly error: unknown
}

export function toOutcome(answered: Answered): Outcome {
  if (!answered.ok) {
    const { error } = answered
    return {
      status: error.status,
      location: null,
      etag: null,
      id: null,
      error: toErrorBody(error),
    }
  }
  const { status, body, headers } = answered.value
  const id = isRecord(body) ? body['id'] : null
  return {
    status,
    location: headers['Location'] ?? null,
    etag: headers['ETag'] ?? null,
    id: status === 201 && typeof id === 'string' ? id : null,
    error: null,
  }
}

const BULK_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'

export function readBulk(body: unknown): Result<BulkRequest, ScimError> {
  if (!isRecord(body)) return refuse('invalidSyntax', 'A bulk request must be a JSON object.')
  const schemas = body['schemas']
  const isBulk = Array.isArray(schemas) && schemas.includes(BULK_SCHEMA)
  if (!isBulk && isOtherMessage(body)) {
    return refuse('invalidSyntax', 'The schemas name another kind of message.')
  }
  const list = field(body, 'Operations')
  if (!Array.isArray(list))
    return refuse('invalidSyntax', 'A bulk request must have a list of Operations.')
  if (list.length > BULK_OPERATIONS) {
    return refuseWith(413, `A bulk request may have at most ${BULK_OPERATIONS} operations.`)
  }
  const failOnErrors = field(body, 'failOnErrors') ?? null
  if (failOnErrors !== null && typeof failOnErrors !== 'number') {
    return refuse('invalidValue', 'failOnErrors must be a number.')
  }
  const operations: BulkOperation[] = []
  for (const each of list) {
    const operation = isRecord(each) ? readOperation(each) : null
    if (!operation) return refuse('invalidSyntax', 'Each operation must have a method and a path.')
    operations.push(operation)
  }
  return ok({ failOnErrors, operations })
}

/**
 * Runs the operations in order. An operation that refers to the resource of a later one
 * (`bulkId:…`) waits for that one (RFC 7644 §3.7.2). Operations that wait for each other fail.
 */
export async function runBulk(
  { operations, failOnErrors }: BulkRequest,
  base: string,
  run: (operation: BulkOperation) => Promise<Outcome>,
): Promise<readonly object[]> {
  const ids = new Map<string, string>()
  const results: object[] = []
  let waiting = operations
  let errors = 0
  while (waiting.length > 0) {
    const later: BulkOperation[] = []
    for (const operation of waiting) {
      if (failOnErrors !== null && failOnErrors > 0 && errors >= failOnErrors) return results
      const resolved = resolve(operation, ids)
      if (!resolved) {
        later.push(operation)
        continue
      }
      const outcome = await run(resolved)
      if (outcome.id !== null && operation.bulkId !== null) ids.set(operation.bulkId, outcome.id)
      if (outcome.error !== null) errors++
      results.push(toResult(operation, outcome, base, resolved.path))
    }
    if (later.length === waiting.length) return [...results, ...later.map(unresolved)]
    waiting = later
  }
  return results
}

function readOperation(input: Readonly<Record<string, unknown>>): BulkOperation | null {
  const method = field(input, 'method')
  const path = field(input, 'path')
  const bulkId = field(input, 'bulkId') ?? null
  const version = field(input, 'version') ?? null
  if (typeof method !== 'string' || typeof path !== 'string') return null
  if (bulkId !== null && typeof bulkId !== 'string') return null
  if (version !== null && typeof version !== 'string') return null
  return {
    method: method.toUpperCase(),
    path: path.startsWith('/') ? path : `/${path}`,
    bulkId,
    version,
    data: field(input, 'data'),
  }
}

const REFERENCE = /^bulkId:(.+)$/s

/** Replaces `bulkId:…` by ids; null: a resource that it refers to does not exist yet. */
function resolve(operation: BulkOperation, ids: ReadonlyMap<string, string>): BulkOperation | null {
  let isWhole = true
  const idOf = (text: string): string => {
    const [, bulkId] = REFERENCE.exec(text) ?? []
    if (bulkId === undefined) return text
    const id = ids.get(bulkId)
    isWhole &&= id !== undefined
    return id ?? text
  }
  const visit = (value: unknown): unknown => {
    if (typeof value === 'string') return idOf(value)
    if (Array.isArray(value)) return value.map(visit)
    if (!isRecord(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, visit(each)]))
  }
  const path = operation.path.split('/').map(idOf).join('/')
  const data = visit(operation.data)
  return isWhole ? { ...operation, path, data } : null
}

const toResult = (
  { method, bulkId }: BulkOperation,
  { status, location, etag, error }: Outcome,
  base: string,
  path: string,
): object => ({
  ...((location ?? method !== 'POST') ? { location: location ?? base + path } : {}),
  method,
  ...(bulkId === null ? {} : { bulkId }),
  ...(etag === null ? {} : { version: etag }),
  status: String(status),
  ...(error === null ? {} : { response: error }),
})

const unresolved = ({ method, bulkId }: BulkOperation): object => ({
  method,
  ...(bulkId === null ? {} : { bulkId }),
  status: '409',
  response: toErrorBody(
    refuseWith(409, 'The operation refers to a bulkId that no operation created.').error,
  ),
})

const field = (record: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.entries(record).find(([key]) => sameName(key, name))?.[1]
