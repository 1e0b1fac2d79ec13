/** Users that sign in, in D1: the rows of `users`. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { flag, instant, parseRow, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import { findProvisioned } from './join-store.ts'
import type { JoinError, JoinRule } from './join.ts'
import type { Person, User } from './user.ts'

export interface ProvisionTerms {
  readonly mode: 'jit' | 'scim' | 'jit+scim'
  readonly join: JoinRule
  /** The id of the user if one is created. */
  readonly newId: string
  readonly now: Instant
}

export type ProvisionError = 'user-disabled' | JoinError

export const userRow = v.object({
  id: v.string(),
  connection: v.string(),
  subject: v.string(),
  userName: v.string(),
  email: v.nullable(v.string()),
  displayName: v.nullable(v.string()),
  active: flag,
  barred: flag,
  source: v.picklist(['jit', 'scim']),
  sessionsValidFrom: instant,
  createdAt: instant,
  updatedAt: instant,
  lastLoginAt: v.nullable(instant),
})
export const userColumns = `id, connection, subject, user_name AS userName, email,
  display_name AS displayName, active, barred, source, sessions_valid_from AS sessionsValidFrom,
  created_at AS createdAt, updated_at AS updatedAt, last_login_at AS lastLoginAt`

/**
 * SQL for a new `users.sessions_valid_from`. It is later than every session of the user, whatever
 * the caller's clock says (it may be an operator's machine). It is always greater than before, so
 * that a sign-in in progress fails too.
 */
export const afterAllSessions = (now: string): string =>
  `1 + max(${now}, sessions_valid_from, coalesce(
     (SELECT max(opened_at) FROM sessions WHERE user_id = users.id), 0))`

/**
 * Finds or creates the user for a verified assertion. A provisioned user keeps the directory's
 * values. Where `jit` creates users, the IdP's values are stored at each sign-in.
 */
export async function provision(
  db: D1Database,
  person: Person,
  { mode, join, newId, now }: ProvisionTerms,
): Promise<Result<User, ProvisionError>> {
  const known = await findJoined(db, person, { mode, join })
  if (!known.ok) return known
  const user =
    known.value !== null
      ? await note(db, known.value, person, now)
      : ((await upsert(db, person, newId, now)) ?? (await noteOwn(db, person, mode, now)))
  return user ? ok(user) : err('user-disabled')
}

/** What `provision` would answer. It writes nothing. null: it would create a user. */
export async function findComing(
  db: D1Database,
  person: Pick<Person, 'connection' | 'subject'>,
  terms: Pick<ProvisionTerms, 'mode' | 'join'>,
): Promise<Result<User | null, ProvisionError>> {
  const known = await findJoined(db, person, terms)
  if (!known.ok) return known
  const row = await fromStore('D1', 'finding the user of a sign-in', () =>
    known.value !== null
      ? db.prepare(`SELECT ${userColumns} FROM users WHERE id = ?1`).bind(known.value).first()
      : db
          .prepare(`SELECT ${userColumns} FROM users WHERE connection = ?1 AND subject = ?2`)
          .bind(person.connection, person.subject)
          .first(),
  )
  const user = parseRow(userRow, row)
  if (user === null) return ok(null)
  // A user of the directory that the join did not find signs in only where nothing is joined.
  const isMeant = known.value !== null || user.source === 'jit' || terms.mode === 'jit'
  return user.active && isMeant ? ok(user) : err('user-disabled')
}

/** The id of the provisioned user that the subject means. null: none, so the IdP's word is enough. */
async function findJoined(
  db: D1Database,
  { connection, subject }: Pick<Person, 'connection' | 'subject'>,
  { mode, join }: Pick<ProvisionTerms, 'mode' | 'join'>,
): Promise<Result<string | null, JoinError>> {
  if (mode === 'jit') return ok(null)
  const found = await findProvisioned(db, connection, join, subject)
  return found.ok || mode === 'scim' || found.error !== 'not-provisioned' ? found : ok(null)
}

/** The id of the user that `provision` refused as disabled. */
export async function findRefused(
  db: D1Database,
  { connection, subject }: Person,
  mode: 'jit' | 'scim' | 'jit+scim',
  join: JoinRule,
): Promise<string | null> {
  const known = mode === 'jit' ? null : await findProvisioned(db, connection, join, subject)
  if (known?.ok) return known.value
  return fromStore('D1', 'finding a disabled user', () =>
    db
      .prepare('SELECT id FROM users WHERE connection = ?1 AND subject = ?2')
      .bind(connection, subject)
      .first<string>('id'),
  )
}

