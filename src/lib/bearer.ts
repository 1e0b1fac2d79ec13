/** Authenticates a client by its bearer token (RFC 6750 §2.1). Only hashes of tokens are stored. */
import { createFailures } from './failures.ts'
import { secondsBetween, type Instant } from './instant.ts'
import { createLru } from './lru.ts'
import { err, ok, type Result } from './result.ts'

/** Tokens of one kind, in the store. */
export interface BearerTokens<T> {
  /** The hash of the token that the text is; null: it is no token of this kind. */
  readonly hashOf: (text: string) => Promise<string> | null
  /** null: there is no such token, or it is no longer valid. */
  readonly find: (hash: string, now: Instant) => Promise<T | null>
  /** Notes that the token was used. */
  readonly touch: (token: T, now: Instant) => Promise<void>
}

export type BearerFault =
  /** The same for a token that is absent, unknown, expired or revoked. */
  | { readonly reason: 'no-valid-token' }
  | { readonly reason: 'too-many-failures'; readonly waitSeconds: number }

export interface BearerMoment {
  readonly now: Instant
  readonly waitUntil: (work: Promise<unknown>) => void
}

const TOUCH_SECONDS = 60
/** Of one client, within a minute. */
const FAILURES_ALLOWED = 20
const KNOWN_KEPT = 100

/** Reads the store on every request, so that a revoked token is refused at once. */
export function createBearer() {
  const failures = createFailures(FAILURES_ALLOWED)
  /**
   * Hashes of tokens that were valid recently. A client with such a token is never rate-limited,
   * even if other clients at its address fail.
   */
  const valid = createLru<string, true>(KNOWN_KEPT)

  return async <T extends { readonly lastUsedAt: Instant | null }>(
    request: Request,
    { now, waitUntil }: BearerMoment,
    tokens: BearerTokens<T>,
  ): Promise<Result<T, BearerFault>> => {
    const client = clientOf(request)
    const hash = await tokens.hashOf(readBearer(request.headers.get('Authorization')))
    const waitSeconds = failures.waitSeconds(client, now)
    if (waitSeconds > 0 && !(hash && valid.find(hash))) {
      return err({ reason: 'too-many-failures', waitSeconds })
    }
    const token = hash && (await tokens.find(hash, now))
    if (!hash || !token) {
      if (hash) valid.remove(hash)
      failures.note(client, now)
      return err({ reason: 'no-valid-token' })
    }
    valid.save(hash, true)
    const { lastUsedAt } = token
    const isTouchDue = lastUsedAt === null || secondsBetween(lastUsedAt, now) >= TOUCH_SECONDS
    if (isTouchDue) waitUntil(tokens.touch(token, now))
    return ok(token)
  }
}

export type Authenticate = ReturnType<typeof createBearer>

export const clientOf = (request: Request): string =>
  request.headers.get('CF-Connecting-IP') ?? 'unknown'

/** Two headers arrive joined by a comma and a space, and are no token. Empty: there is none. */
const readBearer = (header: string | null): string =>
  /^\s*bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1] ?? ''
