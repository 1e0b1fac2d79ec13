/** Tokens of programs that use the API, in D1. Only their hashes are stored. */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { flag, instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import { scopes, type Scope } from './context.ts'

export interface StoredAdminToken {
  readonly id: string
  /** A note for the operator: which program, which year. */
  readonly label: string
  readonly scopes: readonly Scope[]
  /** The name that the operator gave. */
  readonly madeBy: string
  /** The id of the user who made it in the console; null: not known, as on the command line. */
  readonly maker: string | null
  /** The maker is gone or may not sign in any more, so the token is refused. */
  readonly hasMakerLeft: boolean
  readonly createdAt: Instant
  readonly expiresAt: Instant
  /** Accurate to a minute; null: not used yet. */
  readonly lastUsedAt: Instant | null
  readonly revokedAt: Instant | null
}

const tokenRow = v.object({
  id: v.string(),
  label: v.string(),
  scopes: jsonOf(v.array(v.picklist(scopes))),
  madeBy: v.string(),
  maker: v.nullable(v.string()),
  hasMakerLeft: flag,
  createdAt: instant,
  expiresAt: instant,
  lastUsedAt: v.nullable(instant),
  revokedAt: v.nullable(instant),
})
/** As a session of the maker would be judged. */
const hasMakerLeft = `(maker IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM users u JOIN connections c ON c.id = u.connection
  WHERE u.id = maker AND u.active AND c.enabled
    AND (c.provisioning <> 'scim' OR u.source = 'scim')))`
const columns = `id, label, scopes, made_by AS madeBy, maker, ${hasMakerLeft} AS hasMakerLeft,
  created_at AS createdAt, expires_at AS expiresAt, last_used_at AS lastUsedAt,
  revoked_at AS revokedAt`

export type NewAdminToken = Omit<StoredAdminToken, 'lastUsedAt' | 'revokedAt' | 'hasMakerLeft'>

export async function insertAdminToken(
  db: D1Database,
  token: NewAdminToken,
  hash: string,
): Promise<void> {
  const { id, label, madeBy, maker, createdAt, expiresAt } = token
  await fromStore('D1', 'saving an admin token', () =>
    db
      .prepare(
        `INSERT INTO admin_tokens (id, label, scopes, hash, made_by, created_at, expires_at, maker)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
      )
      .bind(id, label, JSON.stringify(token.scopes), hash, madeBy, createdAt, expiresAt, maker)
      .run(),
  )
}

/** The token, if it is valid: it is neither revoked nor expired, and its maker has not left. */
export async function findAdminToken(
  db: D1Database,
  hash: string,
  now: Instant,
): Promise<StoredAdminToken | null> {
  const row = await fromStore('D1', 'finding an admin token', () =>
    db
      .prepare(
        `SELECT ${columns} FROM admin_tokens
         WHERE hash = ?1 AND revoked_at IS NULL AND expires_at > ?2 AND NOT ${hasMakerLeft}`,
      )
      .bind(hash, now)
      .first(),
  )
  return parseRow(tokenRow, row)
}

export async function touchAdminToken(db: D1Database, id: string, now: Instant): Promise<void> {
  await fromStore('D1', 'noting a use of an admin token', () =>
    db
      .prepare(
        'UPDATE admin_tokens SET last_used_at = max(coalesce(last_used_at, 0), ?2) WHERE id = ?1',
      )
      .bind(id, now)
      .run(),
  )
}

/** Newest first. */
export async function listAdminTokens(db: D1Database): Promise<readonly StoredAdminToken[]> {
  const { results } = await fromStore('D1', 'listing admin tokens', () =>
    db.prepare(`SELECT ${columns} FROM admin_tokens ORDER BY created_at DESC, id`).all(),
  )
  return parseRows(tokenRow, results)
}

/** @returns whether there was a token to revoke. */
export async function revokeAdminToken(db: D1Database, id: string, now: Instant): Promise<boolean> {
  const { meta } = await fromStore('D1', 'revoking an admin token', () =>
    db
      .prepare('UPDATE admin_tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL')
      .bind(id, now)
      .run(),
  )
  return meta.changes > 0
}

const SHOWN_AFTER_END_SECONDS = 90 * 86_400

/** For cron. A token that has ended is listed for 90 days more. */
export async function removeOldAdminTokens(db: D1Database, now: Instant): Promise<void> {
  await fromStore('D1', 'removing old admin tokens', () =>
    db
      .prepare(
        'DELETE FROM admin_tokens WHERE min(expires_at, coalesce(revoked_at, expires_at)) <= ?1',
      )
      .bind(plusSeconds(now, -SHOWN_AFTER_END_SECONDS))
      .run(),
  )
}
