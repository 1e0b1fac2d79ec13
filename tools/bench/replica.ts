/**
 * The rule by which a standing could be read from a replica of D1 that is late by a time that nothing
 * bounds. Not built into the Worker: `npm run bench:scale` and a property test try it.
 *
 * Each write of a Worker leaves its time in D1. A replica has all writes up to some one, in their
 * order. So a replica whose newest time is T has everything that was written before T, and its
 * standing counts from T, not from when it was read.
 */

/** Of a replica, at the moment of the read. */
export interface ReplicaRead {
  readonly now: number
  /** The newest time of a write that the replica has. */
  readonly newest: number
  /** Whether the standing that it holds lets the session in. A replica may not have a new session yet. */
  readonly letsIn: boolean
}

/**
 * Since when the standing counts; null: ask the primary. A replica refuses nobody, and one that is
 * late by half of `revocationSeconds` would be asked again too soon.
 */
export function standingFrom(
  { now, newest, letsIn }: ReplicaRead,
  revocationSeconds: number,
): number | null {
  if (!letsIn || now - newest >= revocationSeconds / 2) return null
  return Math.min(newest, now)
}
