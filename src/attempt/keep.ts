/** Keeps attempts after their request has been answered, so a sign-in never waits for it. */
import { createBudget } from '../audit/budget.ts'
import { logAudit } from '../audit/log.ts'
import { boundFacts } from '../audit/row.ts'
import type { AuditVisit } from '../audit/trail.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { brief } from '../saml/error.ts'
import { explainSamlError } from '../saml/explain.ts'
import { keepMessage, keepPosted } from '../saml/incoming/kept.ts'
import type { Finding } from '../saml/incoming/response.ts'
import type { Attempt, AttemptMode, KeptFinding, Seen } from './attempt.ts'
import { ANYBODY, poolKindOf } from './pool.ts'
import { saveAttempt } from './store.ts'

export type KeepAttempt = (visit: AuditVisit, attempt: Attempt) => void

const MOST_FINDINGS_CHARACTERS = 6000
const MOST_PERSON = 320

/** One per isolate, because it counts what the isolate may still write. */
export function createKeepAttempt(db: D1Database, mode: AttemptMode): KeepAttempt {
  const budget = createBudget()

  async function keep({ answered, now }: AuditVisit, attempt: Attempt): Promise<void> {
    await answered
    const { seen, ...told } = attempt
    const isWhole = mode === 'whole' || attempt.kind === 'test'
    await saveAttempt(db, {
      pool: poolKindOf(attempt),
      assertion: attempt.kind === 'test' ? null : (seen?.reading.signed?.assertionId ?? null),
      attempt: {
        ...told,
        at: now,
        person: attempt.person?.slice(0, MOST_PERSON).toWellFormed() ?? null,
        facts: boundFacts(attempt.facts),
        findings: seen ? toKept(seen.reading.findings) : [],
        document: seen ? documentOf(seen, isWhole ? 'all' : 'shape') : null,
      },
    })
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

const documentOf = ({ reading: { signed }, posted }: Seen, values: 'all' | 'shape') =>
  signed ? keepMessage(signed.shown, values) : keepPosted(posted, values)

/** Where the words are long, only the first error is kept: it refused the response. */
function toKept(findings: readonly Finding[]): readonly KeptFinding[] {
  const all = findings.map(({ check, error, says }) => {
    const words = error ? explainSamlError(error) : says
    return { check, reason: error?.reason ?? null, says: words && brief(words) }
  })
  const isShort = JSON.stringify(all).length <= MOST_FINDINGS_CHARACTERS
  return isShort ? all : all.slice(0, 1 + all.findIndex(({ reason }) => reason !== null))
}
