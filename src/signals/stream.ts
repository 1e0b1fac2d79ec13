/** A stream of events from a transmitter, or an issuer of revocations. It belongs to one connection. */
import type { Instant } from '../lib/instant.ts'
import type { PublicJwk } from './keys.ts'

export const deliveries = ['push', 'poll', 'revocation'] as const
export type Delivery = (typeof deliveries)[number]

/** The purpose to pass to createSealer: tokens of transmitters. */
export const SIGNALS_PURPOSE = 'signals'

/** The stream at the transmitter, and the addresses there (Shared Signals §7.1, §8.1.1). */
export interface Remote {
  readonly streamId: string
  readonly configuration: string
  /** null: the transmitter has none. */
  readonly verification: string | null
  /** Where events are polled; null: they are pushed. */
  readonly poll: string | null
  /** Members of subjects that must be understood (§7.1, critical_subject_members). */
  readonly critical: readonly string[]
}

export interface Stream {
  readonly id: string
  readonly connection: string
  readonly issuer: string
  readonly delivery: Delivery
  readonly audience: readonly string[]
  readonly authorizationHash: string | null
  /** Sealed. */
  readonly token: string | null
  /** null: an operator has set it up at the transmitter by hand. */
  readonly remote: Remote | null
  readonly jwksUrl: string | null
  readonly jwks: readonly PublicJwk[]
  readonly jwksAt: Instant | null
  /** SHA-256 of the state that a verification must have; null: none was asked for. */
  readonly expected: string | null
  readonly verifiedAt: Instant | null
  readonly lastEventAt: Instant | null
  /** As the transmitter says: enabled, paused, disabled. */
  readonly status: string
  readonly fault: string | null
  readonly polledAt: Instant | null
  readonly createdAt: Instant
}
