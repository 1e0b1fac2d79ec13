/** A transmitter pushes a Security Event Token (RFC 8935). */
import type { Audit } from '../audit/event.ts'
import { hashText, sameBytes, utf8 } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { mediaTypeOf, readText } from '../lib/body.ts'
import { empty, CHALLENGE, refuseSet } from './answer.ts'
import { findStream, ASK_SECONDS } from './store.ts'
import type { Stream } from './stream.ts'
import {
  errorOf,
  MOST_SET_BYTES,
  readSetHeader,
  refusedEvent,
  takeSet,
  type TakeDeps,
} from './take.ts'

export interface Push {
  /** The last part of the URL. */
  readonly stream: string
  readonly now: Instant
  readonly audit: Audit
}

export async function receive(
  request: Request,
  { stream: id, now, audit }: Push,
  deps: TakeDeps,
): Promise<Response | null> {
  if (mediaTypeOf(request) !== 'application/secevent+jwt') {
    return refuseSet(400, ['invalid_request', 'Send Content-Type: application/secevent+jwt.'])
  }
  const text = await readText(request, MOST_SET_BYTES)
  if (!text.ok) {
    return refuseSet(text.error === 'too-large' ? 413 : 400, [
      'invalid_request',
      `The body is cut off, is no text, or has more than ${MOST_SET_BYTES / 1024} KB.`,
    ])
  }
  // Nothing is looked up for what cannot be a token.
  const token = readSetHeader(text.value)
  if (!token.ok) return refuseSet(400, errorOf[token.error])
  const stream = await findStream(deps.db, id)
  if (stream?.delivery !== 'push') return null
  if (!(await isAuthorized(request, stream))) {
    audit(refusedEvent(stream, 'authorization'))
    return refuseSet(
      401,
      ['authentication_failed', 'The Authorization header is not the one of this stream.'],
      CHALLENGE,
    )
  }
  const taken = await takeSet(token.value, stream, { now }, deps)
  if (!taken.ok) {
    audit(refusedEvent(stream, taken.error))
    const isLater = taken.error === 'keys-later'
    return refuseSet(
      isLater ? 503 : 400,
      errorOf[taken.error],
      isLater ? { 'Retry-After': String(ASK_SECONDS) } : {},
    )
  }
  for (const event of taken.value) audit(event)
  return empty(202)
}

/** Shared Signals §8.1.1: the header that we asked the transmitter for. */
async function isAuthorized({ headers }: Request, { authorizationHash }: Stream): Promise<boolean> {
  if (authorizationHash === null) return true
  const given = await hashText(headers.get('Authorization') ?? '')
  return sameBytes(utf8(given), utf8(authorizationHash))
}
