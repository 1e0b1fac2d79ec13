/**
 * Limits the comparisons of one request. A body of 1 MB can name a thousand values a thousand
 * times, which would block the isolate for seconds.
 */
import type { Err } from '../lib/result.ts'
import { refuse, type ScimError } from './error.ts'

export interface Work {
  /** Spends steps; false: the request has none left. */
  readonly take: (steps: number) => boolean
}

/** Counted in comparisons of a short value. A million of them take about half a second. */
export const MAX_STEPS = 1_000_000

export function createWork(): Work {
  let left = MAX_STEPS
  return {
    take(steps) {
      left -= steps
      return left >= 0
    },
  }
}

export const tooMuchWork: Err<ScimError> = refuse(
  'tooMany',
  'The request needs too many comparisons. Send fewer operations at a time.',
)
