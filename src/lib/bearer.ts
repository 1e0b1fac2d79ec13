/** Authenticates a client by its bearer token (RFC 6750 §2.1). Only hashes of tokens are stored. */
import { secondsBetween, type Instant } from './instant.ts'
import type { Limits } from './limits.ts'
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
  'no-valid-token' | 'too-many-failures'

export interface BearerMoment {
  readonly now: Instant
  readonly waitUntil: (work: Promise<unknown>) => void
}

const TOUCH_SECONDS = 60
const KNOWN_KEPT = 100

/** Reads the store on every request, so that a revoked token is refused at once. */
export function createBearer(limits: Limits) {
  /**
   * Hashes of tokens that were valid recently. A client with such a token is never limited, even if
   * other clients at its address fail.
   */
  const valid = createLru<string, true>(KNOWN_KEPT)

  return async <T extends { readonly lastUsedAt: Instant | null }>(
    request: Request,
    { now, waitUntil }: BearerMoment,
    tokens: BearerTokens<T>,
  ): Promise<Result<T, BearerFault>> => {
    const hash = await tokens.hashOf(readBearer(request.headers.get('Authorization')))
    const isKnown = hash !== null && valid.find(hash) !== null
    if (!isKnown && (await limits('token', request, now))) return err('too-many-failures')
    const token = hash && (await tokens.find(hash, now))
    if (!hash || !token) {
      if (hash) valid.remove(hash)
      return err('no-valid-token')
    }
    valid.save(hash, true)
    const { lastUsedAt } = token
    const isTouchDue = lastUsedAt === null || secondsBetween(lastUsedAt, now) >= TOUCH_SECONDS
    if (isTouchDue) waitUntil(tokens.touch(token, now))
    return ok(token)
  }
}

export type Authenticate = ReturnType<typeof createBearer>

/** Two headers arrive joined by a comma and a space, and are no token. Empty: there is none. */
const readBearer = (header: string | null): string =>
  /^\s*bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1] ?? ''
