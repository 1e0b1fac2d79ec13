/**
 * Provisioned users, in D1: a row of scim_users with the whole document, and the row of `users`
 * that they sign in as. A batch is one transaction, so a user is active in both rows or in neither.
 */
import { fromStoreSlowly } from '../lib/store-error.ts'
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { parseRow } from '../lib/row.ts'
import { isHeld } from './guard-store.ts'
import {
  parseResource,
  resourceColumns,
  type Edition,
  type StoredResource,
  type UserWrite,
} from './resource.ts'
import { afterAllSessions } from './sign-in-store.ts'

/** SQL: whether the operator has disabled a user with this subject, in any ASCII case. */
const isBarred = (connection: string, name: string): string => `EXISTS (
  SELECT 1 FROM users b WHERE b.connection = ${connection} AND lower(b.subject) = lower(${name})
    AND b.barred = 1)`

/**
 * If a user with exactly this name was created by a sign-in (`jit`), that user becomes the
 * provisioned one.
 *
 * @returns null: the name is taken.
 */
export async function createUser(
  db: D1Database,
  { connection, id, writeId, now }: Edition,
  user: UserWrite,
): Promise<StoredResource | null> {
  const [, inserted] = await fromStoreSlowly('D1', 'creating a user', () =>
    db.batch([
      db
        .prepare(
          `INSERT INTO users (id, connection, subject, user_name, email, display_name, active,
             barred, source, sessions_valid_from, created_at, updated_at)
           SELECT ?1, ?2, ?3, ?3, ?4, ?5, ?6 AND NOT ${isBarred('?2', '?3')},
             ${isBarred('?2', '?3')}, 'scim', ?7, ?7, ?7
           WHERE NOT EXISTS (SELECT 1 FROM scim_users WHERE connection = ?2 AND name_fold = ?8)
           ON CONFLICT (connection, subject) DO UPDATE
           SET source = 'scim', user_name = excluded.user_name, email = excluded.email,
             display_name = excluded.display_name, updated_at = excluded.updated_at,
             active = excluded.active, barred = excluded.barred
           WHERE source = 'jit'`,
        )
        .bind(
          id,
          connection,
          user.name,
          user.email,
          user.displayName,
          user.active ? 1 : 0,
          now,
          user.nameFold,
        ),
      db
        .prepare(
          `INSERT INTO scim_users (id, connection, name, name_fold, external_id, display,
             display_fold, active, doc, search, version, write_id, created_at, updated_at)
           SELECT u.id, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10, ?11, ?11
           FROM users u WHERE u.connection = ?1 AND u.subject = ?2 AND u.source = 'scim'
           AND NOT EXISTS (SELECT 1 FROM scim_users WHERE connection = ?1 AND name_fold = ?3)
           AND NOT EXISTS (SELECT 1 FROM scim_users WHERE id = u.id)
           RETURNING id, seq, doc, version, created_at AS createdAt, updated_at AS updatedAt`,
        )
        .bind(
          connection,
          user.name,
          user.nameFold,
          user.externalId,
          user.display,
          user.displayFold,
          user.active ? 1 : 0,
          user.doc,
          user.search,
          writeId,
          now,
        ),
      db
        .prepare(
          `INSERT INTO scim_keys (connection, path, value, user_id)
           SELECT ?1, json_extract(k.value, '$.path'), json_extract(k.value, '$.value'), s.id
           FROM scim_users s CROSS JOIN json_each(?2) k
           WHERE s.connection = ?1 AND s.name_fold = ?3 AND s.write_id = ?4`,
        )
        .bind(connection, JSON.stringify(user.keys), user.nameFold, writeId),
      db
        .prepare(
          `DELETE FROM users
           WHERE connection = ?1 AND lower(subject) = lower(?2) AND source = 'jit' AND barred = 1
           AND EXISTS (SELECT 1 FROM scim_users
                       WHERE connection = ?1 AND name_fold = ?3 AND write_id = ?4)`,
        )
        .bind(connection, user.name, user.nameFold, writeId),
      endUnprovisioned(db, connection, user, now),
    ]),
  )
  const row = inserted?.results[0]
  return row === undefined ? null : parseResource(row)
}

/**
 * If `active` changes in either direction, all earlier sessions end. A user whom the operator
 * disabled stays disabled.
 *
 * @returns false: nothing was written. The version does not exist, the name is taken, or removals
 * are held.
 */
