/** Where directories and what people reach today have drifted apart. */
import type { Connection } from '../connection/connection.ts'
import {
  countUnsent,
  findMissingGroups,
  listSignedIn,
  listUnsent,
  MOST_LOOKED_AT,
  type NamedGroup,
  type SignedIn,
} from '../directory/drift-store.ts'
import type { Group } from '../directory/group.ts'
import { findGroupsOfUsers } from '../directory/member-store.ts'
import type { User } from '../directory/user.ts'
import { areDirectorys } from '../directory/whose-groups.ts'
import type { Instant } from '../lib/instant.ts'
import { ok, type Result } from '../lib/result.ts'
import { findKnownConnection, type UnknownConnection } from './connections.ts'
import type { Context } from './context.ts'
import { groupsNamed } from './group-paths.ts'
import {
  isOpenTo,
  routesAskingGroups,
  toPerson,
  type GroupRoute,
  type Known,
} from './person-access.ts'
import { count } from './view.ts'

/** So many people are named. All are counted. */
const MOST_NAMED = 200
/** So many people with a session are compared, the newest sign-ins first. */
export const MOST_COMPARED = 1000
/** The overview is read often, so it looks at fewer. */
const onOverview = { people: 5000, compared: 100, connections: 50 }

/** Of one connection. */
export interface DriftCount {
  readonly connection: string
  readonly provisioning: Connection['provisioning']
  /** How many people have signed in, but were not sent by the directory. */
  readonly unsent: number
  /** Whether that is all; else there may be more. */
  readonly isWhole: boolean
  /** The groups of the directory open less to these people than the asserted ones. */
  readonly lessOpen: readonly LessOpen[]
  /** Groups that rules name, and that the directory does not have. */
  readonly missing: readonly string[]
}

export interface Drift extends DriftCount {
  /** People that the directory has not sent, up to MOST_NAMED. */
  readonly people: readonly User[]
}

export interface LessOpen {
  readonly user: User
  /** Site and path of what the asserted groups open, and those of the directory do not. */
  readonly paths: readonly string[]
  /** Whether it is so today already; else, once the directory's groups count. */
  readonly isToday: boolean
}

type Reach = Pick<Context, 'db' | 'now' | 'config'>

export async function findDrift(
  context: Reach,
  id: string,
): Promise<Result<Drift, UnknownConnection>> {
  const known = await findKnownConnection(context.db, id)
  if (!known.ok) return known
  const bounds = { people: MOST_LOOKED_AT, compared: MOST_COMPARED }
  const [drift = nothing(known.value)] = await countDrift(context, [known.value], bounds)
  const people = drift.unsent > 0 ? await listUnsent(context.db, id, MOST_NAMED) : []
  return ok({ ...drift, people })
}

/** Connections where people would lose access if the directory decided alone. */
export async function listDrift(
  context: Reach,
  connections: readonly Connection[],
): Promise<readonly DriftCount[]> {
  const all = connections.filter(({ enabled, provisioning }) => enabled && provisioning !== 'jit')
  const found = await countDrift(context, all.slice(0, onOverview.connections), onOverview)
  return found.filter((drift) => saysOf(drift).length > 0)
}

interface Bounds {
  /** How many people of each connection are read. */
  readonly people: number
  /** People of all connections whose groups are compared. */
  readonly compared: number
}

/** The same few queries, however many connections there are. */
async function countDrift(
  { db, now, config }: Reach,
  all: readonly Connection[],
  bounds: Bounds,
): Promise<readonly DriftCount[]> {
  const connections = all.filter(({ provisioning }) => provisioning !== 'jit')
  if (connections.length === 0) return []
  const ids = connections.map(({ id }) => id)
  const named = ids.flatMap((connection): readonly NamedGroup[] =>
    config ? groupsNamed(config.sites, connection).map((name) => ({ connection, name })) : [],
  )
  const [counts, people, missing] = await Promise.all([
    countUnsent(db, ids, bounds.people),
    named.length > 0 ? listSignedIn(db, ids, bounds.compared, now) : [],
    findMissingGroups(db, named),
  ])
  const groups = await findAllGroups(db, people)
  const routes = routesAskingGroups(config?.sites ?? [])
  return connections.map((connection) => {
    const { id } = connection
    const lessOpen = people.flatMap((user, i) =>
      user.connection === id
        ? compare(routes, { connection, user, groups: groups[i] ?? [], now })
        : [],
    )
    return {
      ...nothing(connection),
      ...counts.find((each) => each.connection === id),
      lessOpen,
      missing: missing.filter((each) => each.connection === id).map(({ name }) => name),
    }
  })
}

