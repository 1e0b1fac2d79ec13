/**
 * Codes and refresh tokens become access tokens. One statement takes each, so of several requests at
 * the same moment one gets it.
 */
import * as v from 'valibot'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import { instant, parseRow } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import type { EndedGrant } from './grant.ts'
import { endedColumns, endedRow, standsSql } from './grant-store.ts'
import type { RefreshToken } from './token.ts'

export interface Issue {
  /** What the client gets. */
  readonly refresh: RefreshToken
  readonly accessHash: string
  readonly accessSeconds: number
  readonly now: Instant
}

export interface CodeRedemption extends Issue {
  readonly codeHash: string
  readonly client: string
  /** The host of the site that the client names; null: it names none. */
  readonly site: string | null
  /** null: device flow, which has neither. */
  readonly bound: {
    /** null: the client does not repeat it (OAuth 2.1 §4.1.3). */
    readonly redirect: string | null
    /** The hash of the verifier, as PKCE has it. */
    readonly challenge: string
  } | null
}

/**
 * Everything that a code is bound to is compared in the statement that takes it.
 *
 * @returns the end of the access token; null: the code gives none.
 */
export async function redeemCode(
  db: D1Database,
  { codeHash, client, site, bound, ...issue }: CodeRedemption,
): Promise<Instant | null> {
  const { refresh, now } = issue
  return take(
    db,
    issue,
    db
      .prepare(
        `UPDATE oauth_grants
         SET redeemed_at = ?2, last_used_at = ?2, family_hash = ?3, refresh_hash = ?4
         WHERE code_hash = ?1 AND redeemed_at IS NULL AND code_expires_at > ?2 AND client = ?5
           AND challenge IS ?6 AND (?7 IS NULL OR redirect = ?7) AND (?8 IS NULL OR site = ?8)
           AND ${standsSql}
         RETURNING expires_at AS expiresAt`,
      )
      .bind(
        codeHash,
        now,
        refresh.familyHash,
        refresh.hash,
        client,
        bound?.challenge ?? null,
        bound?.redirect ?? null,
        site,
      ),
  )
}

/**
 * Ends the grant of a code that came a second time, or with other values than it is bound to: a
 * thief may have it (RFC 6749 §4.1.2).
 */
export const endByCode = (db: D1Database, codeHash: string): Promise<EndedGrant | null> =>
  end(db, 'code_hash = ?1', [codeHash])

export interface RefreshRedemption extends Issue {
  readonly old: RefreshToken
  readonly client: string
  readonly site: string | null
  readonly idleSeconds: number
}

/** @returns the end of the access token; null: the refresh token gives none. */
export async function redeemRefresh(
  db: D1Database,
  { old, client, site, idleSeconds, ...issue }: RefreshRedemption,
): Promise<Instant | null> {
  const { refresh, now } = issue
  return take(
    db,
    issue,
    db
      .prepare(
        `UPDATE oauth_grants SET last_used_at = ?2, refresh_hash = ?4
         WHERE family_hash = ?1 AND refresh_hash = ?3 AND client = ?5
           AND (?6 IS NULL OR site = ?6) AND expires_at > ?2 AND last_used_at > ?7 AND ${standsSql}
         RETURNING expires_at AS expiresAt`,
      )
      .bind(
        old.familyHash,
        now,
        old.hash,
        refresh.hash,
        client,
        site,
        plusSeconds(now, -idleSeconds),
      ),
  )
}

/** Ends the grant of a refresh token that was used before: a thief may have it. */
export const endByReuse = (db: D1Database, token: RefreshToken): Promise<EndedGrant | null> =>
  end(db, 'family_hash = ?1 AND refresh_hash <> ?2', [token.familyHash, token.hash])

/** The client gives a refresh token back (RFC 7009). */
export const endByClient = (
  db: D1Database,
  { familyHash }: RefreshToken,
  client: string,
): Promise<EndedGrant | null> => end(db, 'family_hash = ?1 AND client = ?2', [familyHash, client])

/** The client gives an access token back. The rest of the grant stays. */
export async function removeAccess(db: D1Database, hash: string, client: string): Promise<void> {
  await fromStore('D1', 'revoking an access token', () =>
    db
      .prepare(
        `DELETE FROM oauth_access WHERE hash = ?1
           AND grant_id IN (SELECT id FROM oauth_grants WHERE client = ?2)`,
      )
      .bind(hash, client)
      .run(),
  )
}

async function end(
  db: D1Database,
  where: string,
  values: readonly string[],
): Promise<EndedGrant | null> {
  const row = await fromStore('D1', 'ending a grant', () =>
    db
      .prepare(`DELETE FROM oauth_grants WHERE ${where} RETURNING ${endedColumns}`)
      .bind(...values)
      .first(),
  )
  return parseRow(endedRow, row)
}

const takenRow = v.object({ expiresAt: instant })

/** Both statements in one transaction. The second does nothing where the first found nothing. */
async function take(
  db: D1Database,
  { refresh, accessHash, accessSeconds, now }: Issue,
  statement: D1PreparedStatement,
): Promise<Instant | null> {
  const until = plusSeconds(now, accessSeconds)
  const [taken] = await fromStore('D1', 'redeeming a code or token', () =>
    db.batch([
      statement,
      db
        .prepare(
          `INSERT INTO oauth_access (hash, grant_id, expires_at)
           SELECT ?1, id, min(?2, expires_at) FROM oauth_grants WHERE family_hash = ?3 AND refresh_hash = ?4`,
        )
        .bind(accessHash, until, refresh.familyHash, refresh.hash),
    ]),
  )
  const grant = parseRow(takenRow, taken?.results[0])
  return grant && toInstant(Math.min(until, grant.expiresAt))
}
