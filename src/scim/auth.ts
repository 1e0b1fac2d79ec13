/**
 * Authenticates a SCIM request by its bearer token (RFC 7644 §2). A token belongs to one
 * connection.
 */
import { findToken, touchToken, type StoredToken } from '../directory/token-store.ts'
import { clientOf, type Authenticate, type BearerMoment } from '../lib/bearer.ts'
import type { Failures } from '../lib/failures.ts'
import type { Instant } from '../lib/instant.ts'
import type { Result } from '../lib/result.ts'
import { refuseWith, type ScimError } from './error.ts'
import { hashScimToken, parseScimToken } from './token.ts'

export interface AuthDeps {
  readonly db: D1Database
  readonly bearer: Authenticate
}

export async function authenticate(
  request: Request,
  connection: string,
  moment: BearerMoment,
  { db, bearer }: AuthDeps,
): Promise<Result<StoredToken, ScimError>> {
  const token = await bearer(request, moment, {
    hashOf: (text) => {
      const secret = parseScimToken(text)
      return secret && hashScimToken(secret)
    },
    find: (hash, now) => findToken(db, connection, hash, now),
    touch: ({ id }, now) => touchToken(db, id, now),
  })
  if (token.ok) return token
  return token.error.reason === 'too-many-failures'
    ? refuseWith(429, 'Too many requests without a valid token. Try again later.', {
        'Retry-After': String(token.error.waitSeconds),
      })
    : refuseWith(401, 'A valid bearer token of this connection is required.', {
        'WWW-Authenticate': 'Bearer realm="SCIM"',
      })
}

/** Requests per client and minute. */
export const READS_ALLOWED = 60

/** Rate-limits requests that need no token. null: allowed. */
export function limitReader(request: Request, readers: Failures, now: Instant): ScimError | null {
  const client = clientOf(request)
  const wait = readers.waitSeconds(client, now)
  readers.note(client, now)
  return wait === 0
    ? null
    : refuseWith(429, 'Too many requests without a token. Try again later.', {
        'Retry-After': String(wait),
      }).error
}
