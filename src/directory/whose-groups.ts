/**
 * Which groups of a user count for policies: the directory's, or those of the assertion at sign-in.
 */
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
