/** A webhook gets events of the audit as they happen, by HTTP. */
import type { Instant } from '../lib/instant.ts'

export const formats = ['json', 'slack'] as const
export type Format = (typeof formats)[number]

/** The purpose to pass to createSealer. */
export const WEBHOOK_PURPOSE = 'webhooks'

export const offReasons = ['operator', 'gone', 'failing'] as const

export interface Webhook {
  readonly id: string
  readonly url: string
  /** Kinds of events; empty: every kind. */
  readonly kinds: readonly string[]
  readonly format: Format
  readonly createdAt: Instant
  /** How many messages wait. */
  readonly waiting: number
  /** How many events were left out since the last message. */
  readonly omitted: number
  /** null: the last message was taken. */
  readonly failingSince: Instant | null
  readonly oldSecretUntil: Instant | null
  /** null: it is on. */
  readonly offAt: Instant | null
  readonly offReason: (typeof offReasons)[number] | null
}

/** What a sender needs of it. The secrets are sealed. */
export interface Target {
  readonly url: string
  readonly format: Format
  readonly secret: string
  readonly oldSecret: string | null
  readonly oldSecretUntil: Instant | null
}
