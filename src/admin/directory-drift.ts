/** Where the directory and what people reach today have drifted apart. */
import type { Connection } from '../connection/connection.ts'
import {
  findMissingGroups,
  listSignedIn,
  listUnsent,
  type SignedIn,
} from '../directory/drift-store.ts'
import type { Group } from '../directory/group.ts'
import { findGroupsOfUsers } from '../directory/member-store.ts'
import type { User } from '../directory/user.ts'
import { areDirectorys } from '../directory/whose-groups.ts'
import type { Instant } from '../lib/instant.ts'
import { ok, type Result } from '../lib/result.ts'
import { findKnownConnection, type UnknownConnection } from './connections.ts'
import type { Context, DeployedConfig } from './context.ts'
import { groupsNamed } from './group-paths.ts'
import { pathsOpenTo, toPerson, type Known } from './person-access.ts'

/** More are counted as "more than". */
export const MOST_UNSENT = 200
/** So many people with a session are compared, the newest sign-ins first. */
const MOST_COMPARED = 100

export interface Drift {
  readonly provisioning: Connection['provisioning']
  /** People who may sign in, and whom the directory has not sent: up to MOST_UNSENT + 1. */
  readonly unsent: readonly User[]
  /** People for whom the groups of the directory open less than those that were asserted. */
  readonly lessOpen: readonly LessOpen[]
  /** Groups that rules name, and that the directory does not have. */
  readonly missing: readonly string[]
}

export interface LessOpen {
  readonly user: User
  /** Site and path of what the asserted groups open, and those of the directory do not. */
  readonly paths: readonly string[]
  /** Whether it is so today already; else, once the directory's groups count. */
  readonly isToday: boolean
}

export async function findDrift(
  { db, now, config }: Pick<Context, 'db' | 'now' | 'config'>,
  connectionId: string,
): Promise<Result<Drift, UnknownConnection>> {
  const known = await findKnownConnection(db, connectionId)
  if (!known.ok) return known
  const connection = known.value
  const { id, provisioning } = connection
  if (provisioning === 'jit') return ok({ provisioning, unsent: [], lessOpen: [], missing: [] })
  const named = config ? groupsNamed(config.sites, id) : []
  const [unsent, people, missing] = await Promise.all([
    listUnsent(db, id, MOST_UNSENT + 1),
    named.length > 0 ? listSignedIn(db, id, MOST_COMPARED, now) : [],
    findMissingGroups(db, id, named),
  ])
  const groups = await findGroupsOfUsers(
    db,
    people.map((user) => user.id),
  )
  const lessOpen = people.flatMap((user, i) =>
    config ? compare(config, { connection, user, groups: groups[i] ?? [], now }) : [],
  )
  return ok({ provisioning, unsent, lessOpen, missing })
}

interface Compared {
  readonly connection: Connection
  readonly user: SignedIn
  readonly groups: readonly Group[]
  readonly now: Instant
}

function compare(
  { sites }: DeployedConfig,
  { connection, user, groups, now }: Compared,
): readonly LessOpen[] {
  const { asserted, ...rest } = user
  const known: Known = { user, signedInAt: now, groups: asserted, groupIds: null }
  const then: Known = {
    ...known,
    groups: groups.map(({ displayName }) => displayName),
    groupIds: groups.map(({ id }) => id),
  }
  const open = new Set(pathsOpenTo(sites, toPerson(then), now))
  const paths = pathsOpenTo(sites, toPerson(known), now).filter((path) => !open.has(path))
  const isToday = areDirectorys(connection.settings.directory.groupsFrom, user)
  return paths.length > 0 ? [{ user: rest, paths, isToday }] : []
}
