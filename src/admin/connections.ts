/** Operations on connections: identity providers that people sign in with. */
import type { Facts } from '../audit/event.ts'
import type { Connection, ConnectionCertificate } from '../connection/connection.ts'
import type { InputFault } from '../connection/fields.ts'
import {
  parseChanges,
  parseNewConnection,
  type ConnectionInput,
  type ParsedInput,
} from '../connection/input.ts'
import {
  findConnection,
  findConnectionByDomain,
  findVersion,
  insertConnection,
  listConnections,
  removeConnection as removeStoredConnection,
  replaceConnection,
} from '../connection/store.ts'
import { warningsOf, warningsOfDirectory, type Warning } from '../connection/warnings.ts'
import { findGuard, type Guard } from '../directory/guard-store.ts'
import { countUsers } from '../directory/sign-in-store.ts'
import type { Instant } from '../lib/instant.ts'
import { didYouMean } from '../lib/nearest.ts'
import { err, ok, type Err, type Result } from '../lib/result.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { record, type Context } from './context.ts'
import { refusal, type Refusal } from './operation.ts'
import { makeOwnKeys } from './set-up.ts'

export interface UnknownConnection {
  readonly reason: 'unknown-connection'
  readonly id: string
  /** Ids of the connections that there are. */
  readonly known: readonly string[]
}

export type ConnectionRefusal =
  | UnknownConnection
  | { readonly reason: 'input'; readonly faults: readonly InputFault[] }
  | { readonly reason: 'connection-exists'; readonly id: string }
  /** A domain belongs to one connection: no other IdP may speak for its addresses. */
  | { readonly reason: 'domains-taken'; readonly taken: readonly TakenDomain[] }
  /** Another operator removed it meanwhile. */
  | { readonly reason: 'connection-gone'; readonly id: string }
  /** It was written after it was read, so the change was not made. */
  | { readonly reason: 'connection-changed'; readonly id: string }

export interface TakenDomain {
  readonly domain: string
  /** The id of its connection. */
  readonly owner: string
}

export async function findKnownConnection(
  db: D1Database,
  id: string,
): Promise<Result<Connection, UnknownConnection>> {
  const connection = await findConnection(db, id)
  if (connection) return ok(connection)
  const known = (await listConnections(db)).map((each) => each.id)
  return err({ reason: 'unknown-connection', id, known })
}

/** What needs attention in the connection and its directory. */
export const findWarnings = async (
  db: D1Database,
  connection: Connection,
  now: Instant,
): Promise<readonly Warning[]> =>
  allWarnings(connection, await findGuard(db, connection.id, now), now)

export const allWarnings = (
  connection: Connection,
  guard: Guard | null,
  now: Instant,
): readonly Warning[] => [
  ...warningsOf(connection, now),
  ...warningsOfDirectory(connection, guard, now),
]

/** An id that is not given is fine. */
export const findConnectionIfNamed = async (
  db: D1Database,
  id: string | null,
): Promise<Result<Connection | null, UnknownConnection>> =>
  id === null ? ok(null) : findKnownConnection(db, id)

/** A mistyped id gets a suggestion, and where there is no connection at all, the way to the first. */
export function explainUnknownConnection({ reason, id, known }: UnknownConnection): Refusal {
  const there = known.length > 0 ? `There is: ${known.join(', ')}.` : 'There is none yet.'
  const suggested = didYouMean(id, known, (meant) => `"${meant}"`)
  return refusal(
    'not-found',
    reason,
    `There is no connection "${id}".${suggested} ${there}`,
    known.length > 0 ? null : { operation: 'connection add', asks: 'id' },
  )
}

export async function addConnection(
  context: Context,
  id: string,
  input: ConnectionInput,
): Promise<Result<ParsedInput, ConnectionRefusal>> {
  const { db, now } = context
  const parsed = await parseNewConnection(id, input, now)
  if (!parsed.ok) return err({ reason: 'input', faults: parsed.error })
  const { connection } = parsed.value
  if (await findConnection(db, id)) return err({ reason: 'connection-exists', id })
  const taken = await findTakenDomains(db, connection)
  if (taken.length > 0) return err({ reason: 'domains-taken', taken })
  await makeOwnKeys(context, connection)
  try {
    await insertConnection(db, connection, now)
  } catch (error) {
    return refusalBehind(error, db, connection, true)
  }
  await record(context, {
    command: 'connection add',
    connection: id,
    user: null,
    facts: factsOf(connection),
  })
  return parsed
}

