import type { Instant } from '../lib/instant.ts'

/** The value that KV holds under the hash of the session token. It never changes. */
export interface Session {
  /** Names the session in D1 and to operators. It is neither the token nor its hash. */
  readonly id: string
  /** The sign-in that it belongs to; null: opened before there were rows of sign-ins. */
  readonly signIn: string | null
  /** The host that it was opened for. The session is valid on no other host. */
  readonly site: string
  readonly connection: string
  readonly userId: string
  readonly userName: string
  readonly email: string | null
  readonly displayName: string | null
  /** As the IdP asserted them at sign-in. */
  readonly groups: readonly string[]
  readonly attributes: Readonly<Record<string, readonly string[]>>
  /** null: the IdP sent none; the connection identifies users by an attribute. */
  readonly nameId: string | null
  readonly nameIdFormat: string | null
  readonly sessionIndex: string | null
  /** When the IdP authenticated the person (AuthnInstant); null: unknown. */
  readonly authnInstant: Instant | null
  /** How the IdP authenticated the person (AuthnContextClassRef); null: not stated. */
  readonly authnContext: string | null
  /** When the sign-in finished. A host that the person goes to later opens its session later. */
  readonly signedInAt: Instant
  readonly openedAt: Instant
  /** When the session ends in any case; SessionNotOnOrAfter is included. */
  readonly expiresAt: Instant
  readonly idleSeconds: number | null
}

/** A session with a good standing. Only the session reader makes one. */
export interface LiveSession {
  readonly session: Session
  /**
   * Names of the user's groups for policies: from the directory as they are now, or from the
   * assertion at sign-in.
   */
  readonly groups: readonly string[]
  /**
   * Ids of the same groups. null when the groups come from the assertion, because an assertion has
   * no ids that we could trust.
   */
  readonly groupIds: readonly string[] | null
  /** The last request that is on record at any host of the sign-in; it may be this one. */
  readonly lastSeenAt: Instant
  /** When the standing that let the session in was read. */
  readonly readAt: Instant
}

export type SessionReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'live'; readonly live: LiveSession }
  | {
      readonly kind: 'ended'
      readonly reason: SessionEnd
      /** The session that ended; null: unknown. */
      readonly session: Session | null
    }

export type SessionEnd =
  | 'expired'
  | 'idle'
  | 'revoked'
  | 'user-disabled'
  | 'unknown'
  | 'other-site'
  | 'connection-disabled'

/**
 * The session that was read, if it is live and its connection counts here; else null.
 *
 * @param connections ids; null: every connection counts.
 */
export const liveAt = (
  reading: SessionReading,
  connections: readonly string[] | null,
): LiveSession | null =>
  reading.kind === 'live' && (connections?.includes(reading.live.session.connection) ?? true)
    ? reading.live
    : null
