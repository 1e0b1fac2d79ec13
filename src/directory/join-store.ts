/** SQL by which a subject means a provisioned user, for each join rule. */
import type { JoinRule } from './join.ts'

/**
 * Each query uses one index. LIMIT 2, because two matches are as ambiguous as many. Names and
 * addresses are compared without regard to ASCII case only (SQLite's `lower`); external ids
 * exactly. Names that only look alike are different users. ?1: the connection, ?2: the folded
 * subject, ?3: the subject.
 */
export const candidates: Readonly<Record<JoinRule, string>> = {
  'user-name': `SELECT id FROM scim_users
    WHERE connection = ?1 AND name_fold = ?2 AND lower(name) = lower(?3) LIMIT 2`,
  'external-id': `SELECT id FROM scim_users WHERE connection = ?1 AND external_id = ?3 LIMIT 2`,
  email: `SELECT s.id FROM scim_keys k CROSS JOIN scim_users s ON s.id = k.user_id
    WHERE k.connection = ?1 AND k.path = 'emails.value' AND k.value = ?2
      AND EXISTS (SELECT 1 FROM json_each(s.doc, '$.own.emails') e
                  WHERE lower(json_extract(e.value, '$.value')) = lower(?3)) LIMIT 2`,
}

/**
 * Whether a user matches when all letters are compared without case. null: not asked for this rule.
 */
export const alike: Readonly<Record<JoinRule, string | null>> = {
  'user-name': 'SELECT 1 FROM scim_users WHERE connection = ?1 AND name_fold = ?2',
  'external-id': null,
  email: `SELECT 1 FROM scim_keys
    WHERE connection = ?1 AND path = 'emails.value' AND value = ?2 LIMIT 1`,
}
