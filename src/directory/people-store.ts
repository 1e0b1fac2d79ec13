/** All people in the store, as policies see them, for operators. */
import * as v from 'valibot'
import { flag, jsonOf, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import { directorysGroupsSql } from './whose-groups.ts'

const personRow = v.object({
  id: v.string(),
  connection: v.string(),
  userName: v.string(),
  email: v.nullable(v.string()),
  mayComeIn: flag,
  groups: v.nullable(jsonOf(v.array(v.object({ id: v.string(), displayName: v.string() })))),
  assertedGroups: v.nullable(jsonOf(v.array(v.string()))),
})

/**
 * `groups`: those of the directory; null: those of the assertion count. `assertedGroups`: as of the
 * last session that D1 still has; null: there is none.
 */
export type KnownPerson = v.InferOutput<typeof personRow>

/**
 * A page of everybody, by id.
 *
 * @param after the last id of the page before; null: the first page.
 * @param id one person only; null: everybody.
 */
export async function listPeople(
  db: D1Database,
  { after, id, limit }: { after: string | null; id: string | null; limit: number },
): Promise<readonly KnownPerson[]> {
  const { results } = await fromStoreSlowly('D1', 'reading everybody', () =>
    db
      .prepare(
        `SELECT u.id, u.connection, u.user_name AS userName, u.email,
                u.active AND c.enabled AND (c.provisioning <> 'scim' OR u.source = 'scim')
                  AS mayComeIn,
                ${directorysGroupsSql} AS groups,
                (SELECT s.asserted_groups FROM sessions s WHERE s.user_id = u.id
                 ORDER BY s.opened_at DESC LIMIT 1) AS assertedGroups
         FROM users u JOIN connections c ON c.id = u.connection
         WHERE u.id > coalesce(?1, '') AND u.id = coalesce(?2, u.id) ORDER BY u.id LIMIT ?3`,
      )
      .bind(after, id, limit)
      .all(),
  )
  return parseRows(personRow, results)
}
