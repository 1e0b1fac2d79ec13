/** Writes the events of a request to the log at once, and to D1 after the request is answered. */
import { onDemand } from '../lib/part.ts'
import type { Audit, AuditEvent } from './event.ts'
import type { AuditedRequest, Outbox } from './keep-events.ts'
import { logAudit } from './log.ts'

/** The part of a visit that the trail needs. */
export interface AuditVisit extends AuditedRequest {
  readonly waitUntil: (work: Promise<unknown>) => void
  /**
   * Settles when the request has been answered: our writes to D1 wait for it, so that they never
   * delay the request's own reads.
   */
  readonly answered: Promise<unknown>
}

/** One per isolate, because it counts what the isolate may still write. */
export function createAuditTrail(db: D1Database, outbox: Outbox): (visit: AuditVisit) => Audit {
  const findKeep = onDemand('audit', async () =>
    (await import('./keep-events.ts')).createKeep(db, outbox),
  )
  return (visit) => {
    const log = logAudit(visit.requestId, visit.now)
    let waiting: AuditEvent[] = []

    async function keep(): Promise<void> {
      await visit.answered
      const events = waiting
      waiting = []
      const keepEvents = await findKeep()
      await keepEvents(events, visit)
    }

    return (event) => {
      log(event)
      waiting.push(event)
      if (waiting.length === 1) visit.waitUntil(keep())
    }
  }
}
