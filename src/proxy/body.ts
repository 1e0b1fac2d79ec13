import type { Watch } from './watch.ts'

/**
 * As much of a stated length is handed to the runtime and not looked at again: an ordinary page costs
 * nothing then. All that it can still show somebody whose session has ended is as many bytes.
 */
const UNWATCHED_BYTES = 256 * 1024

/** What goes on for as long as somebody listens: events, lines of JSON, the pictures of a camera. */
const streams =
  /^\s*(text\/event-stream|application\/((x-)?ndjson|jsonl|json-seq|stream\+json)|multipart\/x-mixed-replace)\s*(;|$)/i

export const isEventStream = (headers: Headers): boolean =>
  streams.test(headers.get('Content-Type') ?? '')

/** Null where the end of the body is what ends it (RFC 9112 §6.3). */
export function statedLength(headers: Headers): number | null {
  const text = headers.get('Content-Length')
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}

/** Whether the body is short enough, or allowed, to end by itself. */
export function mayEndByItself(headers: Headers, downloads: 'watch' | 'finish'): boolean {
  const length = statedLength(headers)
  return length !== null && (length <= UNWATCHED_BYTES || downloads === 'finish')
}

/**
 * The same body, unbuffered, until the visitor's standing ends. A stream of events is closed: the page
 * asks again, and is told to sign in. Anything else is broken off, so that nobody takes a part for the
 * whole. The runtime does the pumping, and not JavaScript.
 */
export function watchedBody(body: ReadableStream, headers: Headers, watch: Watch): ReadableStream {
  const length = statedLength(headers)
  const { readable, writable } =
    length === null ? new IdentityTransformStream() : new FixedLengthStream(length)
  const over = new AbortController()
  watch.onEnd(() => over.abort(new Error('the session is over')))
  const endsWhole = isEventStream(headers)
  void body
    .pipeTo(writable, { signal: over.signal, preventAbort: true })
    .then(watch.stop, (fault: unknown) => {
      watch.stop()
      const ended = endsWhole && over.signal.aborted ? writable.close() : writable.abort(fault)
      // The visitor has gone, and nobody is left to be told.
      return ended.catch(() => undefined)
    })
  return readable
}