export async function replaceUser(
  db: D1Database,
  { connection, id, version, writeId, now }: Edition,
  user: UserWrite,
): Promise<boolean> {
  const isOurs = 'EXISTS (SELECT 1 FROM scim_users WHERE id = ?1 AND write_id = ?2)'
  const [updated] = await fromStoreSlowly('D1', 'replacing a user', () =>
    db.batch([
      db
        .prepare(
          `UPDATE scim_users
           SET name = ?4, name_fold = ?5, external_id = ?6, display = ?7, display_fold = ?8,
             active = ?9, doc = ?10, search = ?11, version = version + 1, write_id = ?12,
             updated_at = max(updated_at, ?13)
           WHERE id = ?1 AND connection = ?2 AND version = coalesce(?3, version)
           AND NOT EXISTS (SELECT 1 FROM scim_users o
                           WHERE o.connection = ?2 AND o.name_fold = ?5 AND o.id <> ?1)
           AND NOT EXISTS (SELECT 1 FROM users o WHERE o.connection = ?2 AND o.subject = ?4
                           AND o.id <> ?1 AND o.source = 'scim')
           AND (?9 = 1 OR active = 0 OR NOT ${isHeld('?2', '?13')})`,
        )
        .bind(
          id,
          connection,
          version,
          user.name,
          user.nameFold,
          user.externalId,
          user.display,
          user.displayFold,
          user.active ? 1 : 0,
          user.doc,
          user.search,
          writeId,
          now,
        ),
      // A user that a sign-in (`jit`) created under the new name is the same user, so that row is
      // removed.
      db
        .prepare(
          `UPDATE users SET barred = 1 WHERE id = ?1 AND ${isOurs} AND ${isBarred('?3', '?4')}`,
        )
        .bind(id, writeId, connection, user.name),
      db
        .prepare(
          `DELETE FROM users
           WHERE connection = ?3 AND lower(subject) = lower(?4) AND source = 'jit' AND id <> ?1
           AND (subject = ?4 OR barred = 1) AND ${isOurs}`,
        )
        .bind(id, writeId, connection, user.name),
      db
        .prepare(
          `UPDATE users
           SET subject = ?3, user_name = ?3, email = ?4, display_name = ?5, updated_at = ?6,
             active = ?7 AND NOT barred,
             sessions_valid_from = CASE WHEN active = (?7 AND NOT barred) THEN sessions_valid_from
               ELSE ${afterAllSessions('?6')} END
           WHERE id = ?1 AND ${isOurs}`,
        )
        .bind(id, writeId, user.name, user.email, user.displayName, now, user.active ? 1 : 0),
      db.prepare(`DELETE FROM scim_keys WHERE user_id = ?1 AND ${isOurs}`).bind(id, writeId),
      db
        .prepare(
          `INSERT INTO scim_keys (connection, path, value, user_id)
           SELECT ?3, json_extract(k.value, '$.path'), json_extract(k.value, '$.value'), ?1
           FROM json_each(?4) k WHERE ${isOurs}`,
        )
        .bind(id, writeId, connection, JSON.stringify(user.keys)),
      ...(user.active ? [] : [endUnprovisioned(db, connection, user, now)]),
    ]),
  )
  return (updated?.meta.changes ?? 0) > 0
}

export async function findUser(
  db: D1Database,
  connection: string,
  id: string,
): Promise<StoredResource | null> {
  const row = await fromStoreSlowly('D1', 'finding a provisioned user', () =>
    db
      .prepare(`SELECT ${resourceColumns} FROM scim_users r WHERE r.id = ?1 AND r.connection = ?2`)
      .bind(id, connection)
      .first(),
  )
  return row === null ? null : parseResource(row)
}

/**
 * Removes the user with all sessions, memberships and attempts to sign in. The groups that the user
 * was in get a new version.
 *
 * @returns the name of the user. null: nothing was removed. The version does not exist, or removals
 * are held.
 */
export async function removeUser(
  db: D1Database,
  { connection, id, version, now }: Omit<Edition, 'writeId'>,
): Promise<string | null> {
  const which = `id = ?1 AND connection = ?2 AND version = coalesce(?3, version)`
  // Empty if the removal is held: then the first statement did not deactivate the user, and the
  // other statements change nothing.
  const gone = `SELECT id FROM scim_users WHERE ${which} AND active = 0`
  const [, , , , removed] = await fromStoreSlowly('D1', 'removing a user', () =>
    db.batch([
      db
        .prepare(
          `UPDATE scim_users SET active = 0, updated_at = max(updated_at, ?4)
           WHERE ${which} AND active = 1 AND NOT ${isHeld('?2', '?4')}`,
        )
        .bind(id, connection, version, now),
      db
        .prepare(
          `UPDATE scim_groups SET version = version + 1, updated_at = max(updated_at, ?4)
           WHERE id IN (SELECT group_id FROM scim_members WHERE user_id = (${gone}))`,
        )
        .bind(id, connection, version, now),
      // A refused attempt may have the name alone.
      db
        .prepare(
          `DELETE FROM attempts WHERE EXISTS (
             SELECT 1 FROM users WHERE id = (${gone}) AND (attempts.user_id = id
               OR attempts.connection = ?2
                 AND lower(attempts.person) IN (lower(user_name), lower(email))))`,
        )
        .bind(id, connection, version),
      // Keeps the row of a user whom the operator disabled, so that the user stays disabled if the
      // directory sends it again.
      db
        .prepare(
          `UPDATE users SET source = 'jit', active = 0, sessions_valid_from = ${afterAllSessions('?4')}
           WHERE id = (${gone}) AND barred = 1`,
        )
        .bind(id, connection, version, now),
      db
        .prepare(`DELETE FROM scim_users WHERE id = (${gone}) RETURNING name`)
        .bind(id, connection, version),
      db
        .prepare(
          `DELETE FROM users WHERE id = ?1 AND connection = ?2 AND source = 'scim' AND barred = 0
           AND NOT EXISTS (SELECT 1 FROM scim_users WHERE id = ?1)`,
        )
        .bind(id, connection),
    ]),
  )
  return parseRow(v.object({ name: v.string() }), removed?.results[0])?.name ?? null
}

/**
 * Ends the sessions of users that sign-ins created (`jit`) under any name of a user who is now
 * provisioned, in any ASCII case. The `+` keeps SQLite from scanning the whole connection when it
 * looks for an address.
 */
const endUnprovisioned = (
  db: D1Database,
  connection: string,
  { names }: Pick<UserWrite, 'names'>,
  now: Instant,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE users SET sessions_valid_from = ${afterAllSessions('?3')}
       WHERE source = 'jit' AND id IN (
         SELECT u.id FROM json_each(?2) j CROSS JOIN users u
           ON u.connection = ?1 AND lower(u.subject) = j.value
         UNION
         SELECT u.id FROM json_each(?2) j CROSS JOIN users u ON u.email = j.value
           WHERE +u.connection = ?1)`,
    )
    .bind(connection, JSON.stringify(names), now)
