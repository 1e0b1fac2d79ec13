/**
 * Groups, in D1. Each membership is a row, so a change of one member reads no other, and a full
 * list is written as the difference to the current one. Ids are bound as one JSON text, because D1
 * binds at most 100 values.
 */
import { fromStoreSlowly } from '../lib/store-error.ts'
import type { MemberCondition, MemberStep } from './member.ts'
import { IDS_IN_STATEMENT, toDifference } from './member-difference.ts'
import {
  parseResource,
  resourceColumns,
  type Edition,
  type ResourceWrite,
  type StoredResource,
} from './resource.ts'

const returning =
  'RETURNING id, seq, doc, version, created_at AS createdAt, updated_at AS updatedAt'

/**
 * @returns null: the name is taken. `known`: how many of the ids belong to users of the connection.
 */
export async function createGroup(
  db: D1Database,
  edition: Edition,
  group: ResourceWrite,
  members: readonly string[],
): Promise<{ readonly group: StoredResource; readonly known: number } | null> {
  const { connection, id, writeId, now } = edition
  const [inserted, ...others] = await fromStoreSlowly('D1', 'creating a group', () =>
    db.batch([
      db
        .prepare(
          `INSERT INTO scim_groups (id, connection, name, name_fold, external_id, doc, search,
             version, write_id, created_at, updated_at)
           SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?9
           WHERE NOT EXISTS (SELECT 1 FROM scim_groups WHERE connection = ?2 AND name_fold = ?4)
           ${returning}`,
        )
        .bind(
          id,
          connection,
          group.name,
          group.nameFold,
          group.externalId,
          group.doc,
          group.search,
          writeId,
          now,
        ),
      ...chunks(members).flatMap((ids) => addMembers(db, edition, ids)),
    ]),
  )
  const row = inserted?.results[0]
  return row === undefined ? null : { group: parseResource(row), known: countKnown(others) }
}

/**
 * @param group null: only members change. Any number of writers may do that at once.
 * @returns `group` is null if nothing was written: the version does not exist, the name is taken,
 * or (if the argument `group` is null) the members already are as requested.
 */
export async function changeGroup(
  db: D1Database,
  edition: Edition,
  group: ResourceWrite | null,
  steps: readonly MemberStep[],
): Promise<{ readonly group: StoredResource | null; readonly known: number }> {
  const first = group
    ? changeWhole(db, edition, group)
    : changeMembers(db, edition, toDifference(steps))
  const [updated, ...others] = await fromStoreSlowly('D1', 'changing a group', () =>
    db.batch([first, ...steps.flatMap((step) => toStatements(db, edition, step))]),
  )
  const row = updated?.results[0]
  return { group: row === undefined ? null : parseResource(row), known: countKnown(others) }
}

const next = 'version = version + 1, write_id = ?4, updated_at = max(updated_at, ?5)'
const which = 'id = ?1 AND connection = ?2 AND version = coalesce(?3, version)'

