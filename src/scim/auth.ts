/**
 * Authenticates a SCIM request by its bearer token (RFC 7644 §2). A token belongs to one
 * connection.
 */
import { findToken, touchToken, type StoredToken } from '../directory/token-store.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import type { Lru } from '../lib/lru.ts'
import { ok, type Result } from '../lib/result.ts'
import { refuseWith, type ScimError } from './error.ts'
import type { Failures } from './failures.ts'
import { hashScimToken, parseScimToken } from './token.ts'

export interface AuthDeps {
  readonly db: D1Database
  readonly failures: Failures
  /**
   * Hashes of tokens that were valid recently. A client with such a token is never rate-limited,
   * even if other clients at its address fail.
   */
  readonly known: Lru<string, true>
}

const TOUCH_SECONDS = 60

/** The most hashes that `AuthDeps.known` keeps. */
export const KNOWN_KEPT = 100

/** Reads D1 on every request, so that a revoked token is refused at once. */
export async function authenticate(
  request: Request,
  connection: string,
  {
    now,
    waitUntil,
  }: { readonly now: Instant; readonly waitUntil: (work: Promise<unknown>) => void },
  deps: AuthDeps,
): Promise<Result<StoredToken, ScimError>> {
  const client = clientOf(request)
  const secret = readBearer(request.headers.get('Authorization'))
  const hash = secret && (await hashScimToken(secret))
  const wait = deps.failures.waitSeconds(client, now)
  if (wait > 0 && !(hash && deps.known.find(hash))) {
    const headers = { 'Retry-After': String(wait) }
    return refuseWith(429, 'Too many requests without a valid token. Try again later.', headers)
  }
  const token = hash && (await findToken(deps.db, connection, hash, now))
  if (!hash || !token) {
    if (hash) deps.known.remove(hash)
    deps.failures.note(client, now)
    return refuseWith(401, 'A valid bearer token of this connection is required.', {
      'WWW-Authenticate': 'Bearer realm="SCIM"',
    })
  }
  deps.known.save(hash, true)
  const isTouchDue =
    token.lastUsedAt === null || secondsBetween(token.lastUsedAt, now) >= TOUCH_SECONDS
  if (isTouchDue) waitUntil(touchToken(deps.db, token.id, now))
  return ok(token)
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

const clientOf = (request: Request): string => request.headers.get('CF-Connecting-IP') ?? 'unknown'

const readBearer = (header: string | null) => {
  const [, text = ''] = /^\s*bearer\s+(\S+)\s*$/i.exec(header ?? '') ?? []
  return parseScimToken(text)
}
