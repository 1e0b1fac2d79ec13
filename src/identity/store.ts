import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { instant, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'

/** A row of the table signing_keys. */
export interface StoredKey {
  readonly kid: string
  readonly publicJwk: string
  readonly sealedPrivateKey: string
  readonly signsFrom: Instant
}

const keyRow = v.object({
  kid: v.string(),
  publicJwk: v.string(),
  sealedPrivateKey: v.string(),
  signsFrom: instant,
})

/** The keys that are still published, newest first. */
export async function findKeys(db: D1Database, now: Instant): Promise<readonly StoredKey[]> {
  const { results } = await fromStore('D1', 'findKeys', () =>
    db
      .prepare(
        `SELECT kid, public_jwk AS publicJwk, sealed_private_key AS sealedPrivateKey,
           signs_from AS signsFrom
         FROM signing_keys WHERE published_until > ? ORDER BY signs_from DESC, kid`,
      )
      .bind(now)
      .all(),
  )
  return parseRows(keyRow, results)
}

export interface KeyTerms {
  readonly unless: { readonly after: Instant; readonly except: readonly string[] }
  readonly overlapSeconds: number
  readonly now: Instant
}

/**
 * Adds the key, unless another key that is not in `except` signs from a time later than `after`. So
 * if several isolates make a key at the same time, only one is stored. Older keys then stay
 * published until `overlapSeconds` after the new key begins to sign.
 */
export async function addKey(
  db: D1Database,
  key: StoredKey,
  { unless, overlapSeconds, now }: KeyTerms,
): Promise<void> {
  await fromStore('D1', 'addKey', () =>
    db.batch([
      db
        .prepare(
          `INSERT INTO signing_keys
             (kid, public_jwk, sealed_private_key, created_at, signs_from, published_until)
           SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (
             SELECT 1 FROM signing_keys
             WHERE signs_from > ?7 AND kid NOT IN (SELECT value FROM json_each(?8)))`,
        )
        .bind(
          key.kid,
          key.publicJwk,
          key.sealedPrivateKey,
          now,
          key.signsFrom,
          // Published without end, until there is a successor.
          Number.MAX_SAFE_INTEGER,
          unless.after,
          JSON.stringify(unless.except),
        ),
      db
        .prepare(
          `UPDATE signing_keys SET published_until = newest.signs_from + ?1
           FROM (SELECT MAX(signs_from) AS signs_from FROM signing_keys) AS newest
           WHERE signing_keys.signs_from < newest.signs_from AND published_until = ?2`,
        )
        .bind(overlapSeconds * 1000, Number.MAX_SAFE_INTEGER),
    ]),
  )
}

export async function removeUnpublishedKeys(db: D1Database, now: Instant): Promise<void> {
  await fromStore('D1', 'removeUnpublishedKeys', () =>
    db.prepare('DELETE FROM signing_keys WHERE published_until <= ?').bind(now).run(),
  )
}

export async function replaceSealed(db: D1Database, sealed: string, anew: string): Promise<void> {
  await fromStore('D1', 'replaceSealed', () =>
    db
      .prepare('UPDATE signing_keys SET sealed_private_key = ?2 WHERE sealed_private_key = ?1')
      .bind(sealed, anew)
      .run(),
  )
}
