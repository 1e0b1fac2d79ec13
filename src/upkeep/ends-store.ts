/** Certificates that end soon, and which of their ends were warned of, in D1. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { instant, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'

const endRow = v.object({ connection: v.string(), fingerprint: v.string(), notAfter: instant })
/** `connection` is empty for a certificate of ours. */
export type End = v.InferOutput<typeof endRow>

const MOST_ENDS = 200

/** Those of enabled connections that end after `now` and until `until`, the earliest first. */
export async function findEnds(
  db: D1Database,
  now: Instant,
  until: Instant,
): Promise<readonly End[]> {
  const { results } = await fromStoreSlowly('D1', 'finding certificates that end', () =>
    db
      .prepare(
        `SELECT connection, fingerprint, not_after AS notAfter FROM connection_certificates
         WHERE not_after > ?1 AND not_after <= ?2
           AND connection IN (SELECT id FROM connections WHERE enabled)
         ORDER BY not_after, connection LIMIT ?3`,
      )
      .bind(now, until, MOST_ENDS)
      .all(),
  )
  return parseRows(endRow, results)
}

/** Forgets ends that are past. @returns the warnings of these that are given for the first time. */
export async function takeWarnings<E extends End & { readonly days: number }>(
  db: D1Database,
  ends: readonly E[],
  now: Instant,
): Promise<readonly E[]> {
  const forget = db.prepare('DELETE FROM end_warnings WHERE not_after <= ?1').bind(now)
  const warn = ({ connection, fingerprint, notAfter, days }: E) =>
    db
      .prepare(
        `INSERT INTO end_warnings (connection, fingerprint, days, not_after) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (connection, fingerprint) DO UPDATE SET days = excluded.days
         WHERE days > excluded.days`,
      )
      .bind(connection, fingerprint, days, notAfter)
  const results = await fromStoreSlowly('D1', 'keeping what was warned of', () =>
    db.batch([forget, ...ends.map(warn)]),
  )
  return ends.filter((_, i) => results[i + 1]?.meta.changes === 1)
}
