/** Keeps attempts after their request has been answered, so a sign-in never waits for it. */
import { createBudget } from '../audit/budget.ts'
import { logAudit } from '../audit/log.ts'
import type { AuditVisit } from '../audit/trail.ts'
import { onDemand } from '../lib/part.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import type { Attempt, AttemptMode } from './attempt.ts'
import { ANYBODY, poolKindOf } from './pool.ts'

const findWrite = onDemand('attempts', () => import('./write.ts'))

export type KeepAttempt = (visit: AuditVisit, attempt: Attempt) => void

/** One per isolate, because it counts what the isolate may still write. */
export function createKeepAttempt(db: D1Database, mode: AttemptMode): KeepAttempt {
  const budget = createBudget()

  async function keep({ answered, now }: AuditVisit, attempt: Attempt): Promise<void> {
    await answered
    const { writeAttempt } = await findWrite()
    await writeAttempt(db, attempt, mode === 'whole' || attempt.kind === 'test', now)
  }

  return (visit, attempt) => {
    const { now, requestId } = visit
    if (mode === 'off' && attempt.kind !== 'test') return
    const pool = poolKindOf(attempt)
    const isTaken =
      pool === ANYBODY
        ? budget.take(ANYBODY, null, now)
        : pool !== 'denied' || budget.take(pool, attempt.connection, now)
    if (!isTaken) return
    visit.waitUntil(
      keep(visit, attempt).catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error
        const { store, during } = error
        logAudit(requestId, now)({ kind: 'store-unavailable', store, during })
      }),
    )
  }
}