const nothing = ({ id, provisioning }: Connection): DriftCount => ({
  connection: id,
  provisioning,
  unsent: 0,
  isWhole: true,
  lessOpen: [],
  missing: [],
})

/** A list for each user. One query may answer for the first users only. */
async function findAllGroups(
  db: D1Database,
  users: readonly User[],
): Promise<readonly (readonly Group[])[]> {
  const lists: (readonly Group[])[] = []
  while (lists.length < users.length) {
    const ids = users.slice(lists.length).map(({ id }) => id)
    lists.push(...(await findGroupsOfUsers(db, ids)))
  }
  return lists
}

interface Compared {
  readonly connection: Connection
  readonly user: SignedIn
  readonly groups: readonly Group[]
  readonly now: Instant
}

function compare(
  routes: readonly GroupRoute[],
  { connection, user, groups, now }: Compared,
): readonly LessOpen[] {
  const { asserted, ...rest } = user
  const known: Known = { user, signedInAt: now, groups: asserted, groupIds: null }
  const person = toPerson(known)
  const then = toPerson({
    ...known,
    groups: groups.map(({ displayName }) => displayName),
    groupIds: groups.map(({ id }) => id),
  })
  // A route judges alike where its rule finds alike the groups that it names. An id is never asserted.
  const isAlike = ({ asks }: GroupRoute): boolean =>
    asks.every(
      (leaf) =>
        leaf.kind === 'group' &&
        asserted.includes(leaf.name) ===
          groups.some(({ displayName }) => displayName === leaf.name),
    )
  const paths = routes
    .filter((route) => !isAlike(route))
    .filter((route) => isOpenTo(route, person, now) && !isOpenTo(route, then, now))
    .map(({ site, path }) => site.url + path)
  const isToday = areDirectorys(connection.settings.directory.groupsFrom, user)
  return paths.length > 0 ? [{ user: rest, paths, isToday }] : []
}

const people = (number: number): string =>
  `${number.toLocaleString('en')} ${number === 1 ? 'person' : 'people'}`

/** How many people, in words. */
export const unsentOf = ({ unsent, isWhole }: Pick<DriftCount, 'unsent' | 'isWhole'>): string =>
  `${isWhole ? '' : 'At least '}${people(unsent)}`

export const lessOpenOf = ({ lessOpen }: Pick<DriftCount, 'lessOpen'>): string => {
  const today = lessOpen.filter(({ isToday }) => isToday).length
  const later = lessOpen.length - today
  return [
    ...(today > 0
      ? [`${people(today)} ${today === 1 ? 'has' : 'have'} lost access to some pages`]
      : []),
    ...(later > 0 ? [`${people(later)} would lose access to some pages`] : []),
  ].join(', ')
}

/** The drift in sentences; empty: there is none with an effect. */
export const saysOf = (drift: DriftCount): readonly string[] => [
  // Where only the directory's people may sign in, the others are out already.
  ...(drift.unsent > 0 && drift.provisioning === 'jit+scim'
    ? [`${unsentOf(drift)} would lose access if only people of the directory might sign in.`]
    : []),
  ...(drift.lessOpen.length > 0 ? [`${lessOpenOf(drift)}, by the groups of the directory.`] : []),
  ...(drift.missing.length > 0
    ? [`The directory does not have ${count(drift.missing.length, 'group')} that rules name.`]
    : []),
]
