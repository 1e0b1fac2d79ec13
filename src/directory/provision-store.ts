/** The user that an assertion names, in D1: found, and kept at a sign-in. */
import * as v from 'valibot'
import { fold } from '../lib/fold.ts'
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { flag, jsonOf, parseRow } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import { alike, candidates } from './join-store.ts'
import type { JoinError, JoinRule } from './join.ts'
import { findWhyNot, type NotBegun } from './not-begun-store.ts'
import { afterAllSessions, userColumns, userJson, userRow } from './sign-in-store.ts'
import type { Person, User } from './user.ts'

export interface JoinTerms {
  readonly mode: 'jit' | 'scim' | 'jit+scim'
  readonly join: JoinRule
}

export type ProvisionError = 'user-disabled' | JoinError

export const knownRow = v.object({
  /** The provisioned users that match the subject by the join rule, two at most. */
  joined: v.array(userRow),
  /** Whether there would be one if all letters were compared without case. */
  isAlike: flag,
  /** The user with exactly this subject. */
  own: v.nullable(userRow),
  /** Whether a sign-in (`jit`) has created a user under the same subject. */
  hasUnprovisioned: flag,
})
/** What D1 knows of the subject of an assertion. */
export type Known = v.InferOutput<typeof knownRow>

/**
 * SQL: a `Known`, as JSON. ?1: the connection, ?2: the folded subject, ?3: the subject. In mode `jit`
 * the directory is not asked. An empty subject means no provisioned user.
 */
export function knownSql({ mode, join }: JoinTerms): string {
  const isAsked = mode === 'jit' ? 'false' : `?3 <> ''`
  return `json_object(
    'joined', json((SELECT json_group_array(${userJson}) FROM users
                    WHERE ${isAsked} AND id IN (${candidates[join]}))),
    'isAlike', ${isAsked} AND EXISTS (${alike[join] ?? 'SELECT 1 WHERE false'}),
    'own', json((SELECT ${userJson} FROM users WHERE connection = ?1 AND subject = ?3)),
    'hasUnprovisioned', ${isAsked} AND EXISTS (SELECT 1 FROM users WHERE ${unprovisioned}))`
}

const unprovisioned = `connection = ?1 AND lower(subject) = lower(?3) AND source = 'jit'`

/** The provisioned user that the subject names. */
export function joinedOf({ joined, isAlike }: Known): Result<User, JoinError> {
  const [found, ...others] = joined
  if (others.length > 0) return err('several-provisioned')
  return found ? ok(found) : err(isAlike ? 'alike-provisioned' : 'not-provisioned')
}

/** The user who signs in; null: a new one. */
export function decideUser(
  known: Known,
  mode: JoinTerms['mode'],
): Result<User | null, ProvisionError> {
  const joined = joinedOf(known)
  if (joined.ok) return joined.value.active ? joined : err('user-disabled')
  if (mode === 'scim' || joined.error !== 'not-provisioned') return joined
  const { own } = known
  if (own === null) return ok(null)
  if (!own.active) return err('user-disabled')
  // A user of the directory that the join did not find signs in only where nothing is joined.
  return own.source === 'jit' || mode === 'jit' ? ok(own) : joined
}

/** The id of the user that the subject names, let in or not; null: none, or one of several. */
export const idOfKnown = ({ joined, own }: Known): string | null =>
  joined.length > 1 ? null : ((joined[0] ?? own)?.id ?? null)

/** For reading only. A sign-in reads it in the statement that uses the assertion up. */
export async function findKnown(
  db: D1Database,
  { connection, subject }: Pick<Person, 'connection' | 'subject'>,
  terms: JoinTerms,
): Promise<Known> {
  const row = await fromStore('D1', 'finding the user of a sign-in', () =>
    db
      .prepare(`SELECT ${knownSql(terms)} AS known`)
      .bind(connection, fold(subject), subject)
      .first(),
  )
  return v.parse(v.object({ known: jsonOf(knownRow) }), row).known
}

export interface Provisioning {
  readonly mode: JoinTerms['mode']
  /** The id of the user if one is created. */
  readonly newId: string
  readonly now: Instant
}

/**
 * The user for a verified assertion. A provisioned user keeps the directory's values. Where `jit`
 * creates users, the IdP's values are stored when they are new.
 *
 * A known and unchanged user is not written. The sign-in that begins next is: it begins only if
 * `sessions_valid_from` and `source` are still as they were read here, and its row notes the time
 * at the user. A user that is written is compared in the same way.
 */
