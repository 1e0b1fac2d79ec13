/** The Worker as a program asks it. */
import type { Gatehouse } from '../../src/app.ts'

/** Work that goes on after the answer is waited for: it would write into the stores of the next test. */
export async function fetchSettled(
  worker: Gatehouse,
  request: Request,
  bindings: unknown,
): Promise<Response> {
  const waiting: Promise<unknown>[] = []
  const response = await worker.fetch(request, bindings, {
    waitUntil: (work) => void waiting.push(work),
    abort: () => undefined,
  })
  // Some of it leaves more.
  while (waiting.length > 0) await Promise.all(waiting.splice(0))
  return response
}

// oxlint-disable-next-line typescript/no-explicit-any -- JSON of any shape, looked into by tests
export type Json = any

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** null: no body. */
  readonly body: Json
}

export async function readReply(response: Response): Promise<Reply> {
  const { status, headers } = response
  const text = await response.text()
  return { status, headers, text, body: text === '' ? null : JSON.parse(text) }
}
