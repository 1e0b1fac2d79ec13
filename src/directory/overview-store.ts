/** Reads the directory for operators, in D1. */
import * as v from 'valibot'
import { fold } from '../lib/fold.ts'
import type { Instant } from '../lib/instant.ts'
import { flag, instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'

/** A provisioned user, with the values by which a sign-in could find it. */
export interface Entry {
  readonly id: string
  readonly connection: string
  readonly userName: string
  readonly externalId: string | null
  readonly emails: readonly string[]
  readonly active: boolean
  readonly updatedAt: Instant
  readonly lastLoginAt: Instant | null
}

const entryRow = v.object({
  id: v.string(),
  connection: v.string(),
  userName: v.string(),
  externalId: v.nullable(v.string()),
  emails: jsonOf(v.array(v.string())),
  active: flag,
  updatedAt: instant,
  lastLoginAt: v.nullable(instant),
})
const entry = `s.id, s.connection, s.name AS userName, s.external_id AS externalId, s.active,
  s.updated_at AS updatedAt, u.last_login_at AS lastLoginAt,
  (SELECT json_group_array(json_extract(e.value, '$.value'))
   FROM json_each(s.doc, '$.own.emails') e
   WHERE json_type(e.value, '$.value') = 'text') AS emails`

/** null: the user is not provisioned. */
export async function findEntry(db: D1Database, userId: string): Promise<Entry | null> {
  const row = await fromStoreSlowly('D1', 'finding who is provisioned', () =>
    db
      .prepare(
        `SELECT ${entry} FROM scim_users s CROSS JOIN users u ON u.id = s.id WHERE s.id = ?1`,
      )
      .bind(userId)
      .first(),
  )
  return parseRow(entryRow, row)
}

/** In the order in which they were created. */
export async function listEntries(
  db: D1Database,
  connection: string,
  limit: number,
): Promise<readonly Entry[]> {
  const { results } = await fromStoreSlowly('D1', 'listing who is provisioned', () =>
    db
      .prepare(
        `SELECT ${entry} FROM scim_users s CROSS JOIN users u ON u.id = s.id
         WHERE s.connection = ?1 ORDER BY s.seq LIMIT ?2`,
      )
      .bind(connection, limit)
      .all(),
  )
  return parseRows(entryRow, results)
}

/**
 * Users that one of the texts could mean: by user name, external id, email address or display name,
 * or as an Entra ID guest with that address.
 */
export async function findEntriesLike(
  db: D1Database,
  connection: string,
  texts: readonly string[],
): Promise<readonly Entry[]> {
  const wanted = texts.filter((text) => text !== '')
  const { results } = await fromStoreSlowly('D1', 'finding who may be meant', () =>
    db
      .prepare(
        `SELECT ${entry} FROM (
           SELECT s.id FROM json_each(?2) j CROSS JOIN scim_users s
             ON s.connection = ?1 AND s.name_fold = j.value
           UNION SELECT s.id FROM json_each(?3) j CROSS JOIN scim_users s
             ON s.connection = ?1 AND s.external_id = j.value
           UNION SELECT k.user_id FROM json_each(?2) j CROSS JOIN scim_keys k
             ON k.connection = ?1 AND k.path = 'emails.value' AND k.value = j.value
           UNION SELECT k.user_id FROM json_each(?2) j CROSS JOIN scim_keys k
             ON k.connection = ?1 AND k.path = 'displayName' AND k.value = j.value
           UNION SELECT s.id FROM json_each(?4) j CROSS JOIN scim_users s
             ON s.connection = ?1 AND s.name_fold >= j.value AND s.name_fold < j.value || '~'
         ) d CROSS JOIN scim_users s ON s.id = d.id CROSS JOIN users u ON u.id = s.id LIMIT 10`,
      )
      .bind(
        connection,
        JSON.stringify(wanted.map(fold)),
        JSON.stringify(wanted),
        JSON.stringify(wanted.flatMap(guestPrefix)),
      )
      .all(),
  )
  return parseRows(entryRow, results)
}

/** Entra ID names the guest a@b.com `a_b.com#EXT#@tenant.onmicrosoft.com`. */
const guestPrefix = (text: string): readonly string[] =>
  /^[^@]+@[^@]+$/.test(text) ? [`${fold(text.replace('@', '_'))}#ext#`] : []

export interface GroupEntry {
  readonly id: string
  readonly connection: string
  readonly displayName: string
  readonly externalId: string | null
  readonly members: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

const groupRow = v.object({
  id: v.string(),
  connection: v.string(),
  displayName: v.string(),
  externalId: v.nullable(v.string()),
  members: v.number(),
  createdAt: instant,
  updatedAt: instant,
})
const groupEntry = `g.id, g.connection, g.name AS displayName, g.external_id AS externalId,
  (SELECT count(*) FROM scim_members m WHERE m.group_id = g.id) AS members,
  g.created_at AS createdAt, g.updated_at AS updatedAt`

export interface GroupPage {
  /** null: groups of every connection. */
  readonly connection: string | null
  /** A part of the display name, in any case; null: any. */
  readonly search: string | null
  /** The connection and the display name of the group before the page; null: the page is the first. */
  readonly after: readonly string[] | null
  readonly limit: number
}

/** In the order of connection and display name, whose case does not count. */
export async function listGroups(
  db: D1Database,
  { connection, search, after, limit }: GroupPage,
): Promise<readonly GroupEntry[]> {
  const [afterConnection = '', afterName = ''] = after ?? []
  const { results } = await fromStoreSlowly('D1', 'listing groups', () =>
    db
      .prepare(
        `SELECT ${groupEntry} FROM scim_groups g WHERE g.connection = coalesce(?1, g.connection)
           AND (g.connection, g.name_fold) > (?3, ?4) AND instr(g.name_fold, ?5) > 0
         ORDER BY g.connection, g.name_fold LIMIT ?2`,
      )
      .bind(connection, limit, afterConnection, fold(afterName), fold(search ?? ''))
      .all(),
  )
  return parseRows(groupRow, results)
}

/** Groups with this id, external id or display name (in any case), of every connection. */
export async function findGroups(db: D1Database, text: string): Promise<readonly GroupEntry[]> {
  const { results } = await fromStoreSlowly('D1', 'finding groups', () =>
    db
      .prepare(
        `SELECT ${groupEntry} FROM (
           SELECT id FROM scim_groups WHERE id = ?1
           UNION SELECT s.id FROM connections c CROSS JOIN scim_groups s
             ON s.connection = c.id AND s.name_fold = ?2
           UNION SELECT s.id FROM connections c CROSS JOIN scim_groups s
             ON s.connection = c.id AND s.external_id = ?1
         ) d CROSS JOIN scim_groups g ON g.id = d.id ORDER BY g.connection, g.name LIMIT 100`,
      )
      .bind(text, fold(text))
      .all(),
  )
  return parseRows(groupRow, results)
}

const memberRow = v.object({ id: v.string(), userName: v.string(), active: flag, barred: flag })
export type MemberEntry = v.InferOutput<typeof memberRow>

/**
 * In the order of their ids. `active` and `barred` are as in `User`.
 *
 * @param after the id of the member before the page; null: the page is the first.
 */
export async function listMembers(
  db: D1Database,
  groupId: string,
  after: string | null,
  limit: number,
): Promise<readonly MemberEntry[]> {
  const { results } = await fromStoreSlowly('D1', 'listing members', () =>
    db
      .prepare(
        `SELECT u.id, u.user_name AS userName, u.active, u.barred
         FROM scim_members m CROSS JOIN users u ON u.id = m.user_id
         WHERE m.group_id = ?1 AND m.user_id > ?3 ORDER BY m.user_id LIMIT ?2`,
      )
      .bind(groupId, limit, after ?? '')
      .all(),
  )
  return parseRows(memberRow, results)
}
