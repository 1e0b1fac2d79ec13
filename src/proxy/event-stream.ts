import type { Watch } from './standing.ts'

export const isEventStream = (headers: Headers): boolean =>
  /^text\/event-stream\b/i.test(headers.get('Content-Type') ?? '')

/** The same stream, unbuffered, which ends where the visitor's standing does. */
export function cutWhenOver(
  body: ReadableStream,
  watch: Watch,
  waitUntil: (work: Promise<unknown>) => void,
): ReadableStream {
  const { readable, writable } = new IdentityTransformStream()
  const over = new AbortController()
  const stop = watch(() => over.abort())
  const piped = body
    .pipeTo(writable, { signal: over.signal, preventAbort: true })
    // Ended rather than broken off: a page then asks again, and is told that it must sign in.
    .catch(() => writable.close())
    .catch(() => undefined)
    .finally(stop)
  waitUntil(piped)
  return readable
}
