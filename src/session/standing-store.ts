/** The standing of sessions, in D1: whether each one still counts. */
import * as v from 'valibot'
import { findWhyNot, type NotBegun } from '../directory/not-begun-store.ts'
import type { User } from '../directory/user.ts'
import { GROUPS_LINK } from '../lib/groups-link.ts'
import type { Instant } from '../lib/instant.ts'
import { MOST_GROUPS } from '../lib/most-groups.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { instant, jsonOf, parseRows } from '../lib/row.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'
import type { Client } from './device.ts'
import type { Session } from './session.ts'
import { ending, parseEnded } from './token-store.ts'
import type { TokenHash } from './token.ts'

/** An open session, as an operator sees it. */
export interface OpenSession {
  readonly id: string
  readonly connection: string
  readonly site: string
  readonly openedAt: Instant
  readonly expiresAt: Instant
  readonly lastSeenAt: Instant
  /**
   * As the IdP asserted them at sign-in; null: not known. The IdP left them out, or the session is from
   * before D1 stored them.
   */
  readonly assertedGroups: readonly string[] | null
}

const openSessionRow = v.object({
  id: v.string(),
  connection: v.string(),
  site: v.string(),
  openedAt: instant,
  expiresAt: instant,
  lastSeenAt: instant,
  assertedGroups: v.nullable(jsonOf(v.array(v.string()))),
})

export interface NewSignIn {
  /**
   * The user as provisioned. If all sessions of the user are ended after that, the user is disabled,
   * or a directory takes the user over, this sign-in does not begin.
   */
  readonly user: Pick<User, 'sessionsValidFrom' | 'source'>
  /** No session of the sign-in lasts longer. */
  readonly expiresAt: Instant
  /** Of the NameID, as the assertion has them; null: not stated. */
  readonly nameQualifier: string | null
  readonly spNameQualifier: string | null
  readonly client: Client
}

export interface NewStanding {
  readonly session: Session & { readonly signIn: string }
  readonly hash: TokenHash
  /** null: D1 has the sign-in already. */
  readonly newSignIn: NewSignIn | null
  /** Sessions that are ended in the same transaction, with their sign-ins, if this one begins. */
  readonly replaces: readonly TokenHash[]
}

/**
 * Inserts the session, and its sign-in if that is new. Without a sign-in that counts nothing begins,
 * and nothing ends. All of it is compared in D1, so clocks do not matter.
 *
 * @returns the hashes of `replaces` that D1 does not know.
 */
export async function saveStanding(
  db: D1Database,
  { session, hash, newSignIn, replaces }: NewStanding,
): Promise<Result<readonly TokenHash[], NotBegun>> {
  const { id, userId, connection, site, openedAt, expiresAt, signIn } = session
  // Groups that the IdP left out are not known. An empty list would say that there are none.
  const groups = Object.hasOwn(session.attributes, GROUPS_LINK)
    ? null
    : JSON.stringify(session.groups.slice(0, MOST_GROUPS))
  const scope = { kind: 'sign-in', why: 'replaced', except: signIn } as const
  const replaced = { hashes: replaces, scope, now: openedAt }
  const results = await fromStore('D1', 'opening a session', () =>
    db.batch([
      ...(newSignIn ? [beginSignIn(db, session, newSignIn)] : []),
      db
        .prepare(
          `INSERT INTO sessions
             (id, user_id, connection, site, opened_at, expires_at, last_seen_at, token_hash,
              asserted_groups, sign_in)
           SELECT ?1, si.user_id, si.connection, ?4, max(?5, si.opened_at), ?6, ?5, ?7, ?8, si.id
           FROM sign_ins si JOIN users u ON u.id = si.user_id
           WHERE si.id = ?9 AND si.user_id = ?2 AND si.connection = ?3 AND si.ended_at IS NULL
             AND si.opened_at >= u.sessions_valid_from`,
        )
        .bind(id, userId, connection, site, openedAt, expiresAt, hash, groups, signIn),
      ...(replaces.length === 0 ? [] : ending(db, replaced, id)),
    ]),
  )
  const [begun, ended] = newSignIn ? results.slice(1) : results
  if (begun?.meta.changes !== 1) return err(await findWhyNot(db, userId))
  const known = parseEnded(ended).map((each) => each.hash)
  return ok(replaces.filter((each) => !known.includes(each)))
}

