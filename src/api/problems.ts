/** What the API refuses, each with a reason for programs. docs/api.md explains each reason. */
import type { Fault } from '../admin/field.ts'
import type { Refusal } from '../admin/operation.ts'
import type { JsonFault } from '../lib/json.ts'
import type { JsonBodyFault } from '../lib/json-body.ts'
import { LIMIT_SECONDS } from '../lib/limits.ts'
import { err, type Err } from '../lib/result.ts'
import type { Problem } from '../lib/problem.ts'

const problem =
  (status: number, reason: string, title: string) =>
  (detail: string, parts: Pick<Problem, 'headers' | 'more'> = {}): Err<Problem> =>
    err({ status, reason, title, detail, ...parts })

const retryAfter = (seconds: number) => ({ headers: { 'Retry-After': String(seconds) } })

export const noValidToken = problem(
  401,
  'no-valid-token',
  'Not authenticated',
)('Send a valid admin token: Authorization: Bearer gatehouse_admin_…', {
  headers: { 'WWW-Authenticate': 'Bearer realm="Gatehouse API"' },
})

export const tooManyFailures = problem(
  429,
  'too-many-failures',
  'Too many requests',
)('Too many requests came without a valid token. Try again later.', retryAfter(LIMIT_SECONDS))

export const scopeMissing = (scope: string): Err<Problem> =>
  problem(
    403,
    'scope-missing',
    'Not allowed',
  )(`The token lacks the scope "${scope}".`, {
    more: { scope },
    headers: {
      'WWW-Authenticate': `Bearer realm="Gatehouse API", error="insufficient_scope", scope="${scope}"`,
    },
  })

export const noSuchPath = problem(
  404,
  'no-such-path',
  'Not found',
)('The API has nothing at this path.')

export const methodNotAllowed = (allow: string): Err<Problem> =>
  problem(
    405,
    'method-not-allowed',
    'Method not allowed',
  )(`This path takes ${allow}.`, {
    headers: { Allow: allow },
  })

export const notAcceptable = problem(
  406,
  'not-acceptable',
  'Not acceptable',
)('The API answers in application/json. The Accept header excludes that.')

const MOST_FAULTS = 20
const MOST_DETAIL = 300

/** A fault may quote what was sent, so its length is bounded. */
export function invalidInput(faults: readonly Fault[]): Err<Problem> {
  const errors = faults.slice(0, MOST_FAULTS).map(({ field, problem: says }) => ({
    field,
    detail: says.length > MOST_DETAIL ? `${says.slice(0, MOST_DETAIL).toWellFormed()}…` : says,
  }))
  const sentences = errors.map(({ field, detail }) =>
    field === null ? detail : `"${field}" ${detail}.`,
  )
  return problem(
    400,
    'invalid-input',
    'The input is not valid',
  )(sentences.join(' '), {
    more: { errors },
  })
}

/** Metadata of an identity provider has up to a million characters. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024
export const MAX_DEPTH = 4

const notJson = problem(400, 'not-json', 'The body is not valid JSON')

export function unreadBody(fault: JsonBodyFault | JsonFault): Err<Problem> {
  switch (fault) {
    case 'not-json-type':
      return problem(
        415,
        'not-json-type',
        'Unsupported media type',
      )('The body must be uncompressed application/json.')
    case 'too-large':
      return problem(
        413,
        'body-too-large',
        'The body is too large',
      )(`The body has more than ${MAX_BODY_BYTES} bytes.`)
    case 'cut-off':
      return notJson('The client disconnected before it had sent the whole body.')
    case 'not-utf8':
      return notJson('The body is not UTF-8.')
    case 'not-json':
      return notJson('The body is not JSON.')
    case 'too-deep':
      return notJson(`The body is nested more than ${MAX_DEPTH} levels deep.`)
    case 'duplicate-name':
      return notJson('An object in the body has the same name twice.')
    case 'not-unicode':
      return notJson('A text in the body is not valid Unicode.')
  }
}

const badHeader = problem(400, 'invalid-header', 'A header is not valid')

export const noVersions = badHeader(
  'What this changes has no versions. Send the request without If-Match.',
)

export const severalVersions = badHeader(
  'If-Match must have one strong entity tag, as the answer that you read had in ETag, or *.',
)

export const malformedKey = badHeader(
  'Idempotency-Key must be a text of 1 to 255 visible ASCII characters, in double quotes.',
)

export const keyForReading = badHeader(
  'Idempotency-Key is for requests that change something. This one only reads.',
)

const keyUsed = problem(422, 'idempotency-key-reused', 'The idempotency key was used before')

export const otherRequest = keyUsed(
  'The key was sent with another request. Use a new key for each request.',
)

export const underWay = problem(
  409,
  'idempotency-key-under-way',
  'The idempotency key is in use',
)('The first request with this key is still under way. Try again in a moment.', retryAfter(2))

export const answerLost = problem(
  409,
  'idempotent-answer-lost',
  'The first answer is lost',
)(
  'The request was done before, but its answer can no longer be shown. Look whether the result is there, and use a new key.',
)

export const tooManyKeys = problem(
  429,
  'too-many-idempotency-keys',
  'Too many requests',
)(
  'The token has used too many idempotency keys within a day. Try again later, or send the request without a key.',
  retryAfter(3600),
)

const statuses: Readonly<Record<Refusal['kind'], readonly [number, string]>> = {
  invalid: [400, 'The input is not valid'],
  forbidden: [403, 'Not allowed'],
  'not-found': [404, 'Not found'],
  conflict: [409, 'Not possible as things are'],
  stale: [412, 'Changed meanwhile'],
}

/** What an operation refused. @param hasWords with what the command line shows of it. */
export function refusalProblem(refusal: Refusal, hasWords: boolean): Err<Problem> {
  const { kind, reason, message, facts, see, view, faults } = refusal
  const [status, title] = statuses[kind]
  return problem(
    status,
    reason,
    title,
  )(message, {
    more: {
      facts,
      ...(see === null ? {} : { see: see.operation }),
      ...(hasWords ? { refusal: { kind, view, see, ...(faults ? { faults } : {}) } } : {}),
    },
  })
}
