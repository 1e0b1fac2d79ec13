/** Which provisioned person an IdP's subject is, by the one rule of its connection. */
import { fold } from '../lib/fold.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { fromStore } from '../lib/store-error.ts'
import type { JoinError, JoinRule } from './join.ts'

/**
 * By one index each; two are as bad as many. Case counts for the external id only, and beyond ASCII
 * always (SQLite's `lower` knows no other letters): what looks alike is not the same person.
 */
const candidates: Readonly<Record<JoinRule, string>> = {
  'user-name': `SELECT id FROM scim_users
    WHERE connection = ?1 AND name_fold = ?2 AND lower(name) = lower(?3) LIMIT 2`,
  'external-id': `SELECT id FROM scim_users WHERE connection = ?1 AND external_id = ?3 LIMIT 2`,
  email: `SELECT s.id FROM scim_keys k CROSS JOIN scim_users s ON s.id = k.user_id
    WHERE k.connection = ?1 AND k.path = 'emails.value' AND k.value = ?2
      AND EXISTS (SELECT 1 FROM json_each(s.doc, '$.own.emails') e
                  WHERE lower(json_extract(e.value, '$.value')) = lower(?3)) LIMIT 2`,
}

/** Whoever has it without regard to any case. null: nobody comes near. */
const alike: Readonly<Record<JoinRule, string | null>> = {
  'user-name': 'SELECT 1 FROM scim_users WHERE connection = ?1 AND name_fold = ?2',
  'external-id': null,
  email: `SELECT 1 FROM scim_keys
    WHERE connection = ?1 AND path = 'emails.value' AND value = ?2 LIMIT 1`,
}

/** @returns the id in `users` and `scim_users`. */
export async function findProvisioned(
  db: D1Database,
  connection: string,
  rule: JoinRule,
  subject: string,
): Promise<Result<string, JoinError>> {
  if (subject === '') return err('not-provisioned')
  const { results } = await fromStore('D1', 'finding who is provisioned', () =>
    db.prepare(candidates[rule]).bind(connection, fold(subject), subject).all<{ id: string }>(),
  )
  const [found, ...others] = results
  if (!found) {
    const isAlike = await hasAlike(db, connection, alike[rule], subject)
    return err(isAlike ? 'alike-provisioned' : 'not-provisioned')
  }
  return others.length === 0 ? ok(found.id) : err('several-provisioned')
}

async function hasAlike(
  db: D1Database,
  connection: string,
  sql: string | null,
  subject: string,
): Promise<boolean> {
  if (sql === null) return false
  const row = await fromStore('D1', 'finding who has such a name', () =>
    db.prepare(sql).bind(connection, fold(subject)).first(),
  )
  return row !== null
}
