/** Answers of our own, where no site is asked. They load when the first is needed. */
import type { Code } from './answers.ts'
import type { Audit } from './audit/event.ts'
import { note } from './audit/fault.ts'
import { ownHeaders, retrySoon } from './lib/own-headers.ts'
import type { Reader } from './lib/page.ts'
import { onDemand, PartUnavailable } from './lib/part.ts'
import { StoreUnavailable } from './lib/store-error.ts'

const findAnswers = onDemand('answers', () => import('./answers.ts'))

/** The answer for this code, as a page or in the format of the program that asked. */
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
  const isTemporary = error instanceof StoreUnavailable || error instanceof PartUnavailable
  try {
    return await answerWith(
      isTemporary ? 'temporarily-unavailable' : 'internal-error',
      request,
      reader,
    )
  } catch (again) {
    note(again, reader.requestId, audit)
    return inPlainText(reader)
  }
}

/** For when `answers.ts` does not load. It says 503 whatever the first error was. The log has both errors. */
const inPlainText = ({ requestId }: Reader): Response =>
  new Response(
    `Temporarily unavailable. Try again in a few seconds.\nRequest number ${requestId}\n`,
    { status: 503, headers: { ...ownHeaders, ...retrySoon, 'Content-Type': 'text/plain' } },
  )
