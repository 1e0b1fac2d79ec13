/**
 * What one run of cron may still ask. Cloudflare's free plan allows a run 50 requests to the outside
 * and 50 queries of D1. Work that does not fit waits for the next run.
 */
export interface Cost {
  readonly fetches: number
  /** Calls of D1. */
  readonly queries: number
}

export interface Allowance {
  /** How many pieces of work of this cost still fit. */
  readonly fits: (cost: Cost) => number
  readonly spend: (cost: Cost, times?: number) => void
}

const ALLOWED = 50
/** Calls of D1 that every run makes, whatever there is to do. One of them is where OAuth is on. */
export const FIXED_QUERIES = 27
/** The messages that wait for webhooks have a round in every run. */
export const ROUND: Cost = { fetches: 10, queries: 3 }

export function createAllowance(): Allowance {
  let fetches = ALLOWED - ROUND.fetches
  let queries = ALLOWED - FIXED_QUERIES - ROUND.queries
  return {
    fits: (cost) => Math.floor(Math.min(fetches / cost.fetches, queries / cost.queries)),
    spend(cost, times = 1) {
      fetches -= cost.fetches * times
      queries -= cost.queries * times
    },
  }
}
