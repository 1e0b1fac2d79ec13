/** Who is in which group, in D1. */
import * as v from 'valibot'
import { fromStoreSlowly } from '../lib/store-error.ts'
import type { Group, Member } from './group.ts'
import type { Kind } from './record.ts'

const groupRow = v.object({ userId: v.string(), id: v.string(), displayName: v.string() })
const countRow = v.object({ count: v.number() })
const memberRow = v.object({ groupId: v.string(), id: v.string(), display: v.string() })

/** One query by an index. @param userId `users.id`, which is the session's too. */
export async function findGroupsOfUser(db: D1Database, userId: string): Promise<readonly Group[]> {
  const [groups = []] = await findGroupsOfUsers(db, [userId])
  return groups
}

/**
 * The groups of the first of these users, all of them, and of as many more as fit.
 *
 * @returns a list for each of them.
 */
export async function findGroupsOfUsers(
  db: D1Database,
  userIds: readonly string[],
): Promise<readonly (readonly Group[])[]> {
  const rows = await readGroups(db, userIds, GROUPS_IN_ANSWER + 1)
  const byUser = new Map<string, Group[]>(userIds.map((id) => [id, []]))
  for (const { userId, id, displayName } of rows) byUser.get(userId)?.push({ id, displayName })
  const lists = [...byUser.values()]
  if (rows.length <= GROUPS_IN_ANSWER) return lists
  const cut = userIds.indexOf(rows.at(-1)?.userId ?? '')
  if (cut > 0) return lists.slice(0, cut)
  const all = await readGroups(db, userIds.slice(0, 1), -1)
  return [all.map(({ id, displayName }) => ({ id, displayName }))]
}

/** As many as one answer of D1 should hold, unless one person is in more. */
const GROUPS_IN_ANSWER = 20_000

/** @param limit -1: none. */
async function readGroups(db: D1Database, userIds: readonly string[], limit: number) {
  const { results } = await fromStoreSlowly('D1', 'finding the groups of users', () =>
    db
      .prepare(
        `SELECT m.user_id AS userId, g.id, g.name AS displayName
         FROM json_each(?1) j CROSS JOIN scim_members m ON m.user_id = j.value
         CROSS JOIN scim_groups g ON g.id = m.group_id
         ORDER BY j.key, g.seq LIMIT ?2`,
      )
      .bind(JSON.stringify(userIds), limit)
      .all(),
  )
  return results.map((row) => v.parse(groupRow, row))
}

/** As many as one answer of D1 should hold. */
export const MEMBERS_IN_ANSWER = 10_000

/**
 * The members of the first of these groups, all of them, and of as many more as fit.
 *
 * @returns a list for each of them.
 */
export async function findMembers(
  db: D1Database,
  groupIds: readonly string[],
): Promise<readonly (readonly Member[])[]> {
  const rows = await readMembers(db, groupIds, MEMBERS_IN_ANSWER + 1)
  const isWhole = rows.length <= MEMBERS_IN_ANSWER
  const byGroup = new Map<string, Member[]>(groupIds.map((id) => [id, []]))
  for (const { groupId, id, display } of rows) byGroup.get(groupId)?.push({ id, display })
  const lists = [...byGroup.values()]
  if (isWhole) return lists
  const cut = groupIds.indexOf(rows.at(-1)?.groupId ?? '')
  if (cut > 0) return lists.slice(0, cut)
  const [first = ''] = groupIds
  return [await readRest(db, first, lists[0] ?? [])]
}

async function readRest(
  db: D1Database,
  groupId: string,
  begun: readonly Member[],
): Promise<readonly Member[]> {
  const members = [...begun]
  for (;;) {
    const after = members.at(-1)?.id ?? ''
    const { results } = await fromStoreSlowly('D1', 'reading a large group', () =>
      db
        .prepare(
          `SELECT m.group_id AS groupId, m.user_id AS id, u.display
           FROM scim_members m CROSS JOIN scim_users u ON u.id = m.user_id
           WHERE m.group_id = ?1 AND m.user_id > ?2 ORDER BY m.user_id LIMIT ?3`,
        )
        .bind(groupId, after, MEMBERS_IN_ANSWER)
        .all(),
    )
    for (const row of results) members.push(v.parse(memberRow, row))
    if (results.length < MEMBERS_IN_ANSWER) return members
  }
}

async function readMembers(db: D1Database, groupIds: readonly string[], limit: number) {
  const { results } = await fromStoreSlowly('D1', 'reading members', () =>
    db
      .prepare(
        `SELECT m.group_id AS groupId, m.user_id AS id, u.display
         FROM json_each(?1) j CROSS JOIN scim_members m ON m.group_id = j.value
         CROSS JOIN scim_users u ON u.id = m.user_id
         ORDER BY j.key, m.user_id LIMIT ?2`,
      )
      .bind(JSON.stringify(groupIds), limit)
      .all(),
  )
  return results.map((row) => v.parse(memberRow, row))
}

/** How many members these groups have, or groups these people are in; no more are counted than that. */
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
