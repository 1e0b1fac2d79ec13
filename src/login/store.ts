/** Ids that may be used once only, and the tries of encrypted keys, in D1. */
import * as v from 'valibot'
import { domainsOf, foreignDomainSql } from '../connection/store.ts'
import { knownRow, knownSql, type JoinTerms, type Known } from '../directory/provision-store.ts'
import type { Person } from '../directory/user.ts'
import { fold } from '../lib/fold.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { jsonOf, parseRows } from '../lib/row.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'

export interface Once {
  readonly connection: string
  readonly requestId: string
  /** An answer to the request is accepted until then. */
  readonly requestUntil: Instant
  readonly assertionId: string
  /** The assertion is accepted until then. */
  readonly assertionUntil: Instant
}

/** The person of an assertion that was used up just now, as D1 knows them. */
export interface Met {
  /** A domain in their addresses that belongs to another connection; null: there is none. */
  readonly stranger: string | null
  readonly known: Known
}

const metRow = v.object({
  met: v.nullable(jsonOf(v.object({ stranger: v.nullable(v.string()), known: knownRow }))),
})

/**
 * Uses up the request's id and the assertion's id, and finds the person, in one statement. If the
 * same answer is posted twice at the same time, one of the two fails, in whichever isolates they
 * run: all writes of a D1 database go through one place.
 *
 * @param person null: the assertion names nobody. The ids are used up all the same.
 */
export async function takeOnce(
  db: D1Database,
  once: Once,
  person: Person | null,
  terms: JoinTerms,
): Promise<Result<Met, 'replayed'>> {
  const { connection, requestId, requestUntil, assertionId, assertionUntil } = once
  const { subject, domains } = person
    ? { subject: person.subject, domains: domainsOf(person) }
    : { subject: '', domains: [] }
  const { results } = await fromStore('D1', 'using a response up', () =>
    db
      .prepare(
        `${takenSql('?4')}
         RETURNING CASE kind WHEN 'assertion' THEN json_object(
           'stranger', (${foreignDomainSql('?5')}), 'known', ${knownSql(terms)}) END AS met`,
      )
      .bind(
        connection,
        fold(subject),
        subject,
        JSON.stringify([
          { kind: 'request', id: requestId, until: requestUntil },
          { kind: 'assertion', id: assertionId, until: assertionUntil },
        ]),
        JSON.stringify(domains),
      )
      .all(),
  )
  const [met] = parseRows(metRow, results).flatMap((row) => row.met ?? [])
  return results.length === 2 && met ? ok(met) : err('replayed')
}

/**
 * SQL that inserts a row for each id of the connection ?1 that was not used before.
 *
 * @param ids the parameter with kind, id and `until` of each, as JSON.
 */
export const takenSql = (ids: string): string =>
  `INSERT INTO taken (connection, kind, id, expires_at)
   SELECT ?1, value ->> 'kind', value ->> 'id', value ->> 'until' FROM json_each(${ids}) WHERE true
   ON CONFLICT DO NOTHING`

const MOST_TRIES = 5
const TRIES_SECONDS = 86_400

/**
 * Counts a try of each wrapped key before the key is used, so that many tries at once do not slip
 * through. A login takes one try. An attacker who learns from our answers what a ciphertext holds
 * needs thousands with one wrapped key. And nobody can lock another user out with these counts
 * without a copy of that user's encrypted response.
 *
 * @returns false when one of the keys has had its five tries. A day without a try resets its count.
 */
export async function tryKeys(
  db: D1Database,
  wrappedKeys: readonly string[],
  now: Instant,
): Promise<boolean> {
  const until = plusSeconds(now, TRIES_SECONDS)
  const results = await fromStore('D1', 'counting the tries of a key', () =>
    db.batch<{ readonly tries: number }>(
      wrappedKeys.map((key) =>
        db
          .prepare(
            `INSERT INTO key_tries (wrapped_key, tries, expires_at) VALUES (?1, 1, ?2)
             ON CONFLICT (wrapped_key) DO UPDATE SET expires_at = excluded.expires_at,
               tries = CASE WHEN expires_at <= ?3 THEN 1 ELSE tries + 1 END
             RETURNING tries`,
          )
          .bind(key, until, now),
      ),
    ),
  )
  const tries = results.flatMap((result) => result.results.map((row) => row.tries))
  return tries.length === wrappedKeys.length && tries.every((count) => count <= MOST_TRIES)
}

/**
 * For the cron. An id this old is refused by its age anyway, and the count of a key this old starts
 * anew.
 */
export async function removeTaken(db: D1Database, now: Instant): Promise<void> {
  await fromStoreSlowly('D1', 'removing what was used up', () =>
    db.batch([
      db.prepare('DELETE FROM taken WHERE expires_at <= ?1').bind(now),
      db.prepare('DELETE FROM key_tries WHERE expires_at <= ?1').bind(now),
    ]),
  )
}
