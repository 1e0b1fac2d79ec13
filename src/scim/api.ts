/** The SCIM endpoints of one connection over HTTP, after authentication. */
import { parseBody, readBody } from './body.ts'
import { readBulk, runBulk, toOutcome, type BulkOperation, type Outcome } from './bulk.ts'
import { answer, type Answered, type ScimContext } from './context.ts'
import { refuseWith, type ScimError } from './error.ts'
import { BULK_BYTES } from './limits.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { only, serve, type ScimRequest } from './serve.ts'
import { tell } from './tell.ts'

export interface Asking {
  readonly context: ScimContext
  /** The path after `…/v2`, with single slashes and no trailing one. */
  readonly path: string
  readonly refused: (error: ScimError) => void
}

export async function answerApi(request: Request, asking: Asking): Promise<Response> {
  const asked: ScimRequest = {
    // RFC 9110 §9.3.2: HEAD is answered like GET. The app removes the body of the response.
    method: request.method === 'HEAD' ? 'GET' : request.method,
    path: asking.path,
    query: new URL(request.url).searchParams,
    ifMatch: request.headers.get('If-Match'),
    readBody: (maxBytes) => readBody(request, maxBytes),
  }
  const answered = await (asked.path === '/Bulk'
    ? bulk(asked, asking)
    : serve(asking.context, asked))
  const known = asked.method === 'GET' ? request.headers.get('If-None-Match') : null
  return tell(request, known === null ? answered : unlessKnown(known, answered), asking.refused)
}

function unlessKnown(known: string, answered: Answered): Answered {
  const etag = answered.ok ? answered.value.headers['ETag'] : undefined
  return etag !== undefined && isKnown(known, etag) ? answer(304, null, { ETag: etag }) : answered
}

/** Weak comparison: `"1"` equals `W/"1"` (RFC 9110 §13.1.2). */
const isKnown = (known: string, etag: string): boolean => {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
  return known.trim() === '*' || known.split(',').some((each) => opaque(each) === opaque(etag))
}

async function bulk({ method, readBody: read }: ScimRequest, asking: Asking): Promise<Answered> {
  if (method !== 'POST') return only('POST')
  const body = await read(BULK_BYTES)
  if (!body.ok) return body
  const request = readBulk(body.value)
  if (!request.ok) return request
  const Operations = await runBulk(request.value, asking.context.base, unlessDown(asking))
  return answer(200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
    Operations,
  })
}

const BULK_METHODS: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE']

/**
 * The database may fail in the middle. What was done is told then, and the rest is not tried: the
 * client would wait for each.
 */
function unlessDown(asking: Asking): (operation: BulkOperation) => Promise<Outcome> {
  let isAnyDone = false
  let isDown = false
  return async (operation) => {
    try {
      const outcome = isDown ? toOutcome(notTried) : await runAlone(operation, asking)
      isAnyDone = true
      return outcome
    } catch (error) {
      if (!isAnyDone || !(error instanceof StoreUnavailable)) throw error
      isDown = true
      asking.refused(notTried.error)
      return toOutcome(notTried)
    }
  }
}

const notTried = refuseWith(
  503,
  'The database failed during this batch. It is not known whether the first operation with this answer was done; those after it were not. Send them again.',
)

/** Answers the operation as if it had been sent in a request of its own. */
async function runAlone(
  { method, path, version, data }: BulkOperation,
  { context, refused }: Asking,
): Promise<Outcome> {
  const isAllowed = BULK_METHODS.includes(method) && !/^\/+Bulk/i.test(path)
  const answered = isAllowed
    ? await serve(context, {
        method,
        path,
        query: new URLSearchParams(),
        ifMatch: version,
        readBody: async (maxBytes) => parseBody(JSON.stringify(data ?? null), maxBytes),
      })
    : refuseWith(400, 'No operation of a bulk request.')
  if (!answered.ok) refused(answered.error)
  return toOutcome(answered)
}
