/** Reads the members of groups and the groups of users, in D1. */
import * as v from 'valibot'
import { parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import type { Group } from './group.ts'
import type { Member } from './member.ts'
import type { Kind } from './resource.ts'

const groupRow = v.object({
  of: v.string(),
  id: v.string(),
  seq: v.number(),
  displayName: v.string(),
})
const countRow = v.object({ count: v.number() })
const memberRow = v.object({ of: v.string(), id: v.string(), display: v.string() })

/** The number of rows to read in one query, unless a single user or group has more. */
const GROUPS_IN_ANSWER = 20_000
export const MEMBERS_IN_ANSWER = 10_000

/** One indexed query. @param userId `users.id`, as in a session. */
export async function findGroupsOfUser(db: D1Database, userId: string): Promise<readonly Group[]> {
  const [groups = []] = await findGroupsOfUsers(db, [userId])
  return groups
}

/**
 * The groups of these users. May stop early: at least the first user, completely, and as many more
 * as fit.
 *
 * @returns a list per user, in the given order.
 */
export async function findGroupsOfUsers(
  db: D1Database,
  userIds: readonly string[],
): Promise<readonly (readonly Group[])[]> {
  const rows = await readGroups(db, userIds, GROUPS_IN_ANSWER + 1)
  const whole = wholeLists(userIds, rows, GROUPS_IN_ANSWER)
  const lists = whole ?? [await readGroups(db, userIds.slice(0, 1), -1)]
  return lists.map((groups) =>
    groups.toSorted((a, b) => a.seq - b.seq).map(({ id, displayName }) => ({ id, displayName })),
  )
}

/** @param limit -1: no limit. */
async function readGroups(db: D1Database, userIds: readonly string[], limit: number) {
  const { results } = await fromStoreSlowly('D1', 'finding the groups of users', () =>
    db
      .prepare(
        `SELECT m.user_id AS "of", g.id, g.seq, g.name AS displayName
         FROM json_each(?1) j CROSS JOIN scim_members m ON m.user_id = j.value
         CROSS JOIN scim_groups g ON g.id = m.group_id LIMIT ?2`,
      )
      .bind(JSON.stringify(userIds), limit)
      .all(),
  )
  return parseRows(groupRow, results)
}

/**
 * The members of these groups. May stop early: at least the first group, completely, and as many
 * more as fit.
 *
 * @returns a list per group, in the given order.
 */
export async function findMembers(
  db: D1Database,
  groupIds: readonly string[],
): Promise<readonly (readonly Member[])[]> {
  const rows = await readMembers(db, groupIds, MEMBERS_IN_ANSWER + 1)
  const [first = ''] = groupIds
  return wholeLists(groupIds, rows, MEMBERS_IN_ANSWER) ?? [await readLarge(db, first)]
}

async function readMembers(db: D1Database, groupIds: readonly string[], limit: number) {
  const { results } = await fromStoreSlowly('D1', 'reading members', () =>
    db
      .prepare(
        `SELECT m.group_id AS "of", m.user_id AS id, u.display
         FROM json_each(?1) j CROSS JOIN scim_members m ON m.group_id = j.value
         CROSS JOIN scim_users u ON u.id = m.user_id LIMIT ?2`,
      )
      .bind(JSON.stringify(groupIds), limit)
      .all(),
  )
  return parseRows(memberRow, results)
}

/**
 * Splits the rows by id. The last id may be cut off, so it is left out; null: the first id alone
 * has more than `most` rows. The queries have no ORDER BY, because SQLite would then read the rows
 * of all ids each time. Its nested loops return the rows in the order of the ids; this function
 * checks that.
 */
function wholeLists<Row extends { readonly of: string }>(
  ids: readonly string[],
  rows: readonly Row[],
  most: number,
): readonly (readonly Row[])[] | null {
  const places = new Map(ids.map((id, i) => [id, i]))
  const lists = ids.map((): Row[] => [])
  let place = 0
  for (const row of rows) {
    const at = places.get(row.of) ?? -1
    if (at < place) throw new Error('D1 gave members in another order than they were asked for.')
    place = at
    lists[at]?.push(row)
  }
  if (rows.length <= most) return lists
  return place > 0 ? lists.slice(0, place) : null
}

async function readLarge(db: D1Database, groupId: string): Promise<readonly Member[]> {
  const members: Member[] = []
  for (;;) {
    const after = members.at(-1)?.id ?? ''
    const { results } = await fromStoreSlowly('D1', 'reading a large group', () =>
      db
        .prepare(
          `SELECT m.group_id AS "of", m.user_id AS id, u.display
           FROM scim_members m CROSS JOIN scim_users u ON u.id = m.user_id
           WHERE m.group_id = ?1 AND m.user_id > ?2 ORDER BY m.user_id LIMIT ?3`,
        )
        .bind(groupId, after, MEMBERS_IN_ANSWER)
        .all(),
    )
    members.push(...parseRows(memberRow, results))
    if (results.length < MEMBERS_IN_ANSWER) return members
  }
}

/** The number of members of these groups, or of groups of these users. Stops counting at `most`. */
export async function countRelations(
  db: D1Database,
  kind: Kind,
  ids: readonly string[],
  most: number,
): Promise<number> {
  const column = kind === 'User' ? 'user_id' : 'group_id'
  const row = await fromStoreSlowly('D1', 'counting members', () =>
    db
      .prepare(
        `SELECT count(*) AS count FROM (
           SELECT 1 FROM json_each(?1) j CROSS JOIN scim_members m ON m.${column} = j.value LIMIT ?2
         ) d`,
      )
      .bind(JSON.stringify(ids), most)
      .first(),
  )
  return v.parse(countRow, row).count
}
