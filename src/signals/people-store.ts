/** The people that a subject names: of one connection, and never of another. */
import * as v from 'valibot'
import { fold } from '../lib/fold.ts'
import type { Instant } from '../lib/instant.ts'
import { parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import { beganBefore } from './obey-store.ts'
import type { Identifier } from './subject.ts'

/** One more than may be found: a name of so many people names nobody. */
export const MOST_PEOPLE = 100

const idRow = v.object({ id: v.string() })

/** Each part uses one index. Disabled people are found too. */
const byEmail = `
  SELECT id FROM users WHERE connection = ?1 AND email = ?4
  UNION SELECT id FROM users WHERE connection = ?1 AND lower(subject) = lower(?2)
  UNION SELECT id FROM users WHERE connection = ?1 AND user_name = ?2
  UNION SELECT id FROM scim_users
    WHERE connection = ?1 AND name_fold = ?3 AND lower(name) = lower(?2)
  UNION SELECT user_id FROM scim_keys
    WHERE connection = ?1 AND path = 'emails.value' AND value = ?3`

/** The NameID, or the attribute that the connection goes by; our id or the directory's by SCIM. */
const bySubject = `
  SELECT id FROM users WHERE connection = ?1 AND lower(subject) = lower(?2)
  UNION SELECT id FROM users WHERE connection = ?1 AND id = ?2
  UNION SELECT id FROM scim_users WHERE connection = ?1 AND external_id = ?2
  UNION SELECT id FROM scim_users
    WHERE connection = ?1 AND name_fold = ?3 AND lower(name) = lower(?2)
  UNION SELECT user_id FROM sign_ins WHERE connection = ?1 AND name_id = ?2`

/** The ids of users; one more than `MOST_PEOPLE` at most. */
export async function findPeopleNamed(
  db: D1Database,
  connection: string,
  identifiers: readonly Identifier[],
): Promise<readonly string[]> {
  if (identifiers.length === 0) return []
  const results = await fromStore('D1', 'finding whom a signal names', () =>
    db.batch(
      identifiers.map((identifier) => {
        const isEmail = identifier.kind === 'email'
        const name = isEmail ? identifier.email : identifier.sub
        return db
          .prepare(`${isEmail ? byEmail : bySubject} LIMIT ${MOST_PEOPLE + 1}`)
          .bind(connection, name, fold(name), ...(isEmail ? [name.toLowerCase()] : []))
      }),
    ),
  )
  return [...new Set(results.flatMap(({ results: rows }) => parseRows(idRow, rows)).map(idOf))]
}

const idOf = ({ id }: { readonly id: string }): string => id

export interface SessionNamed {
  readonly connection: string
  readonly session: string
  /** Whose it is; empty: anybody's. */
  readonly people: readonly string[]
  /** The sign-in began before then: an IdP may use a SessionIndex again (Core §2.7.2). */
  readonly before: Instant
}

const signInRow = v.object({ id: v.string(), user: v.string() })
export type SignInNamed = v.InferOutput<typeof signInRow>

/** The sign-ins that go on and whose assertion had this SessionIndex. */
export async function findSignInsOfSession(
  db: D1Database,
  { connection, session, people, before }: SessionNamed,
  now: Instant,
): Promise<readonly SignInNamed[]> {
  const { results } = await fromStore('D1', 'finding a session that a signal names', () =>
    db
      .prepare(
        `SELECT id, user_id AS user FROM sign_ins
         WHERE connection = ?1 AND session_index = ?2 AND ended_at IS NULL
           AND (?3 = '[]' OR user_id IN (SELECT value FROM json_each(?3)))
           AND ${beganBefore('?4', '?5')}
         LIMIT ${MOST_PEOPLE}`,
      )
      .bind(connection, session, JSON.stringify(people), before, now)
      .all(),
  )
  return parseRows(signInRow, results)
}
