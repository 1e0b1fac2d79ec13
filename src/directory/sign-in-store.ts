/** Users that sign in, in D1: the rows of `users`. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { flag, instant, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import type { User } from './user.ts'

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
const columns: Readonly<Record<keyof User, string>> = {
  id: 'id',
  connection: 'connection',
  subject: 'subject',
  userName: 'user_name',
  email: 'email',
  displayName: 'display_name',
  active: 'active',
  barred: 'barred',
  source: 'source',
  sessionsValidFrom: 'sessions_valid_from',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  lastLoginAt: 'last_login_at',
}
const inSql = (one: (name: string, column: string) => string): string =>
  Object.entries(columns)
    .map(([name, column]) => one(name, column))
    .join(', ')
export const userColumns = inSql((name, column) => `${column} AS ${name}`)
/** The same as a JSON object. */
export const userJson = `json_object(${inSql((name, column) => `'${name}', ${column}`)})`

/**
 * SQL for a new `users.sessions_valid_from`. It is later than every session of the user, whatever
 * the caller's clock says (it may be an operator's machine). It is always greater than before, so
 * that a sign-in in progress fails too.
 */
export const afterAllSessions = (now: string): string =>
  `1 + max(${now}, sessions_valid_from, coalesce(
     (SELECT max(opened_at) FROM sessions WHERE user_id = users.id), 0))`

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

/** The rows that are deleted with a connection: its users, and their open sessions. */
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
