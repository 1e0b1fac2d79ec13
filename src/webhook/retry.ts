/** When a message is tried again, and when not. docs/webhooks.md has these numbers. */
import { plusSeconds, type Instant } from '../lib/instant.ts'

const MINUTE = 60
const HOUR = 3600

/** After the first attempt, the second …; the last of them for all further attempts. */
const DELAYS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR] as const
const LONGEST = DELAYS[5]

/** After a failure, nothing is sent to the webhook for this long at most. */
const LONGEST_PAUSE = 10 * MINUTE

/** A message that was not taken within this time is given up. */
export const GIVE_UP_SECONDS = 48 * HOUR

/** A webhook that took nothing for this long is switched off. */
export const OFF_SECONDS = 5 * 24 * HOUR

export interface Retry {
  readonly dueAt: Instant
  /** Nothing else is sent to the webhook until then. */
  readonly pausedUntil: Instant
}

/** @param askedSeconds what the receiver asks for in Retry-After; null: nothing. */
export function toRetry(attempts: number, askedSeconds: number | null, now: Instant): Retry {
  const usual = DELAYS[attempts - 1] ?? LONGEST
  const seconds = Math.min(Math.max(usual, askedSeconds ?? 0), LONGEST)
  const pause = Math.max(Math.min(usual, LONGEST_PAUSE), Math.min(askedSeconds ?? 0, LONGEST))
  return { dueAt: plusSeconds(now, seconds), pausedUntil: plusSeconds(now, pause) }
}

/** Retry-After in seconds (RFC 9110 §10.2.3). A date is not read; the usual delay then counts. */
export const readRetryAfter = (header: string | null): number | null =>
  header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null
