/** Ends the sign-ins of a person, a connection, a site or everybody, and so their sessions everywhere. */
import * as v from 'valibot'
import { afterAllSessions } from '../directory/sign-in-store.ts'
import type { Instant } from '../lib/instant.ts'
import { parseRow } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'

/** Whose sign-ins are meant. */
export type SignInsOf =
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'connection'; readonly connection: string }
  /** Sign-ins with an open session at this host, or on their way to it. */
  | { readonly kind: 'site'; readonly site: string }
  | { readonly kind: 'everybody' }

export interface EndSignInsOf {
  readonly of: SignInsOf
  /**
   * Stored with single sign-ins. Where all of a person's end, the person's row says so, and the
   * audit says why. `signed-out`: by the person or the identity provider. `revoked`: by an operator.
   */
  readonly why: 'signed-out' | 'revoked'
  readonly now: Instant
}

export interface SignInCount {
  readonly signIns: number
  /** The people whose sign-ins they are. */
  readonly users: number
}

/**
 * Ends all of them in one transaction. Another isolate lets a session in until the standing that it
 * has cached is `revocationSeconds` old. A person who is signing in at this moment must begin again.
 *
 * @returns how many counted until now.
 */
export async function endSignInsOf(
  db: D1Database,
  { of, why, now }: EndSignInsOf,
): Promise<SignInCount> {
  const [counted] = await fromStoreSlowly('D1', 'ending sign-ins', () =>
    db.batch([counting(db, of, now), ...ending(db, { of, why, now })]),
  )
  return readCount(counted?.results[0])
}

/** How many `endSignInsOf` would end. One that has been idle too long may be among them. */
export const countSignInsOf = async (
  db: D1Database,
  of: SignInsOf,
  now: Instant,
): Promise<SignInCount> =>
  readCount(await fromStoreSlowly('D1', 'counting sign-ins', () => counting(db, of, now).first()))

const countRow = v.object({ signIns: v.number(), users: v.number() })
const readCount = (row: unknown): SignInCount =>
  parseRow(countRow, row ?? null) ?? { signIns: 0, users: 0 }

/** The value of ?2 in the conditions below. */
const nameOf = (of: SignInsOf): string => {
  if (of.kind === 'user') return of.userId
  if (of.kind === 'connection') return of.connection
  return of.kind === 'site' ? of.site : ''
}

/** Of rows of `sign_ins`. A transfer that expired counts until cron removes it. */
const signInsWhere: Readonly<Record<SignInsOf['kind'], string>> = {
  user: 'user_id = ?2',
  connection: 'connection = ?2',
  site: `(EXISTS (SELECT 1 FROM sessions s
                  WHERE s.sign_in = sign_ins.id AND s.site = ?2 AND s.revoked_at IS NULL)
          OR id IN (SELECT sign_in FROM transfers WHERE host = ?2))`,
  everybody: "?2 = ''",
}
/** Of sessions that were opened before there were rows of sign-ins. */
const olderWhere: Readonly<Record<SignInsOf['kind'], string>> = {
  ...signInsWhere,
  site: 'site = ?2',
}
/** Of `users`, where all sign-ins of a person end. null: only those at one site do. */
const usersWhere: Readonly<Record<SignInsOf['kind'], string | null>> = {
  ...signInsWhere,
  user: 'id = ?2',
  site: null,
}

const counting = (db: D1Database, of: SignInsOf, now: Instant): D1PreparedStatement =>
  db
    .prepare(
      `SELECT count(*) AS signIns, count(DISTINCT open.user_id) AS users
       FROM (SELECT user_id, opened_at FROM sign_ins
             WHERE ended_at IS NULL AND expires_at > ?1 AND ${signInsWhere[of.kind]}
               AND EXISTS (SELECT 1 FROM sessions s WHERE s.sign_in = sign_ins.id
                           AND s.revoked_at IS NULL AND s.expires_at > ?1)
             UNION ALL
             SELECT user_id, opened_at FROM sessions
             WHERE sign_in IS NULL AND revoked_at IS NULL AND expires_at > ?1
               AND ${olderWhere[of.kind]}) AS open
       JOIN users u ON u.id = open.user_id
       WHERE u.active AND open.opened_at >= u.sessions_valid_from`,
    )
    .bind(now, nameOf(of))

/**
 * One statement ends all sign-ins of people, also those that are being opened: it writes a row for
 * each person who ever signed in. No statement compares a time with `now`, which may come from an
 * operator's machine with a wrong clock.
 */
function ending(db: D1Database, { of, why, now }: EndSignInsOf): readonly D1PreparedStatement[] {
  const name = nameOf(of)
  const users = usersWhere[of.kind]
  if (users !== null) {
    return [
      db
        .prepare(
          `UPDATE users SET sessions_valid_from = ${afterAllSessions('?1')}
           WHERE last_login_at IS NOT NULL AND ${users}`,
        )
        .bind(now, name),
    ]
  }
  return [
    // What programs may do at the site begins anew, too.
    db.prepare('DELETE FROM oauth_grants WHERE site = ?1').bind(name),
    db
      .prepare(
        `UPDATE sign_ins SET ended_at = ?1, ended_why = ?3
         WHERE ended_at IS NULL AND ${signInsWhere[of.kind]}`,
      )
      .bind(now, name, why),
    db
      .prepare(
        `UPDATE sessions SET revoked_at = ?1
         WHERE sign_in IS NULL AND revoked_at IS NULL AND ${olderWhere[of.kind]}`,
      )
      .bind(now, name),
  ]
}
