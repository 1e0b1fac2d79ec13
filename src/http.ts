/** Answers of our own, where no site is asked. What says them loads when the first is needed. */
import type { Code } from './answers.ts'
import type { Audit } from './audit/event.ts'
import { note } from './audit/fault.ts'
import { ownHeaders, retrySoon } from './lib/own-headers.ts'
import type { Reader } from './lib/page.ts'
import { onDemand, PartUnavailable } from './lib/part.ts'
import { StoreUnavailable } from './lib/store-error.ts'

const findAnswers = onDemand('answers', () => import('./answers.ts'))

export const answerWith = async (code: Code, request: Request, reader: Reader): Promise<Response> =>
  (await findAnswers()).answerWith(code, request, reader)

/**
 * Answers an error that no step expected. Access is refused, and the visitor gets a request number
 * to quote.
 */
export async function lastResort(
  error: unknown,
  request: Request,
  reader: Reader,
  audit: Audit,
): Promise<Response> {
  note(error, reader.requestId, audit)
  const mayPass = error instanceof StoreUnavailable || error instanceof PartUnavailable
  try {
    return await answerWith(mayPass ? 'temporarily-unavailable' : 'internal-error', request, reader)
  } catch (again) {
    note(again, reader.requestId, audit)
    return inPlainText(reader)
  }
}

/** Where even the answers do not load. */
const inPlainText = ({ requestId }: Reader): Response =>
  new Response(
    `Temporarily unavailable. Try again in a few seconds.\nRequest number ${requestId}\n`,
    { status: 503, headers: { ...ownHeaders, ...retrySoon, 'Content-Type': 'text/plain' } },
  )
