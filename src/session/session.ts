import type { Instant } from '../lib/instant.ts'

/** What KV holds under the hash of the cookie's token. It never changes once written. */
export interface Session {
  /** Names the session to operators and in D1; neither the token nor its hash. */
  readonly id: string
  /** The host it was opened on; it is good nowhere else. */
  readonly site: string
  readonly connection: string
  readonly userId: string
  readonly userName: string
  readonly email: string | null
  readonly displayName: string | null
  /** As asserted at login. */
  readonly groups: readonly string[]
  readonly attributes: Readonly<Record<string, readonly string[]>>
  /** null: the IdP sent none, and people are known by an attribute. */
  readonly nameId: string | null
  readonly nameIdFormat: string | null
  readonly sessionIndex: string | null
  readonly openedAt: Instant
  /** The absolute end, SessionNotOnOrAfter included. */
  readonly expiresAt: Instant
  readonly idleSeconds: number | null
}

/** A session whose standing is good now. Only `readSession` makes one. */
export interface LiveSession {
  readonly session: Session
  /** Names of the groups that count: the directory's as they are now, or the assertion's. */
  readonly groups: readonly string[]
  /** The same by id; none where they are the assertion's, which may say what it likes. */
  readonly groupIds: readonly string[]
  /** When the standing was read that let the session in. */
  readonly readAt: Instant
}

export type SessionReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'live'; readonly live: LiveSession }
  | {
      readonly kind: 'ended'
      readonly reason: SessionEnd
      /** Whose it was; null: none that is known here. */
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
