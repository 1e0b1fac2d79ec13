/** Which provisioned person an IdP's subject is. */
import * as v from 'valibot'
import { fold, lowerAscii } from '../lib/fold.ts'
import { fromStore } from '../lib/store-error.ts'

const parts = v.record(v.string(), v.unknown())
const candidateRow = v.object({
  id: v.string(),
  name: v.string(),
  externalId: v.nullable(v.string()),
  emails: v.pipe(
    v.nullable(v.string()),
    v.transform((json) => v.parse(v.array(parts), JSON.parse(json ?? '[]'))),
  ),
})
type Candidate = v.InferOutput<typeof candidateRow>

/** More than one by a rule is none, so there is no need to see them all. */
const CANDIDATES = 20

/**
 * By user name, else by external id, else by an email address; by one index each. Case counts for
 * the external id only, and beyond ASCII always: what looks alike is not the same person.
 *
 * @returns the id; null where there is nobody, or more than one.
 */
export async function findProvisioned(
  db: D1Database,
  connection: string,
  subject: string,
): Promise<string | null> {
  const folded = fold(subject)
  const { results } = await fromStore('D1', 'finding who is provisioned', () =>
    db
      .prepare(
        `SELECT s.id, s.name, s.external_id AS externalId, json_extract(s.doc, '$.own.emails') AS emails
         FROM (
           SELECT id FROM scim_users WHERE connection = ?1 AND name_fold = ?2
           UNION
           SELECT id FROM scim_users WHERE connection = ?1 AND external_id = ?3
           UNION
           SELECT user_id FROM scim_keys
           WHERE connection = ?1 AND path = 'emails.value' AND value = ?2
         ) d CROSS JOIN scim_users s WHERE s.id = d.id LIMIT ?4`,
      )
      .bind(connection, folded, subject, CANDIDATES)
      .all(),
  )
  return matchSubject(
    results.map((row) => v.parse(candidateRow, row)),
    subject,
  )
}

function matchSubject(candidates: readonly Candidate[], subject: string): string | null {
  const isSubject = (text: unknown): boolean =>
    typeof text === 'string' && lowerAscii(text) === lowerAscii(subject)
  const rules: readonly ((candidate: Candidate) => boolean)[] = [
    ({ name }) => isSubject(name),
    ({ externalId }) => externalId === subject,
    ({ emails }) => emails.some((email) => isSubject(email['value'])),
  ]
  for (const rule of rules) {
    const [found, ...others] = candidates.filter(rule)
    if (found) return others.length === 0 ? found.id : null
  }
  return null
}
