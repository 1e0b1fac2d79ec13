/** Operations on people who sign in. */
import { findConnection } from '../connection/store.ts'
import type { Group } from '../directory/group.ts'
import { findGroupsOfUser } from '../directory/member-store.ts'
import { findEntry, type Entry } from '../directory/overview-store.ts'
import { pageUsers, toWords, type FoundUser } from '../directory/search-store.ts'
import { findUsers, setUserActive } from '../directory/sign-in-store.ts'
import type { User } from '../directory/user.ts'
import { areDirectorys } from '../directory/whose-groups.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { listSessions, type OpenSession } from '../session/standing-store.ts'
import { findConnectionIfNamed, type UnknownConnection } from './connections.ts'
import { record, type Context } from './context.ts'
import { readPage, type Page } from './page.ts'

/** The user that an operator names. */
export interface Named {
  /** A user name, email address, subject or id, in full. */
  readonly text: string
  /** null: a user of any connection. */
  readonly connection: string | null
}

export type PersonRefusal =
  | { readonly reason: 'unknown-user'; readonly named: Named }
  /** Several users have the name that was given. */
  | {
      readonly reason: 'several-users'
      readonly named: Named
      readonly candidates: readonly User[]
    }
  /** The user was removed meanwhile. */
  | { readonly reason: 'user-gone'; readonly userName: string }

export async function findOneUser(
  db: D1Database,
  named: Named,
): Promise<Result<User, PersonRefusal>> {
  const found = await findNamed(db, named)
  // An id means one user, though another user may have it as a name.
  const exact = found.filter(({ id }) => id === named.text)
  const candidates = exact.length > 0 ? exact : found
  const [user, ...others] = candidates
  if (!user) return err({ reason: 'unknown-user', named })
  return others.length === 0 ? ok(user) : err({ reason: 'several-users', named, candidates })
}

const findNamed = async (db: D1Database, { text, connection }: Named): Promise<readonly User[]> =>
  (await findUsers(db, text)).filter(
    (user) => connection === null || user.connection === connection,
  )

export interface PeopleFilter {
  /** The whole of a name; null: any. */
  readonly named: string | null
  /** The beginnings of words in names; null: any. */
  readonly search: string | null
  /** null: of every connection. */
  readonly connection: string | null
  /** Where the page begins; null: it is the first page. */
  readonly after: readonly string[] | null
  readonly limit: number
}

export async function findPeople(
  db: D1Database,
  { named, search, connection, after, limit }: PeopleFilter,
): Promise<Result<Page<User>, UnknownConnection>> {
  const known = await findConnectionIfNamed(db, connection)
  if (!known.ok) return known
  if (named !== null) {
    return ok({ items: await findNamed(db, { text: named, connection }), next: null })
  }
  const words = toWords(search ?? '')
  return ok(
    await readPage(limit, placeOf, (most) =>
      pageUsers(db, { connection, words, after, limit: most }),
    ),
  )
}

const placeOf = ({ connection, userName, id, word }: FoundUser) =>
  word === null ? [connection, userName, id] : [word, '', id]

/** All that is known of a user. */
export interface Profile {
  readonly user: User
  /** null: no directory sent the user. */
  readonly entry: Entry | null
  /** Those of the directory. */
  readonly groups: readonly Group[]
  readonly sessions: readonly OpenSession[]
  /** Whether rules go by the groups of the directory, and not by those of a sign-in. */
  readonly areDirectorys: boolean
}

export async function findProfile(
  { db, now }: Pick<Context, 'db' | 'now'>,
  named: Named,
): Promise<Result<Profile, PersonRefusal>> {
  const found = await findOneUser(db, named)
  if (!found.ok) return found
  const user = found.value
  const connection = await findConnection(db, user.connection)
  return ok({
    user,
    entry: await findEntry(db, user.id),
    groups: await findGroupsOfUser(db, user.id),
    sessions: await listSessions(db, user.id, now),
    areDirectorys: areDirectorys(connection?.settings.directory.groupsFrom ?? 'auto', user),
  })
}

export interface SwitchedUser {
  readonly user: User
  /** False: the user was as asked already, and nothing was written. */
  readonly isChanged: boolean
  /** How many open sessions the operation has ended. */
  readonly sessions: number
}

/** Keeps the user out whatever the IdP and the directory say. Every session of the user ends. */
export const disableUser = (
  context: Context,
  named: Named,
): Promise<Result<SwitchedUser, PersonRefusal>> => switchUser(context, named, false)

/** The user may sign in again, unless the directory says otherwise. Old sessions stay ended. */
export const enableUser = (
  context: Context,
  named: Named,
): Promise<Result<SwitchedUser, PersonRefusal>> => switchUser(context, named, true)

async function switchUser(
  context: Context,
  named: Named,
  isEnabled: boolean,
): Promise<Result<SwitchedUser, PersonRefusal>> {
  const { db, now } = context
  const found = await findOneUser(db, named)
  if (!found.ok) return found
  const { id, barred, userName } = found.value
  if (barred !== isEnabled) return ok({ user: found.value, isChanged: false, sessions: 0 })
  const { length: sessions } = await listSessions(db, id, now)
  const [user] = (await setUserActive(db, id, isEnabled, now)) ? await findUsers(db, id) : []
  if (!user) return err({ reason: 'user-gone', userName })
  await record(context, {
    command: isEnabled ? 'user enable' : 'user disable',
    connection: user.connection,
    user: user.id,
    facts: { sessions },
  })
  return ok({ user, isChanged: true, sessions })
}
