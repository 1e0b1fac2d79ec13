/**
 * Authenticates a SCIM request by its bearer token (RFC 7644 §2). A token belongs to one
 * connection.
 */
import { findToken, touchToken, type StoredToken } from '../directory/token-store.ts'
import type { Authenticate, BearerMoment } from '../lib/bearer.ts'
import type { Instant } from '../lib/instant.ts'
import { LIMIT_SECONDS, type Limits } from '../lib/limits.ts'
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
  return token.error === 'too-many-failures'
    ? refuseWith(429, 'Too many requests without a valid token. Try again later.', retryAfter)
    : refuseWith(401, 'A valid bearer token of this connection is required.', {
        'WWW-Authenticate': 'Bearer realm="SCIM"',
      })
}

/** Limits requests that need no token. null: allowed. */
export const limitReader = async (
  request: Request,
  limits: Limits,
  now: Instant,
): Promise<ScimError | null> =>
  (await limits('scim', request, now))
    ? refuseWith(429, 'Too many requests without a token. Try again later.', retryAfter).error
    : null

const retryAfter = { 'Retry-After': String(LIMIT_SECONDS) }
