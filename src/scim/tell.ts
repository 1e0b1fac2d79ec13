/** Turns a result into a response. */
import { utf8 } from '../lib/bytes.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import type { Answer, Answered } from './context.ts'
import { errorResponse, mediaTypeFor, refuseWith, type ScimError } from './error.ts'

/** @param refused is called with every refusal, for the log. */
export function tell(
  request: Request,
  answered: Answered,
  refused: (error: ScimError) => void,
): Response {
  if (!answered.ok) {
    refused(answered.error)
    return errorResponse(request, answered.error)
  }
  const { status, headers } = answered.value
  const body = toBody(answered.value, refused)
  const type = body === null ? {} : { 'Content-Type': mediaTypeFor(request.headers.get('Accept')) }
  return new Response(body, { status, headers: { ...ownHeaders, ...type, ...headers } })
}

function toBody(
  { body, more }: Answer,
  refused: (error: ScimError) => void,
): string | ReadableStream<Uint8Array> | null {
  if (body === null) return null
  const text = JSON.stringify(body)
  return more ? toStream(toChunks(text, more, refused)) : text
}

/**
 * Writes the list in parts, so that the isolate holds only one of them. If the database fails, the
 * transfer is aborted, and the client sees an incomplete response.
 */
async function* toChunks(
  list: string,
  more: AsyncIterable<readonly object[]>,
  refused: (error: ScimError) => void,
): AsyncGenerator<Uint8Array> {
  yield utf8(list.slice(0, -']}'.length))
  try {
    for await (const resources of more) yield utf8(`,${JSON.stringify(resources).slice(1, -1)}`)
  } catch (error) {
    if (error instanceof StoreUnavailable) {
      refused(refuseWith(503, `The database failed while a list was sent: ${error.during}.`).error)
    }
    throw error
  }
  yield utf8(']}')
}

const toStream = (chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await chunks.return(undefined)
    },
  })
