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

/**
 * A session with a good standing. The session reader makes one for a browser, and the reader of
 * programs makes one for a program.
 */
export interface LiveSession {
  readonly session: Session
  /** The program that acts for the person; null: a browser, with its cookie. */
  readonly via: Via | null
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
  /**
   * When the browser bound the session to its device; null: it has not, or the request does not show
   * that it comes from there.
   */
  readonly boundAt: Instant | null
}

/** A program, and what its token may be used for. */
export type Via = (
  | {
      readonly kind: 'service'
      /** The id of the token. */
      readonly id: string
      /** As rules name it. */
      readonly name: string
    }
  | {
      readonly kind: 'oauth'
      /** The client's id. */
      readonly client: string
      /** The id of the grant. */
      readonly grant: string
    }
) & { readonly scope: ProgramScope }

/** What a program's token may be used for. null: no limit. */
export interface ProgramScope {
  /** Hosts as sites have them: `wiki.example.com`, `*.preview.example.com`. */
  readonly sites: readonly string[]
  /** Each covers the path itself and everything below it, as a route does. */
  readonly paths: readonly string[] | null
  /** In upper case, as rules list them. */
  readonly methods: readonly string[] | null
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
  /** It is bound to a device, and came without the cookie that only that device gets. */
  | 'no-device'

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