export async function provision(
  db: D1Database,
  person: Person,
  known: Known,
  { mode, newId, now }: Provisioning,
): Promise<Result<User, ProvisionError | NotBegun>> {
  // Also where the provisioned user is disabled. Of several, nobody knows which one is meant.
  if (known.joined.length === 1 && known.hasUnprovisioned) {
    await endUnprovisioned(db, person, now)
  }
  const coming = decideUser(known, mode)
  if (!coming.ok) return coming
  const user = coming.value
  if (user === null) {
    const made = await create(db, person, newId, now)
    return made ? ok(made) : err('ended-meanwhile')
  }
  const kept =
    user.source === 'jit' && !isAsSaid(user, person)
      ? await rename(db, user, person, now)
      : user.lastLoginAt === null
        ? await noteFirst(db, user, now)
        : user
  return kept ? ok(kept) : err(await findWhyNot(db, user.id))
}

const isAsSaid = (user: User, { userName, email, displayName }: Person): boolean =>
  user.userName === userName && user.email === email && user.displayName === displayName

/**
 * Two sign-ins may create the same user at the same moment. null: a directory has created the user
 * meanwhile, or an operator has disabled it.
 */
async function create(
  db: D1Database,
  { connection, subject, userName, email, displayName }: Person,
  newId: string,
  now: Instant,
): Promise<User | null> {
  const row = await fromStore('D1', 'provisioning a user', () =>
    db
      .prepare(
        `INSERT INTO users (id, connection, subject, user_name, email, display_name, source,
                            sessions_valid_from, created_at, updated_at, last_login_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'jit', ?7, ?7, ?7, ?7)
         ON CONFLICT (connection, subject) DO UPDATE
         SET user_name = excluded.user_name, email = excluded.email,
             display_name = excluded.display_name, updated_at = excluded.updated_at,
             last_login_at = excluded.last_login_at
         WHERE active = 1 AND source = 'jit'
         RETURNING ${userColumns}`,
      )
      .bind(newId, connection, subject, userName, email, displayName, now)
      .first(),
  )
  return parseRow(userRow, row)
}

/** SQL: the user ?1 is active, and `source` (?2) and `sessions_valid_from` (?3) are as they were read. */
const asRead = 'id = ?1 AND active = 1 AND source = ?2 AND sessions_valid_from = ?3'

/** null: the user is not as it was read. */
async function rename(
  db: D1Database,
  { id, source, sessionsValidFrom }: User,
  { userName, email, displayName }: Person,
  now: Instant,
): Promise<User | null> {
  const row = await fromStore('D1', 'provisioning a user', () =>
    db
      .prepare(
        `UPDATE users
         SET user_name = ?4, email = ?5, display_name = ?6, updated_at = ?7, last_login_at = ?7
         WHERE ${asRead}
         RETURNING ${userColumns}`,
      )
      .bind(id, source, sessionsValidFrom, userName, email, displayName, now)
      .first(),
  )
  return parseRow(userRow, row)
}

/**
 * Notes the first sign-in before it begins: ending the sign-ins of everybody ends those of users
 * who have signed in. null: the user is not as it was read.
 */
async function noteFirst(
  db: D1Database,
  { id, source, sessionsValidFrom }: User,
  now: Instant,
): Promise<User | null> {
  const row = await fromStore('D1', 'noting a login', () =>
    db
      .prepare(
        `UPDATE users SET last_login_at = ?4 WHERE ${asRead}
         RETURNING ${userColumns}`,
      )
      .bind(id, source, sessionsValidFrom, now)
      .first(),
  )
  return parseRow(userRow, row)
}

/**
 * Ends the sessions of users that a sign-in (`jit`) created under the subject of a provisioned user:
 * no directory would ever end those.
 */
const endUnprovisioned = (
  db: D1Database,
  { connection, subject }: Person,
  now: Instant,
): Promise<unknown> =>
  fromStore('D1', 'ending the sessions of a user', () =>
    db
      .prepare(
        `UPDATE users SET sessions_valid_from = ${afterAllSessions('?2')} WHERE ${unprovisioned}`,
      )
      .bind(connection, now, subject)
      .run(),
  )