/**
 * In mode `jit` the directory is not asked, but a provisioned user with exactly this subject is
 * still the same user.
 */
async function noteOwn(
  db: D1Database,
  { connection, subject }: Person,
  mode: 'jit' | 'scim' | 'jit+scim',
  now: Instant,
): Promise<User | null> {
  if (mode !== 'jit') return null
  const row = await fromStore('D1', 'noting a login', () =>
    db
      .prepare(
        `UPDATE users SET last_login_at = ?3
         WHERE connection = ?1 AND subject = ?2 AND source = 'scim' AND active = 1
         RETURNING ${userColumns}`,
      )
      .bind(connection, subject, now)
      .first(),
  )
  return parseRow(userRow, row)
}

/**
 * One statement, so that a user whom the operator disables, or a directory takes over, at the same
 * moment is not let in. null: the user is disabled, or only a directory may change it.
 */
async function upsert(
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

/**
 * Records a sign-in of a provisioned user. Also ends the sessions of a user that a sign-in (`jit`)
 * had created under the same subject: no directory would ever end those.
 */
async function note(
  db: D1Database,
  id: string,
  { connection, subject }: Person,
  now: Instant,
): Promise<User | null> {
  const [noted] = await fromStore('D1', 'noting a login', () =>
    db.batch([
      db
        .prepare(
          `UPDATE users SET last_login_at = ?2 WHERE id = ?1 AND active = 1 RETURNING ${userColumns}`,
        )
        .bind(id, now),
      db
        .prepare(
          `UPDATE users SET sessions_valid_from = ${afterAllSessions('?3')}
           WHERE connection = ?1 AND lower(subject) = lower(?2) AND source = 'jit'`,
        )
        .bind(connection, subject, now),
    ]),
  )
  const row = noted?.results[0]
  return parseRow(userRow, row)
}

/** Users whose id, user name, email or subject equals the text. */
export async function findUsers(db: D1Database, text: string): Promise<readonly User[]> {
  const { results } = await fromStore('D1', 'finding users', () =>
    db
      .prepare(
        `SELECT ${userColumns} FROM users
         WHERE id = ?1 OR user_name = ?1 OR email = ?2 OR subject = ?1
         ORDER BY connection, user_name LIMIT 100`,
      )
      .bind(text, text.toLowerCase())
      .all(),
  )
  return parseRows(userRow, results)
}

/** What is deleted with a connection: its users, and their open sessions. */
export async function countUsers(
  db: D1Database,
  connection: string,
  now: Instant,
): Promise<{ readonly users: number; readonly sessions: number }> {
  const row = await fromStore('D1', 'counting users', () =>
    db
      .prepare(
        `SELECT (SELECT count(*) FROM users WHERE connection = ?1) AS users,
           (SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id
            LEFT JOIN sign_ins si ON si.id = s.sign_in
            WHERE u.connection = ?1 AND s.revoked_at IS NULL AND s.expires_at > ?2
              AND si.ended_at IS NULL
              AND coalesce(si.opened_at, s.opened_at) >= u.sessions_valid_from
              AND u.active = 1) AS sessions`,
      )
      .bind(connection, now)
      .first(),
  )
  return v.parse(v.object({ users: v.number(), sessions: v.number() }), row)
}

/**
 * Disables or enables a user for the operator, whatever the directory says. An enabled user is as
 * active as the directory says. In both cases all earlier sessions end, so an enabled user must
 * sign in again. A sign-in in progress fails too, because `sessions_valid_from` changed.
 *
 * @returns whether the user exists.
 */
export async function setUserActive(
  db: D1Database,
  userId: string,
  active: boolean,
  now: Instant,
): Promise<boolean> {
  const { meta } = await fromStore('D1', 'ending the sessions of a user', () =>
    db
      .prepare(
        `UPDATE users
         SET barred = ?2, updated_at = ?3,
             active = CASE ?2 WHEN 1 THEN 0
               ELSE coalesce((SELECT active FROM scim_users WHERE id = ?1), 1) END,
             sessions_valid_from = ${afterAllSessions('?3')}
         WHERE id = ?1`,
      )
      .bind(userId, active ? 0 : 1, now)
      .run(),
  )
  return meta.changes > 0
}
