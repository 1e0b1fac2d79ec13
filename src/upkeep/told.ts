/** Tells the log and the audit what cron has done. */
import type { AuditEvent } from '../audit/event.ts'
import { logAudit } from '../audit/log.ts'
import { toRow } from '../audit/row.ts'
import { saveEvents } from '../audit/store.ts'
import type { Instant } from '../lib/instant.ts'

export async function tell(
  db: D1Database,
  events: readonly AuditEvent[],
  now: Instant,
): Promise<void> {
  const log = logAudit('cron', now)
  for (const event of events) log(event)
  await keepEvents(db, events, now)
}

/** In the audit alone. */
export async function keepEvents(
  db: D1Database,
  events: readonly AuditEvent[],
  now: Instant,
): Promise<void> {
  const rows = events.map((event) => toRow(event, now, null))
  for (const [share, own] of Map.groupBy(rows, (row) => row.share)) {
    await saveEvents(db, share, { rows: own, dropped: 0 }, now)
  }
}
