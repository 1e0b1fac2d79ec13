/** The first answer to each Idempotency-Key, in D1, for a day. */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { parseRow } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'

export interface Attempt {
  /** Of the token and the key. */
  readonly id: string
  /** The id of the token. */
  readonly token: string
  /** The hash of the request. */
  readonly request: string
  /** The id of this very request. */
  readonly claim: string
}

export interface Kept {
  readonly request: string
  readonly claim: string
  /** Sealed; null: the work is under way. */
  readonly answer: string | null
}

const keptRow = v.object({
  request: v.string(),
  claim: v.string(),
  answer: v.nullable(v.string()),
})

const KEPT_SECONDS = 86_400
/** Longer than any operation takes. Then the isolate that began the work is gone. */
const CLAIM_SECONDS = 300
/** Keys of a token within a day. */
export const KEYS_ALLOWED = 1000

/**
 * Claims the key for this attempt, unless another attempt has it.
 *
 * @returns what the key has now: this attempt's own claim, or another's. null: the token has used
 *   too many keys today.
 */
export async function claimKey(
  db: D1Database,
  { id, token, request, claim }: Attempt,
  now: Instant,
): Promise<Kept | null> {
  const statements = [
    db
      .prepare('DELETE FROM idempotency_keys WHERE token = ?1 AND expires_at <= ?2')
      .bind(token, now),
    db
      .prepare(
        `INSERT INTO idempotency_keys (id, token, request, claim, claimed_until, expires_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE (SELECT count(*) FROM idempotency_keys WHERE token = ?2) < ?7
           OR EXISTS (SELECT 1 FROM idempotency_keys WHERE id = ?1)
         ON CONFLICT (id) DO UPDATE
         SET claim = excluded.claim, claimed_until = excluded.claimed_until
         WHERE answer IS NULL AND claimed_until <= ?8 AND request = excluded.request`,
      )
      .bind(
        id,
        token,
        request,
        claim,
        plusSeconds(now, CLAIM_SECONDS),
        plusSeconds(now, KEPT_SECONDS),
        KEYS_ALLOWED,
        now,
      ),
    db.prepare('SELECT request, claim, answer FROM idempotency_keys WHERE id = ?1').bind(id),
  ]
  const results = await fromStore('D1', 'claiming an idempotency key', () => db.batch(statements))
  return parseRow(keptRow, results.at(-1)?.results[0])
}

export async function saveAnswer(
  db: D1Database,
  { id, claim }: Attempt,
  answer: string,
): Promise<void> {
  await fromStore('D1', 'keeping an answer for its idempotency key', () =>
    db
      .prepare('UPDATE idempotency_keys SET answer = ?3 WHERE id = ?1 AND claim = ?2')
      .bind(id, claim, answer)
      .run(),
  )
}

/** The work failed: the next attempt does it. */
export async function releaseKey(db: D1Database, { id, claim }: Attempt): Promise<void> {
  await fromStore('D1', 'releasing an idempotency key', () =>
    db.prepare('DELETE FROM idempotency_keys WHERE id = ?1 AND claim = ?2').bind(id, claim).run(),
  )
}

/** For cron. */
export async function removeOldKeys(db: D1Database, now: Instant): Promise<void> {
  await fromStore('D1', 'removing old idempotency keys', () =>
    db.prepare('DELETE FROM idempotency_keys WHERE expires_at <= ?1').bind(now).run(),
  )
}
