import type { Watch } from './standing.ts'

/** What goes on for as long as somebody listens: events, lines of JSON, the pictures of a camera. */
const streams =
  /^\s*(text\/event-stream|application\/((x-)?ndjson|jsonl|json-seq|stream\+json)|multipart\/x-mixed-replace)\s*(;|$)/i

export const isEventStream = (headers: Headers): boolean =>
  streams.test(headers.get('Content-Type') ?? '')

/**
 * The same stream, unbuffered, which ends where the visitor's standing does. Ended rather than broken
 * off: a page then asks again, and is told that it must sign in. Not by `pipeTo` and its signal, which
 * workerd heeds only when the next event comes.
 */
export function cutWhenOver(
  body: ReadableStream,
  watch: Watch,
  waitUntil: (work: Promise<unknown>) => void,
): ReadableStream {
  const reader = body.getReader()
  let isOver = false
  let stop = (): void => undefined

  return new ReadableStream(
    {
      start(controller) {
        stop = watch(() => {
          isOver = true
          controller.close()
          waitUntil(reader.cancel().catch(() => undefined))
        })
      },
      async pull(controller) {
        const read = await reader.read().catch((fault: unknown) => ({ fault }))
        if (isOver) return
        if ('fault' in read || read.done) stop()
        if ('fault' in read) controller.error(read.fault)
        else if (read.done) controller.close()
        else controller.enqueue(read.value)
      },
      cancel(reason) {
        stop()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
