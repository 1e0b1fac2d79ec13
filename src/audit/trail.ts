/** Writes the events of a request to the log at once, and to D1 after the request is answered. */
import type { Instant } from '../lib/instant.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import type { Whence } from '../lib/whence.ts'
import { createBudget, type Budget } from './budget.ts'
import type { Audit, AuditEvent } from './event.ts'
import { logAudit } from './log.ts'
import { toRow, type AuditRow } from './row.ts'
import { keepEvents } from './store.ts'
import { shareOf } from './share.ts'

/** The part of a visit that the trail needs. */
export interface AuditVisit {
  readonly requestId: string
  readonly now: Instant
  readonly whence: () => Whence
  readonly waitUntil: (work: Promise<unknown>) => void
  /**
   * Settles when the request has been answered: our writes to D1 wait for it, so that they never
   * delay the request's own reads.
   */
  readonly answered: Promise<unknown>
}

/** Sends on what is written, to webhooks. Not asked where there are none. */
export type Outbox = (now: Instant) => Promise<void>

/** One per isolate, because it counts what the isolate may still write. */
export function createAuditTrail(db: D1Database, outbox: Outbox): (visit: AuditVisit) => Audit {
  const budget = createBudget()
  return (visit) => {
    const { now, requestId, answered, waitUntil } = visit
    const log = logAudit(requestId, now)
    let waiting: AuditRow[] = []

    async function keep(): Promise<void> {
      await answered
      const rows = waiting
      waiting = []
      await keepRows({ db, budget, log, outbox }, rows, now)
    }

    return (event) => {
      log(event)
      if (!budget.take(shareOf(event), whoOf(event), now)) return
      waiting.push(toRow(event, now, requestId, visit.whence()))
      if (waiting.length === 1) waitUntil(keep())
    }
  }
}

/**
 * Events that D1 does not keep are in the log. So is the fact that D1 failed, which changes no
 * answer.
 */
async function keepRows(
  { db, budget, log, outbox }: Keeping,
  rows: readonly AuditRow[],
  now: Instant,
): Promise<void> {
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

interface Keeping {
  readonly db: D1Database
  readonly budget: Budget
  readonly log: Audit
  readonly outbox: Outbox
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
