import type { Instant } from '../lib/instant.ts'
import type { Session } from '../session/session.ts'
import type { Client, ClientKind } from './client.ts'

/** What a person grants to a client: to act for them at one site. */
export interface NewGrant {
  readonly id: string
  readonly client: Client
  /** The host of the site. */
  readonly site: string
  /** Of the person, at the login host. */
  readonly session: Session & { readonly signIn: string }
  readonly now: Instant
  readonly expiresAt: Instant
  readonly codeHash: string
  readonly codeExpiresAt: Instant
  /** null: device flow. */
  readonly bound: { readonly redirect: string; readonly challenge: string } | null
}

/** A grant as its person and operators see it. */
export interface ShownGrant {
  readonly id: string
  readonly userId: string
  readonly userName: string
  readonly connection: string
  readonly client: string
  readonly clientName: string
  readonly clientKind: ClientKind
  readonly site: string
  readonly grantedAt: Instant
  /** The last time that the client asked for a token. */
  readonly lastUsedAt: Instant
  readonly expiresAt: Instant
}

/** A grant that came to its end, for the audit. */
export interface EndedGrant {
  readonly id: string
  readonly userId: string
  readonly connection: string
  readonly client: string
  readonly site: string
}