const changeWhole = (
  db: D1Database,
  { connection, id, version, writeId, now }: Edition,
  { name, nameFold, externalId, doc, search }: ResourceWrite,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE scim_groups
       SET name = ?6, name_fold = ?7, external_id = ?8, doc = ?9, search = ?10, ${next}
       WHERE ${which} AND NOT EXISTS (SELECT 1 FROM scim_groups o
         WHERE o.connection = ?2 AND o.name_fold = ?7 AND o.id <> ?1)
       ${returning}`,
    )
    .bind(id, connection, version, writeId, now, name, nameFold, externalId, doc, search)

const changeMembers = (
  db: D1Database,
  { connection, id, version, writeId, now }: Edition,
  difference: MemberCondition,
): D1PreparedStatement =>
  db
    .prepare(`UPDATE scim_groups SET ${next} WHERE ${which} AND (${difference.where}) ${returning}`)
    .bind(id, connection, version, writeId, now, ...difference.values)

export async function findGroup(
  db: D1Database,
  connection: string,
  id: string,
): Promise<StoredResource | null> {
  const row = await fromStoreSlowly('D1', 'finding a group', () =>
    db
      .prepare(`SELECT ${resourceColumns} FROM scim_groups r WHERE r.id = ?1 AND r.connection = ?2`)
      .bind(id, connection)
      .first(),
  )
  return row === null ? null : parseResource(row)
}

/** @returns the name of the group; null: there was none of that version. @param version null: any. */
export async function removeGroup(
  db: D1Database,
  connection: string,
  id: string,
  version: number | null,
): Promise<string | null> {
  return fromStoreSlowly('D1', 'removing a group', () =>
    db
      .prepare(
        `DELETE FROM scim_groups
         WHERE id = ?1 AND connection = ?2 AND version = coalesce(?3, version)
         RETURNING name`,
      )
      .bind(id, connection, version)
      .first<string>('name'),
  )
}

function toStatements(
  db: D1Database,
  edition: Edition,
  step: MemberStep,
): readonly D1PreparedStatement[] {
  switch (step.kind) {
    case 'add':
      return chunks(step.ids).flatMap((ids) => addMembers(db, edition, ids))
    case 'remove':
      return chunks(step.ids).map((ids) =>
        db
          .prepare(
            `DELETE FROM scim_members WHERE group_id = ?1
             AND user_id IN (SELECT value FROM json_each(?3)) AND ${isOurs}`,
          )
          .bind(edition.id, edition.writeId, ids),
      )
    case 'set': {
      const parts = chunks(step.ids)
      return [
        removeOthers(db, edition, parts),
        ...parts.flatMap((ids) => addMembers(db, edition, ids)),
      ]
    }
    case 'remove-where':
      return [removeWhere(db, edition, step.toCondition(3))]
  }
}

const removeWhere = (
  db: D1Database,
  { id, writeId }: Edition,
  { where, values }: MemberCondition,
): D1PreparedStatement =>
  db
    .prepare(
      `DELETE FROM scim_members WHERE group_id = ?1 AND ${isOurs} AND user_id IN (
         SELECT m.user_id FROM scim_members m CROSS JOIN scim_users x ON x.id = m.user_id
         WHERE m.group_id = ?1 AND ${where})`,
    )
    .bind(id, writeId, ...values)

const isOurs = 'EXISTS (SELECT 1 FROM scim_groups WHERE id = ?1 AND write_id = ?2)'

function removeOthers(
  db: D1Database,
  { id, writeId }: Edition,
  parts: readonly string[],
): D1PreparedStatement {
  const listed = parts.map((_, i) => `SELECT value FROM json_each(?${i + 3})`).join(' UNION ALL ')
  return db
    .prepare(
      `DELETE FROM scim_members WHERE group_id = ?1 AND ${isOurs}
       ${listed === '' ? '' : `AND user_id NOT IN (${listed})`}`,
    )
    .bind(id, writeId, ...parts)
}

/**
 * CROSS JOIN fixes the order of the loops: otherwise SQLite reads every user of the connection for
 * each id. Ids that belong to no user of the connection are skipped; the second statement counts
 * the others.
 */
function addMembers(
  db: D1Database,
  { connection, id, writeId }: Edition,
  ids: string,
): readonly D1PreparedStatement[] {
  return [
    db
      .prepare(
        `INSERT INTO scim_members (group_id, user_id)
         SELECT g.id, u.id FROM scim_groups g CROSS JOIN json_each(?4) j CROSS JOIN scim_users u
         WHERE g.id = ?1 AND g.write_id = ?2 AND u.id = j.value AND u.connection = ?3
         ON CONFLICT DO NOTHING`,
      )
      .bind(id, writeId, connection, ids),
    db
      .prepare(
        `SELECT count(*) AS known FROM json_each(?2) j CROSS JOIN scim_users u
         WHERE u.id = j.value AND u.connection = ?1`,
      )
      .bind(connection, ids),
  ]
}

function countKnown(results: readonly D1Result[]): number {
  const counts = results.flatMap((result) => result.results).map((row) => Object(row)['known'])
  return counts.reduce((sum: number, count) => sum + Number(count ?? 0), 0)
}

function chunks(ids: readonly string[]): readonly string[] {
  const parts: string[] = []
  for (let at = 0; at < ids.length; at += IDS_IN_STATEMENT) {
    parts.push(JSON.stringify(ids.slice(at, at + IDS_IN_STATEMENT)))
  }
  return parts
}
