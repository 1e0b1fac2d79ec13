/** The tokens that directories authenticate with, in D1. Only their hashes are stored. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { instant, parseRow, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'

export interface StoredToken {
  readonly id: string
  readonly connection: string
  /** A note for the operator: which directory, which year. */
  readonly label: string
  readonly createdAt: Instant
  /** null: it never expires. */
  readonly expiresAt: Instant | null
  /** Accurate to a minute; null: not used yet. */
  readonly lastUsedAt: Instant | null
  readonly revokedAt: Instant | null
}

const tokenRow = v.object({
  id: v.string(),
  connection: v.string(),
  label: v.string(),
  createdAt: instant,
  expiresAt: v.nullable(instant),
  lastUsedAt: v.nullable(instant),
  revokedAt: v.nullable(instant),
})
const columns = `id, connection, label, created_at AS createdAt, expires_at AS expiresAt,
  last_used_at AS lastUsedAt, revoked_at AS revokedAt`

export type NewToken = Pick<StoredToken, 'id' | 'connection' | 'label' | 'createdAt' | 'expiresAt'>

/** A statement, so that one batch can hold it together with the change of the connection. */
export const insertToken = (
  db: D1Database,
  { id, connection, label, createdAt, expiresAt }: NewToken,
  hash: string,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO scim_tokens (id, connection, label, hash, created_at, expires_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
    )
    .bind(id, connection, label, hash, createdAt, expiresAt)

/** The token, if it is valid: it belongs to the connection and is neither revoked nor expired. */
export async function findToken(
  db: D1Database,
  connection: string,
  hash: string,
  now: Instant,
): Promise<StoredToken | null> {
  const row = await fromStore('D1', 'finding a SCIM token', () =>
    db
      .prepare(
        `SELECT ${columns} FROM scim_tokens
         WHERE hash = ?1 AND connection = ?2 AND revoked_at IS NULL
           AND (expires_at IS NULL OR expires_at > ?3)`,
      )
      .bind(hash, connection, now)
      .first(),
  )
  return parseRow(tokenRow, row)
}

export async function touchToken(db: D1Database, id: string, now: Instant): Promise<void> {
  await fromStore('D1', 'noting a use of a SCIM token', () =>
    db
      .prepare(
        'UPDATE scim_tokens SET last_used_at = max(coalesce(last_used_at, 0), ?2) WHERE id = ?1',
      )
      .bind(id, now)
      .run(),
  )
}

/** Newest first. */
export async function listTokens(
  db: D1Database,
  connection: string,
): Promise<readonly StoredToken[]> {
  const { results } = await fromStore('D1', 'listing SCIM tokens', () =>
    db
      .prepare(
        `SELECT ${columns} FROM scim_tokens WHERE connection = ?1 ORDER BY created_at DESC, id`,
      )
      .bind(connection)
      .all(),
  )
  return parseRows(tokenRow, results)
}

/** @returns whether there was a token to revoke. */
export async function revokeToken(db: D1Database, id: string, now: Instant): Promise<boolean> {
  const { meta } = await fromStore('D1', 'revoking a SCIM token', () =>
    db
      .prepare('UPDATE scim_tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL')
      .bind(id, now)
      .run(),
  )
  return meta.changes > 0
}
