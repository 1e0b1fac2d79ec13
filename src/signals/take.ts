/** Takes one Security Event Token, however it came: verifies it, reads it, and obeys it once. */
import type { AuditEvent } from '../audit/event.ts'
import { findConnection } from '../connection/store.ts'
import type { Instant } from '../lib/instant.ts'
import { err, type Result } from '../lib/result.ts'
import { obeyToken, type Done, type ObeyDeps } from './obey.ts'
import type { Choose } from './refresh.ts'
import { parseSet, SET_TYPE, type SetFault } from './set.ts'
import type { Stream } from './stream.ts'
import { readHeader, verifyToken, type TokenFault, type Unverified } from './token.ts'

export type TakeFault = TokenFault | SetFault | 'invalid-state' | 'keys-later' | 'no-connection'

export interface TakeDeps extends ObeyDeps {
  readonly choose: Choose
}

/** 64 KB, as a body or in the answer to a poll. */
export const MOST_SET_BYTES = 64 * 1024

export const readSetHeader = (text: string): Result<Unverified, TokenFault> =>
  readHeader(text.trim(), SET_TYPE)

export async function takeSet(
  token: Unverified,
  stream: Stream,
  { now }: { readonly now: Instant },
  deps: TakeDeps,
): Promise<Result<Done, TakeFault>> {
  const keys = await deps.choose(stream, token, now)
  if (keys === 'later') return err('keys-later')
  const claims = await verifyToken(token, keys)
  if (!claims.ok) return claims
  const { issuer, audience } = stream
  const set = parseSet(claims.value, { issuer, audience, now })
  if (!set.ok) return set
  const connection = await findConnection(deps.db, stream.connection)
  // unreachable: a stream goes with its connection
  if (!connection) return err('no-connection')
  return obeyToken(set.value, { stream, connection, now }, deps)
}

/** RFC 8935 §2.4 and Shared Signals §8.1.4, for push and poll. */
export const errorOf: Readonly<Record<TakeFault, readonly [err: string, description: string]>> = {
  malformed: ['invalid_request', 'The body is no signed token in compact form.'],
  type: ['invalid_request', `The token has no header typ "${SET_TYPE}".`],
  algorithm: ['invalid_key', 'The token is not signed by RSA, ECDSA or Ed25519.'],
  'unknown-key': [
    'invalid_key',
    'The token is signed by a key that the transmitter does not publish.',
  ],
  signature: ['invalid_key', 'The signature of the token does not hold.'],
  issuer: ['invalid_issuer', 'The token is of another issuer than this stream.'],
  audience: ['invalid_audience', 'The token is for another audience than this stream.'],
  'no-identity': ['invalid_request', 'The token has no jti or no iat, or a time in it is none.'],
  expired: ['invalid_request', 'The token has expired.'],
  'not-yet': ['invalid_request', 'The token is from the future.'],
  'no-event': ['invalid_request', 'The token has no events, or one of them is no JSON object.'],
  'no-subject': ['invalid_request', 'The token has no subject that can be read (RFC 9493).'],
  'too-many-events': ['invalid_request', 'The token has more than 10 events.'],
  'invalid-state': ['invalid_state', 'The state is not the one that was asked for.'],
  'keys-later': ['invalid_key', 'The keys of the transmitter cannot be read now.'],
  'no-connection': ['access_denied', 'The stream is no longer in use.'],
}

/** What the audit keeps of a token that was refused. */
export const refusedEvent = (
  { id, connection }: Pick<Stream, 'id' | 'connection'>,
  fault: string,
): AuditEvent => ({ kind: 'signal-refused', connection, stream: id, reason: fault })
