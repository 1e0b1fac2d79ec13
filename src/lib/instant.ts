declare const instant: unique symbol

/** A moment, in milliseconds since 1970-01-01T00:00:00Z. Never a duration. */
export type Instant = number & { readonly [instant]: true }

export const toInstant = (milliseconds: number): Instant => milliseconds as Instant
export const plusSeconds = (at: Instant, seconds: number): Instant => toInstant(at + seconds * 1000)
export const secondsBetween = (from: Instant, to: Instant): number => (to - from) / 1000
/**
 * Two isolates, or one before and after its clock was set, may disagree by this much. What one has
 * written down is not from the future for the other.
 */
const APART_SECONDS = 60
export const latestFor = (now: Instant): Instant => plusSeconds(now, APART_SECONDS)
export const toIso = (at: Instant): string => new Date(at).toISOString()
/** For people, to the minute: `2026-01-02 03:04 UTC` */
export const toMinute = (at: Instant): string => `${toIso(at).slice(0, 16).replace('T', ' ')} UTC`
