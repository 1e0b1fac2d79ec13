import type { Watch } from './watch.ts'

/**
 * A body whose stated length is at most this is handed to the runtime and not watched, so an
 * ordinary page costs nothing. If the session ends meanwhile, the visitor still gets at most this
 * many bytes.
 */
const UNWATCHED_BYTES = 256 * 1024

/** Types of endless bodies: events, lines of JSON, the pictures of a camera. */
const streams =
  /^\s*(text\/event-stream|application\/((x-)?ndjson|jsonl|json-seq|stream\+json)|multipart\/x-mixed-replace)\s*(;|$)/i

export const isEventStream = (headers: Headers): boolean =>
  streams.test(headers.get('Content-Type') ?? '')

/** Null: no length is stated, so the body ends where the origin ends it (RFC 9112 §6.3). */
export function statedLength(headers: Headers): number | null {
  const text = headers.get('Content-Length')
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}

/**
 * Whether the body may end by itself, unwatched: it is short, or the site lets downloads finish.
 */
export function mayEndByItself(headers: Headers, downloads: 'watch' | 'finish'): boolean {
  const length = statedLength(headers)
  return length !== null && (length <= UNWATCHED_BYTES || downloads === 'finish')
}

/**
 * The same body, unbuffered, until the visitor's session ends or access is lost. A stream of events
 * is then closed: the page connects again, and is told to sign in. Any other body is broken off
 * with an error, so that nobody takes a part for the whole. The runtime moves the bytes, not
 * JavaScript.
 */
export function watchedBody(body: ReadableStream, headers: Headers, watch: Watch): ReadableStream {
  const length = statedLength(headers)
  const { readable, writable } =
    length === null ? new IdentityTransformStream() : new FixedLengthStream(length)
  const over = new AbortController()
  watch.whileOpen(() => over.abort(new Error('the session is over')))
  const endsWhole = isEventStream(headers)
  void body
    .pipeTo(writable, { signal: over.signal, preventAbort: true })
    .then(watch.stop, (fault: unknown) => {
      watch.stop()
      const ended = endsWhole && over.signal.aborted ? writable.close() : writable.abort(fault)
      // The visitor has gone, so nobody needs this error.
      return ended.catch(() => undefined)
    })
  return readable
}