/**
 * The statement that inserts the sign-in, if the user is active and as it was at provisioning, and no
 * LogoutRequest has overtaken the assertion (Core §3.7.3.1): one that names its NameID and
 * SessionIndex, and that the IdP issued after it authenticated the person. An assertion without a
 * SessionIndex is meant by each of them.
 */
function beginSignIn(
  db: D1Database,
  session: NewStanding['session'],
  { user, expiresAt, client, nameQualifier, spNameQualifier }: NewSignIn,
): D1PreparedStatement {
  const { signIn, userId, connection, nameId, nameIdFormat, sessionIndex } = session
  const { authnInstant, authnContext, signedInAt } = session
  return db
    .prepare(
      `INSERT INTO sign_ins
         (id, user_id, connection, name_id, name_id_format, session_index, authn_instant,
          authn_context, opened_at, last_seen_at, expires_at, device, country, name_qualifier,
          sp_name_qualifier)
       SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8, max(?9, sessions_valid_from), ?9, ?10, ?11, ?12, ?14, ?15
       FROM users
       WHERE id = ?2 AND active = 1 AND sessions_valid_from = ?13 AND source = ?16 AND NOT EXISTS (
         SELECT 1 FROM logout_requests
         WHERE connection = ?3 AND name_id = ?4 AND asked_at >= ?7 AND expires_at > ?9
           AND (session_indexes = '[]' OR ?6 IS NULL
              OR ?6 IN (SELECT value FROM json_each(session_indexes))))`,
    )
    .bind(
      signIn,
      userId,
      connection,
      nameId,
      nameIdFormat,
      sessionIndex,
      authnInstant,
      authnContext,
      signedInAt,
      expiresAt,
      client.device,
      client.country,
      user.sessionsValidFrom,
      nameQualifier,
      spNameQualifier,
      user.source,
    )
}

/** For the audit, when an operator revokes a session by its id. */
export const findUserOf = (db: D1Database, id: string): Promise<string | null> =>
  fromStore('D1', 'finding the user of a session', () =>
    db.prepare('SELECT user_id FROM sessions WHERE id = ?1').bind(id).first<string>('user_id'),
  )

/**
 * Sessions that are neither revoked nor expired, newest first. A session that has been idle too
 * long may be among them.
 */
export async function listSessions(
  db: D1Database,
  userId: string,
  now: Instant,
): Promise<readonly OpenSession[]> {
  const { results } = await fromStore('D1', 'listing sessions', () =>
    db
      .prepare(
        `SELECT s.id, s.connection, s.site, s.opened_at AS openedAt, s.expires_at AS expiresAt,
                coalesce(si.last_seen_at, s.last_seen_at) AS lastSeenAt, s.asserted_groups AS assertedGroups
         FROM sessions s JOIN users u ON u.id = s.user_id
         LEFT JOIN sign_ins si ON si.id = s.sign_in
         WHERE s.user_id = ?1 AND s.revoked_at IS NULL AND s.expires_at > ?2
           AND si.ended_at IS NULL AND coalesce(si.opened_at, s.opened_at) >= u.sessions_valid_from
         ORDER BY s.opened_at DESC`,
      )
      .bind(userId, now)
      .all(),
  )
  return parseRows(openSessionRow, results)
}

/** For cron. An entry that KV still holds expires by itself. */
export async function removeExpired(db: D1Database, now: Instant): Promise<void> {
  await fromStoreSlowly('D1', 'removing expired sessions', () =>
    db.batch([
      db.prepare('DELETE FROM sign_ins WHERE expires_at <= ?1').bind(now),
      db.prepare('DELETE FROM sessions WHERE expires_at <= ?1').bind(now),
    ]),
  )
}
