/**
 * How much may be looked at for one request. A body of 1 MB can name a thousand values a thousand
 * times, which would take the isolate from everybody else for seconds.
 */
import type { Err } from '../lib/result.ts'
import { refuse, type ScimError } from './error.ts'

export interface Work {
  /** false: it would be more than one request may have. */
  readonly take: (steps: number) => boolean
}

/** Comparisons of a short value; a million take about half a second. */
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
  'The request compares more values than one request may. Send fewer operations at a time.',
)
