/** Operations through the JSON API of the login host. */
import type { Given } from '../../src/admin/field.ts'
import type { Answer, Operation, Refusal } from '../../src/admin/operation.ts'
import { ANSWER_TYPE, toEntityTag } from '../../src/api/headers.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import type { Failure } from '../command.ts'
import type { ApiChoice } from './choice.ts'
import { parseAnswer, parseProblem, refusalOf } from './reply.ts'
import { toApiRequest } from './request.ts'
import { send, type Waiting } from './send.ts'
import { explainReply, explainSendFault, explainUnread } from './words.ts'

export interface Asked {
  readonly operation: Operation
  readonly given: Given
  /** null: whatever the version is. */
  readonly ifVersion: string | null
}

export interface Api {
  /** `https://login.example.com` */
  readonly loginHost: string
  /** What the operation answers, as it would here; or why it could not be asked. */
  readonly ask: (asked: Asked) => Promise<Result<Result<Answer, Refusal>, Failure>>
}

export interface ApiDeps extends Waiting {
  /** For the Idempotency-Key: a change that is sent again is made once. */
  readonly newId: () => string
}

export function createApi({ loginHost, token }: ApiChoice, { newId, ...waiting }: ApiDeps): Api {
  const ask: Api['ask'] = async ({ operation, given, ifVersion }) => {
    const request = toApiRequest(operation, given)
    if (!request.ok) return request
    const { method, path, body } = request.value
    const key = operation.changes ? newId() : null
    const sendWith = (idempotencyKey: string | null) =>
      send(
        {
          url: loginHost + path,
          init: {
            method,
            body,
            headers: {
              Authorization: `Bearer ${token}`,
              Accept: ANSWER_TYPE,
              ...(body === null ? {} : { 'Content-Type': 'application/json' }),
              ...(ifVersion === null ? {} : { 'If-Match': toEntityTag(ifVersion) }),
              ...(idempotencyKey === null ? {} : { 'Idempotency-Key': `"${idempotencyKey}"` }),
            },
          },
          isRepeatable: !operation.changes || idempotencyKey !== null,
        },
        waiting,
      )
    const place = { loginHost, operation }
    let reply = await sendWith(key)
    if (!reply.ok) return explainSendFault(reply.error, place)
    let problem = parseProblem(reply.value)
    // A token has a number of keys a day. Without a key the change is sent once only.
    if (problem?.reason === 'too-many-idempotency-keys') {
      reply = await sendWith(null)
      if (!reply.ok) return explainSendFault(reply.error, place)
      problem = parseProblem(reply.value)
    }
    const isDone = reply.value.status === 200 || reply.value.status === 201
    const isAnswer = reply.value.headers.get('Content-Type')?.startsWith(ANSWER_TYPE) ?? false
    if (isDone && isAnswer) {
      const answer = parseAnswer(reply.value)
      return answer ? ok(ok(answer)) : explainUnread(place)
    }
    const refusal = problem && refusalOf(problem)
    return refusal ? ok(err(refusal)) : explainReply(reply.value, problem, place)
  }
  return { loginHost, ask }
}
