/** Keeps the events of a request in D1, as far as the budget of the isolate goes. */
import type { Instant } from '../lib/instant.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import type { Whence } from '../lib/whence.ts'
import { createBudget } from './budget.ts'
import type { Audit, AuditEvent } from './event.ts'
import { logAudit } from './log.ts'
import { toRow } from './row.ts'
import { shareOf } from './share.ts'
import { keepEvents } from './store.ts'

/** What each row says of its request. */
export interface AuditedRequest {
  readonly requestId: string
  readonly now: Instant
  readonly whence: () => Whence
}

/** Sends the written events to webhooks. Not called if there are none. */
export type Outbox = (now: Instant) => Promise<void>
export type Keep = (events: readonly AuditEvent[], asked: AuditedRequest) => Promise<void>

/**
 * Events that D1 does not keep are in the log. So is the fact that D1 failed, which changes no
 * answer.
 */
export function createKeep(db: D1Database, outbox: Outbox): Keep {
  const budget = createBudget()
  return async (events, { now, requestId, whence }) => {
    const log = logAudit(requestId, now)
    const rows = events
      .filter((event) => budget.take(shareOf(event), whoOf(event), now))
      .map((event) => toRow(event, now, requestId, whence()))
    let isToSend = false
    for (const [share, own] of Map.groupBy(rows, (row) => row.share)) {
      const before = budget.takeDropped(share)
      try {
        const batch = { rows: own, dropped: before }
        const { kept, hasWebhooks } = await keepEvents(db, share, batch, now)
        budget.addDropped(share, own.length - kept + (kept === 0 ? before : 0))
        isToSend ||= hasWebhooks
      } catch (error) {
        budget.addDropped(share, own.length + before)
        logUnavailable(error, log)
      }
    }
    if (isToSend) await outbox(now).catch((error: unknown) => logUnavailable(error, log))
  }
}

/** @throws any error but that of storage. */
function logUnavailable(error: unknown, log: Audit): void {
  if (!(error instanceof StoreUnavailable)) throw error
  log({ kind: 'store-unavailable', store: error.store, during: error.during })
}

function whoOf(event: AuditEvent): string | null {
  if ('token' in event) return event.token
  return 'user' in event ? event.user : null
}
