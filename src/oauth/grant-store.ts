/** Grants in D1: made, ended and listed. A grant that has ended has no row. */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { instant, parseRows } from '../lib/row.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'
import { clientKinds } from './client.ts'
import type { EndedGrant, NewGrant, ShownGrant } from './grant.ts'

/** Of one person. A new one pushes out the oldest. */
const MOST_GRANTS = 100

/**
 * Of rows of `oauth_grants`: the person may still sign in, and their sign-ins were not all ended
 * since.
 */
export const standsSql = `EXISTS (
  SELECT 1 FROM users u JOIN connections c ON c.id = u.connection
  WHERE u.id = oauth_grants.user_id AND u.active AND c.enabled
    AND (c.provisioning <> 'scim' OR u.source = 'scim')
    AND oauth_grants.since >= u.sessions_valid_from)`

/** @returns false: the sign-in has ended, or the device waits no longer, so nothing is granted. */
export async function saveGrant(db: D1Database, grant: NewGrant): Promise<boolean> {
  const { id, client, site, session, now, expiresAt, codeHash, codeExpiresAt, bound } = grant
  const inserting = db
    .prepare(
      `INSERT INTO oauth_grants
         (id, user_id, client, client_name, client_kind, site, session, since, granted_at,
          last_used_at, expires_at, code_hash, code_expires_at, redirect, challenge)
       SELECT ?1, u.id, ?3, ?4, ?5, ?6, ?7, si.opened_at, ?8, ?8, ?10, ?11, ?12, ?13, ?14
       FROM sign_ins si JOIN users u ON u.id = si.user_id
       WHERE si.id = ?9 AND u.id = ?2 AND si.ended_at IS NULL AND u.active
         AND si.opened_at >= u.sessions_valid_from ${bound ? '' : deviceWaitsSql}`,
    )
    .bind(
      id,
      session.userId,
      client.id,
      client.name,
      client.kind,
      site,
      JSON.stringify(session),
      now,
      session.signIn,
      expiresAt,
      codeHash,
      codeExpiresAt,
      bound?.redirect ?? null,
      bound?.challenge ?? null,
    )
  const capping = db
    .prepare(
      `DELETE FROM oauth_grants WHERE id IN (
         SELECT id FROM oauth_grants WHERE user_id = ?1
         ORDER BY granted_at DESC, rowid DESC LIMIT -1 OFFSET ${MOST_GRANTS})`,
    )
    .bind(session.userId)
  const endingWait = db
    .prepare(
      `DELETE FROM oauth_devices WHERE code_hash = ?1
         AND EXISTS (SELECT 1 FROM oauth_grants g WHERE g.code_hash = oauth_devices.code_hash)`,
    )
    .bind(codeHash)
  const [saved] = await fromStore('D1', 'saving a grant', () =>
    db.batch([inserting, capping, ...(bound ? [] : [endingWait])]),
  )
  return saved?.meta.changes === 1
}

const deviceWaitsSql = `AND EXISTS (SELECT 1 FROM oauth_devices d
  WHERE d.code_hash = ?11 AND d.refused_at IS NULL AND d.expires_at > ?8)`

/** Whether the person has granted the same to the same client, and has not taken it back. */
export const hasGranted = async (
  db: D1Database,
  { userId, client, site, now }: Granted,
): Promise<boolean> => {
  const found = await fromStore('D1', 'finding a grant', () =>
    db
      .prepare(
        `SELECT 1 AS found FROM oauth_grants
         WHERE user_id = ?1 AND client = ?2 AND site = ?3 AND redeemed_at IS NOT NULL
           AND expires_at > ?4 AND ${standsSql}`,
      )
      .bind(userId, client, site, now)
      .first<number>('found'),
  )
  return found === 1
}
interface Granted {
  readonly userId: string
  readonly client: string
  readonly site: string
  readonly now: Instant
}

export const endedRow = v.object({
  id: v.string(),
  userId: v.string(),
  connection: v.string(),
  client: v.string(),
  site: v.string(),
})
export const endedColumns = `id, user_id AS userId, client, site,
  (SELECT connection FROM users WHERE users.id = user_id) AS connection`

/**
 * Ends the grant, and all others of the same person to the same client at the same site, so that the
 * person is asked again.
 *
 * @param userId only a grant of this person; null: of anybody.
 */
export async function endGrant(
  db: D1Database,
  id: string,
  userId: string | null,
): Promise<readonly EndedGrant[]> {
  const { results } = await fromStore('D1', 'ending a grant', () =>
    db
      .prepare(
        `DELETE FROM oauth_grants WHERE (user_id, client, site) IN (
           SELECT user_id, client, site FROM oauth_grants
           WHERE id = ?1 AND (?2 IS NULL OR user_id = ?2))
         RETURNING ${endedColumns}`,
      )
      .bind(id, userId)
      .all(),
  )
  return parseRows(endedRow, results)
}

const shownRow = v.object({
  id: v.string(),
  userId: v.string(),
  userName: v.string(),
  connection: v.string(),
  client: v.string(),
  clientName: v.string(),
  clientKind: v.picklist(clientKinds),
  site: v.string(),
  grantedAt: instant,
  lastUsedAt: instant,
  expiresAt: instant,
})

export interface GrantsOf {
  /** null: of everybody. */
  readonly userId: string | null
  readonly client: string | null
  readonly now: Instant
  readonly most: number
}

/** Those that count, the newest first. */
export async function listGrants(
  db: D1Database,
  { userId, client, now, most }: GrantsOf,
): Promise<readonly ShownGrant[]> {
  const { results } = await fromStore('D1', 'listing grants', () =>
    db
      .prepare(
        `SELECT id, user_id AS userId, client, client_name AS clientName,
           client_kind AS clientKind, site, granted_at AS grantedAt, last_used_at AS lastUsedAt,
           expires_at AS expiresAt,
           (SELECT user_name FROM users WHERE users.id = user_id) AS userName,
           (SELECT connection FROM users WHERE users.id = user_id) AS connection
         FROM oauth_grants
         WHERE (?1 IS NULL OR user_id = ?1) AND (?2 IS NULL OR client = ?2)
           AND redeemed_at IS NOT NULL AND expires_at > ?3 AND ${standsSql}
         ORDER BY granted_at DESC, id LIMIT ?4`,
      )
      .bind(userId, client, now, most)
      .all(),
  )
  return parseRows(shownRow, results)
}

const MOST_AT_ONCE = 1000

/** For cron: expired rows, and unused codes. */
export async function removeOldGrants(
  db: D1Database,
  now: Instant,
  idleSeconds: number,
): Promise<void> {
  const some = (table: string, key: string, where: string) =>
    `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT ${MOST_AT_ONCE})`
  await fromStoreSlowly('D1', 'removing old grants', () =>
    db.batch([
      db.prepare(some('oauth_access', 'hash', 'expires_at <= ?1')).bind(now),
      db.prepare(some('oauth_devices', 'code_hash', 'expires_at <= ?1')).bind(now),
      db.prepare(some('oauth_grants', 'id', 'expires_at <= ?1')).bind(now),
      db
        .prepare(some('oauth_grants', 'id', 'redeemed_at IS NULL AND code_expires_at <= ?1'))
        .bind(now),
      db
        .prepare(some('oauth_grants', 'id', 'last_used_at <= ?1'))
        .bind(plusSeconds(now, -idleSeconds)),
    ]),
  )
}