export interface UpdatedConnection extends ParsedInput {
  readonly before: Connection
  readonly removed: readonly ConnectionCertificate[]
}

/**
 * What the input does not name stays as it is.
 *
 * @param ifVersion the version that is to be changed; null: whichever is stored.
 */
export async function updateConnection(
  context: Context,
  id: string,
  input: ConnectionInput,
  ifVersion: string | null = null,
): Promise<Result<UpdatedConnection, ConnectionRefusal>> {
  const { db, now } = context
  const version = await findVersion(db, id)
  const known = await findKnownConnection(db, id)
  if (!known.ok) return known
  if (ifVersion !== null && String(version) !== ifVersion) {
    return err({ reason: 'connection-changed', id })
  }
  const before = known.value
  const parsed = await parseChanges(before, input, now)
  if (!parsed.ok) return err({ reason: 'input', faults: parsed.error })
  const { connection } = parsed.value
  const taken = await findTakenDomains(db, connection)
  if (taken.length > 0) return err({ reason: 'domains-taken', taken })
  // null: another operator added it between the two reads.
  if (version === null) return err({ reason: 'connection-changed', id })
  await makeOwnKeys(context, connection)
  try {
    if (!(await replaceConnection(db, connection, { version, now }))) {
      return err({ reason: 'connection-changed', id })
    }
  } catch (error) {
    return refusalBehind(error, db, connection, false)
  }
  await record(context, {
    command: 'connection update',
    connection: id,
    user: null,
    facts: changesOf(before, connection),
  })
  const removed = before.certificates.filter((old) =>
    connection.certificates.every(({ fingerprint }) => fingerprint !== old.fingerprint),
  )
  return ok({ ...parsed.value, before, removed })
}

export interface Removal {
  readonly users: number
  /** Open sessions of these users. */
  readonly sessions: number
}

/** What `removeConnection` would remove with the connection. */
export async function previewRemoval(
  { db, now }: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<Result<Removal, UnknownConnection>> {
  const known = await findKnownConnection(db, id)
  return known.ok ? ok(await countUsers(db, id, now)) : known
}

/** With its users and their sessions, for good. */
export async function removeConnection(
  context: Context,
  id: string,
): Promise<Result<Removal, ConnectionRefusal>> {
  const removal = await previewRemoval(context, id)
  if (!removal.ok) return removal
  const { users, sessions } = removal.value
  if (!(await removeStoredConnection(context.db, id))) {
    return err({ reason: 'connection-gone', id })
  }
  await record(context, {
    command: 'connection remove',
    connection: id,
    user: null,
    facts: { users, sessions },
  })
  return removal
}

/** Why D1 refused: another operator took the id or a domain after the checks. */
async function refusalBehind(
  error: unknown,
  db: D1Database,
  connection: Connection,
  isNew: boolean,
): Promise<Err<ConnectionRefusal>> {
  if (!(error instanceof StoreUnavailable)) throw error
  const { id } = connection
  const taken = await findTakenDomains(db, connection)
  if (taken.length > 0) return err({ reason: 'domains-taken', taken })
  if (isNew && (await findVersion(db, id)) !== null) return err({ reason: 'connection-exists', id })
  throw error
}

async function findTakenDomains(
  db: D1Database,
  { id, domains }: Connection,
): Promise<readonly TakenDomain[]> {
  const taken: TakenDomain[] = []
  for (const domain of domains) {
    const owner = await findConnectionByDomain(db, domain)
    if (owner && owner.id !== id) taken.push({ domain, owner: owner.id })
  }
  return taken
}

/** For the audit: every field as text, number or list. */
function factsOf({ settings, certificates, ...own }: Connection): Facts {
  const entries = [...Object.entries(own), ...Object.entries(settings)]
  const fingerprints = certificates.map(({ fingerprint }) => fingerprint)
  const fields = entries.map(([name, value]) => [name, flat(value)] as const)
  return { ...Object.fromEntries(fields), certificates: fingerprints }
}

/** The fields that are no longer as they were, and no other. */
function changesOf(before: Connection, after: Connection): Facts {
  const old = factsOf(before)
  return Object.fromEntries(
    Object.entries(factsOf(after)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name]),
    ),
  )
}

const flat = (value: Facts[string] | object): Facts[string] =>
  typeof value === 'object' && value !== null && !isTexts(value) ? JSON.stringify(value) : value

const isTexts = (value: object): value is readonly string[] => Array.isArray(value)
