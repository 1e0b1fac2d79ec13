/** Writes an attempt that is to be kept, with its findings and its message. */
import { boundFacts } from '../audit/row.ts'
import type { Instant } from '../lib/instant.ts'
import { brief } from '../saml/error.ts'
import { explainSamlError } from '../saml/explain.ts'
import { keepMessage, keepPosted } from '../saml/incoming/kept.ts'
import type { Finding } from '../saml/incoming/response.ts'
import type { Attempt, KeptFinding, Seen } from './attempt.ts'
import { poolKindOf } from './pool.ts'
import { saveAttempt } from './store.ts'

const MOST_FINDINGS_CHARACTERS = 6000
const MOST_PERSON = 320

/** @param isWhole whether the values in the message are kept too. */
export function writeAttempt(
  db: D1Database,
  attempt: Attempt,
  isWhole: boolean,
  now: Instant,
): Promise<void> {
  const { seen, ...told } = attempt
  return saveAttempt(db, {
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
