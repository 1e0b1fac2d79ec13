import { secondsBetween, type Instant } from './instant.ts'
import { createLru } from './lru.ts'

/**
 * Rate-limits clients that act too often. The counts are kept per isolate: they save work and
 * protect no secret.
 */
export interface Failures {
  /** Seconds until this client may try again; 0: now. */
  readonly waitSeconds: (client: string, now: Instant) => number
  readonly note: (client: string, now: Instant) => void
}

const WINDOW_SECONDS = 60
const CLIENTS_KEPT = 5000

export function createFailures(allowed: number): Failures {
  const clients = createLru<string, { readonly since: Instant; readonly count: number }>(
    CLIENTS_KEPT,
  )
  const current = (client: string, now: Instant) => {
    const known = clients.find(client)
    return known && secondsBetween(known.since, now) < WINDOW_SECONDS ? known : null
  }
  return {
    waitSeconds(client, now) {
      const known = current(client, now)
      if (!known || known.count < allowed) return 0
      return Math.max(1, Math.ceil(WINDOW_SECONDS - secondsBetween(known.since, now)))
    },
    note(client, now) {
      const known = current(client, now)
      clients.save(client, { since: known?.since ?? now, count: (known?.count ?? 0) + 1 })
    },
  }
}
