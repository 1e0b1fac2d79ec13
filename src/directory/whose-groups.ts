/** Whose groups of a user count: the directory's, or those of the assertion at sign-in. */
import type { User } from './user.ts'

/** `auto`: the directory's for a user that a directory provisioned, else the assertion's. */
export const groupsFrom = ['auto', 'directory', 'assertion'] as const
export type GroupsFrom = (typeof groupsFrom)[number]

/** The users whose groups of the directory count, by where their row comes from. */
const sources: Readonly<Record<GroupsFrom, readonly User['source'][]>> = {
  auto: ['scim'],
  directory: ['jit', 'scim'],
  assertion: [],
}

export const areDirectorys = (from: GroupsFrom, { source }: Pick<User, 'source'>): boolean =>
  sources[from].includes(source)

const quoted = (from: GroupsFrom) => sources[from].map((source) => `'${source}'`).join(', ')

/** The same in SQL, for the user `u` and the connection `c`. An older connection has no such setting. */
export const areDirectorysSql = `CASE
  coalesce(json_extract(c.settings, '$.directory.groupsFrom'), 'auto')
  ${groupsFrom.map((from) => `WHEN '${from}' THEN u.source IN (${quoted(from)})`).join(' ')} END`
