/**
 * How many audit events one isolate may still write this minute. Events beyond that are counted,
 * not kept.
 */
import type { Instant } from '../lib/instant.ts'
import { shareLimits, type Share } from './share.ts'

export interface Budget {
  /**
   * @param who the person or token that the event is about; null: not known.
   * @returns whether the event may be written.
   */
  take(share: Share, who: string | null, now: Instant): boolean
  /** Adds events that were not kept although `take` allowed them. */
  addDropped(share: Share, count: number): void
  /** How many events were left out since the last call. */
  takeDropped(share: Share): number
}

const MOST_NAMES = 1000
const MOST_LATE_MINUTES = 3

export function createBudget(): Budget {
  const spent = new Map<string, number>()
  const dropped: Record<Share, number> = { done: 0, directory: 0, denied: 0, anybody: 0 }
  let minute = 0

  return {
    take(share, who, now) {
      const most = shareLimits[share].perIsolateMinute
      if (most === null) return true
      const current = Math.floor(now / 60_000)
      // An event is written after its answer, so one of a minute before may come late. A clock that
      // was set back further begins anew.
      if (current > minute || current < minute - MOST_LATE_MINUTES) {
        spent.clear()
        minute = current
      }
      const name = `${share} ${who ?? ''}`
      const before = spent.get(name) ?? 0
      const isLeft = before < most && (before > 0 || spent.size < MOST_NAMES)
      if (isLeft) spent.set(name, before + 1)
      else dropped[share]++
      return isLeft
    },
    addDropped(share, count) {
      dropped[share] += count
    },
    takeDropped(share) {
      const count = dropped[share]
      dropped[share] = 0
      return count
    },
  }
}
