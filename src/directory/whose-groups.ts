/**
 * Which groups of a user count for policies: the directory's, or those of the assertion at sign-in.
 */
import { MOST_GROUPS } from '../lib/most-groups.ts'
import type { User } from './user.ts'

/**
 * `auto`: a provisioned user has the directory's groups, every other user has those of the
 * assertion.
 */
export const groupsFrom = ['auto', 'directory', 'assertion'] as const
export type GroupsFrom = (typeof groupsFrom)[number]

/** The sources of users whose directory groups count. */
const sources: Readonly<Record<GroupsFrom, readonly User['source'][]>> = {
  auto: ['scim'],
  directory: ['jit', 'scim'],
  assertion: [],
}

export const areDirectorys = (from: GroupsFrom, { source }: Pick<User, 'source'>): boolean =>
  sources[from].includes(source)

const quoted = (from: GroupsFrom) => sources[from].map((source) => `'${source}'`).join(', ')

/**
 * The same decision in SQL, for the user `u` and the connection `c`. Connections from before this
 * setting have no value, which means `auto`.
 */
export const areDirectorysSql = `CASE
  coalesce(json_extract(c.settings, '$.directory.groupsFrom'), 'auto')
  ${groupsFrom.map((from) => `WHEN '${from}' THEN u.source IN (${quoted(from)})`).join(' ')} END`

/** The directory's groups of the user `u`, as JSON; null: those of the assertion count. */
export const directorysGroupsSql = `CASE WHEN ${areDirectorysSql}
  THEN (SELECT json_group_array(json_object('id', id, 'displayName', name))
        FROM (SELECT g.id, g.name
              FROM scim_members m CROSS JOIN scim_groups g ON g.id = m.group_id
              WHERE m.user_id = u.id ORDER BY g.seq LIMIT ${MOST_GROUPS}))
  END`
