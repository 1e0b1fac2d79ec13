/**
 * An attempt to sign in that has ended, with the facts by which an operator can answer "why can't I
 * sign in?". It never holds anything that can be sent again.
 */
import type { Facts } from '../audit/event.ts'
import type { Instant } from '../lib/instant.ts'
import type { Reading } from '../saml/incoming/response.ts'

export interface Attempt {
  /** The number on the page that the visitor saw; of a test, the id that its operator was given. */
  readonly id: string
  /** `test`: an operator tried a connection, and nobody was to be signed in. */
  readonly kind: 'sign-in' | 'test'
  readonly host: string
  readonly connection: string | null
  /** null: it was accepted. */
  readonly reason: string | null
  /** The id of the user; null: there is none, or none was looked up. */
  readonly user: string | null
  /** As a verified assertion names them; null: none does. */
  readonly person: string | null
  readonly facts: Facts
  /** null: it was refused before the response was read. */
  readonly seen: Seen | null
}

export interface Seen {
  readonly reading: Reading
  /** Base64, as it was posted. */
  readonly posted: string
}

/** A check of the response, in words that stay true when a later version has other checks. */
export interface KeptFinding {
  readonly check: string
  /** null: it passed. */
  readonly reason: string | null
  readonly says: string | null
}

/** The kept part of an attempt. */
export interface KeptAttempt extends Omit<Attempt, 'seen'> {
  readonly at: Instant
  readonly findings: readonly KeptFinding[]
  /** The message as XML, without its secrets. null: there was none, or it was too long. */
  readonly document: string | null
}

/** `facts`: without the values of the person's attributes. A test is always kept whole. */
export type AttemptMode = 'off' | 'facts' | 'whole'
