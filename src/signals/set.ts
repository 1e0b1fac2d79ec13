/** A Security Event Token (RFC 8417) as Shared Signals profiles it. */
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import { isRecord } from '../lib/json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { effectOf, type Effect } from './effects.ts'
import { parseSubject, type Subject, type SubjectFault } from './subject.ts'
import {
  checkClaims,
  readTime,
  SKEW_SECONDS,
  type ClaimFault,
  type Claims,
  type Expected,
  type Identity,
} from './token.ts'

export interface SecurityEvent {
  readonly type: string
  /** null: we do not know this type. */
  readonly effect: Effect | null
  readonly subject: Result<Subject, SubjectFault>
  /** Sign-ins that began before then are meant. */
  readonly before: Instant
  /** Of a verification; null: none. */
  readonly state: string | null
  /** Of an updated stream; null: none. */
  readonly status: string | null
}

export interface EventToken extends Identity {
  readonly events: readonly SecurityEvent[]
}

export type SetFault = ClaimFault | 'no-event' | 'too-many-events' | 'no-subject'

export const SET_TYPE = 'secevent+jwt'
const MOST_EVENTS = 10

export function parseSet(claims: Claims, expected: Expected): Result<EventToken, SetFault> {
  const identity = checkClaims(claims, expected)
  if (!identity.ok) return identity
  const all = isRecord(claims['events']) ? Object.entries(claims['events']) : []
  const events = all.flatMap(([type, event]) =>
    isRecord(event) ? [readEvent(type, event, claims, expected.now)] : [],
  )
  if (all.length > MOST_EVENTS) return err('too-many-events')
  if (events.length === 0 || events.length < all.length) return err('no-event')
  const lacksSubject = ({ effect, subject }: SecurityEvent): boolean =>
    effect?.kind === 'end' && !subject.ok && subject.error.reason === 'malformed'
  return events.some(lacksSubject) ? err('no-subject') : ok({ ...identity.value, events })
}

const readEvent = (type: string, event: Claims, claims: Claims, now: Instant): SecurityEvent => ({
  type,
  effect: effectOf(type, event),
  // Before its final version, Shared Signals had the subject in the event. Okta still does.
  subject: parseSubject(claims['sub_id'] ?? event['subject']),
  before: beforeOf(event, claims, now),
  state: textOf(event['state']),
  status: textOf(event['status']),
})

/**
 * The time of the event, and as much more as clocks may differ. So a late or repeated event does
 * not sign out a person who has signed in since. Examples of CAEP, and of Okta, have milliseconds
 * where the text says seconds.
 */
function beforeOf(event: Claims, claims: Claims, now: Instant): Instant {
  const stamp = event['event_timestamp']
  const at =
    readTime(stamp) ??
    (typeof stamp === 'number' ? readTime(stamp / 1000) : null) ??
    readTime(claims['toe']) ??
    readTime(claims['iat']) ??
    now
  return toInstant(Math.min(plusSeconds(at, SKEW_SECONDS), plusSeconds(now, 1)))
}

const MOST_TEXT = 500
const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= MOST_TEXT ? value : null
