/**
 * How long a request waited, step by step. A Worker's clock stands still while it computes and moves
 * on when it has waited for something, so only steps that wait can be measured.
 */
import type { Instant } from './instant.ts'

/**
 * `kv`: the session. `d1`: its standing. `token`: the token for the origin, whose key may be read from
 * D1. `origin`: from asking the origin to the head of its answer.
 */
export const steps = ['kv', 'd1', 'token', 'origin'] as const
export type Step = (typeof steps)[number]

export interface Measured {
  readonly milliseconds: Readonly<Record<Step | 'total', number>>
  /** How often each step was taken: 0 where what an isolate remembers was enough. */
  readonly times: Readonly<Record<Step, number>>
  /** Whether the origin's answer was passed on. */
  readonly isPassed: boolean
}

export interface Meter<Read = Measured | null> {
  /** Does the work, and measures it. */
  readonly step: <T>(step: Step, work: () => Promise<T>) => Promise<T>
  /** The answer is the origin's. */
  readonly pass: () => void
  /** The times measured until now; null: nothing is measured. */
  readonly read: () => Read
}

/** For a request that nobody wants to have measured. */
export const unmeasured: Meter = {
  step: (_step, work) => work(),
  pass: () => undefined,
  read: () => null,
}

export function createMeter(clock: () => Instant): Meter<Measured> {
  const begunAt = clock()
  const milliseconds = { kv: 0, d1: 0, token: 0, origin: 0 }
  const times = { kv: 0, d1: 0, token: 0, origin: 0 }
  let isPassed = false
  return {
    async step(step, work) {
      const from = clock()
      try {
        return await work()
      } finally {
        times[step]++
        milliseconds[step] += clock() - from
      }
    },
    pass() {
      isPassed = true
    },
    read: () => ({
      milliseconds: { ...milliseconds, total: clock() - begunAt },
      times: { ...times },
      isPassed,
    }),
  }
}
