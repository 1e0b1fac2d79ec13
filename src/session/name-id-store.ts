/** Ends the sign-ins that a LogoutRequest of an identity provider names. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseRow, parseRows } from '../lib/row.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'
import { tokenHash } from './token-store.ts'
import type { TokenHash } from './token.ts'

export interface NamedSessions {
  readonly connection: string
  readonly nameId: string
  readonly nameIdFormat: string | null
  readonly nameQualifier: string | null
  readonly spNameQualifier: string | null
  /** Empty: every session of the NameID. */
  readonly sessionIndexes: readonly string[]
}

export interface LogoutTake {
  /** ID of the LogoutRequest. */
  readonly id: string
  /** Random: tells this use of the ID from every other one. */
  readonly takenBy: string
  /** What a qualifier means that is not stated (Core §8.3.7): the IdP's and our entity ID. */
  readonly defaults: { readonly idp: string; readonly sp: string }
  readonly askedAt: Instant
  /** The request would be accepted until then. */
  readonly expiresAt: Instant
  readonly now: Instant
}

export interface EndedSignIns {
  readonly signIns: readonly { readonly id: string; readonly userId: string }[]
  /** Tokens of the sessions that belong to them. */
  readonly hashes: readonly TokenHash[]
}

const signInRows = v.object({ id: v.string(), userId: v.string() })
const hashRows = v.object({ hash: tokenHash })

const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'

/**
 * A NameID is the same if value, format and qualifiers are (Core §3.3.4). What a qualifier or a format
 * means that is not stated is left to us: the qualifier is the IdP's or ours, the format is any. A
 * sign-in whose assertion had no SessionIndex is meant by each of them.
 */
const isMeant = `connection = ?1 AND name_id = ?2
  AND (?3 IN ('', '${UNSPECIFIED}') OR coalesce(name_id_format, '') IN (?3, '', '${UNSPECIFIED}'))
  AND coalesce(name_qualifier, ?4) = ?5 AND coalesce(sp_name_qualifier, ?6) = ?7
  AND (?8 = '[]' OR session_index IS NULL OR session_index IN (SELECT value FROM json_each(?8)))`

/**
 * Uses the ID of the request up and ends the sign-ins, in one transaction. Nothing ends if the ID was
 * used before.
 */
export async function endNamed(
  db: D1Database,
  named: NamedSessions,
  { id, takenBy, defaults, askedAt, expiresAt, now }: LogoutTake,
): Promise<Result<EndedSignIns, 'replayed'>> {
  const { connection, nameId } = named
  const indexes = JSON.stringify(named.sessionIndexes)
  const [taken, signIns, hashes] = await fromStore('D1', 'ending sign-ins', () =>
    db.batch([
      db
        .prepare(
          `INSERT INTO logout_requests
             (connection, id, taken_by, name_id, session_indexes, asked_at, expires_at)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING`,
        )
        .bind(connection, id, takenBy, nameId, indexes, askedAt, expiresAt),
      db
        .prepare(
          `UPDATE sign_ins SET ended_at = ?9, ended_why = 'signed-out'
           WHERE ended_at IS NULL AND ${isMeant} AND EXISTS (
             SELECT 1 FROM logout_requests WHERE connection = ?1 AND id = ?10 AND taken_by = ?11)
           RETURNING id, user_id AS userId`,
        )
        .bind(
          connection,
          nameId,
          named.nameIdFormat ?? '',
          defaults.idp,
          named.nameQualifier ?? defaults.idp,
          defaults.sp,
          named.spNameQualifier ?? defaults.sp,
          indexes,
          now,
          id,
          takenBy,
        ),
      db
        .prepare(
          `SELECT s.token_hash AS hash FROM sign_ins si JOIN sessions s ON s.sign_in = si.id
           WHERE si.connection = ?1 AND si.name_id = ?2 AND si.ended_at = ?3
             AND s.token_hash IS NOT NULL LIMIT ${MOST_FORGOTTEN}`,
        )
        .bind(connection, nameId, now),
    ]),
  )
  if (taken?.meta.changes !== 1) return err('replayed')
  return ok({
    signIns: parseRows(signInRows, signIns?.results ?? []),
    hashes: parseRows(hashRows, hashes?.results ?? []).map(({ hash }) => hash),
  })
}

/** More sessions go on in this isolate for `revocationSeconds`, as in every other one. */
const MOST_FORGOTTEN = 100

/** What a LogoutRequest of ours says of a sign-in that has ended. */
export interface EndedSignIn extends Omit<NamedSessions, 'sessionIndexes'> {
  readonly userId: string
  readonly sessionIndex: string | null
}

const endedRow = v.object({
  userId: v.string(),
  connection: v.string(),
  nameId: v.string(),
  nameIdFormat: v.nullable(v.string()),
  nameQualifier: v.nullable(v.string()),
  spNameQualifier: v.nullable(v.string()),
  sessionIndex: v.nullable(v.string()),
})

/** null: there is none, it goes on, or it has no NameID. */
export async function findEndedSignIn(db: D1Database, id: string): Promise<EndedSignIn | null> {
  const row = await fromStore('D1', 'finding a sign-in that has ended', () =>
    db
      .prepare(
        `SELECT user_id AS userId, connection, name_id AS nameId, name_id_format AS nameIdFormat,
                name_qualifier AS nameQualifier, sp_name_qualifier AS spNameQualifier,
                session_index AS sessionIndex
         FROM sign_ins WHERE id = ?1 AND ended_at IS NOT NULL AND name_id IS NOT NULL`,
      )
      .bind(id)
      .first(),
  )
  return parseRow(endedRow, row)
}

/** For the cron. A request this old is refused by its age anyway. */
export async function removeLogoutRequests(db: D1Database, now: Instant): Promise<void> {
  await fromStoreSlowly('D1', 'removing LogoutRequests that were used up', () =>
    db.prepare('DELETE FROM logout_requests WHERE expires_at <= ?1').bind(now).run(),
  )
}
