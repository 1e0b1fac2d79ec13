/** Counts over all of Gatehouse, in D1. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { instant, parseRow, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'

const DAY_MILLISECONDS = 86_400_000

export interface DayCount {
  /** 00:00 UTC. */
  readonly day: Instant
  readonly signIns: number
  readonly refusals: number
}

const dayRow = v.object({ day: instant, signIns: v.number(), refusals: v.number() })

/** Days on which something happened, oldest first. An event that the audit left out is not counted. */
export async function countDays(db: D1Database, since: Instant): Promise<readonly DayCount[]> {
  const { results } = await fromStoreSlowly('D1', 'counting sign-ins', () =>
    db
      .prepare(
        `SELECT at - at % ?2 AS day, sum(kind = 'login') AS signIns,
           sum(kind = 'login-refused') AS refusals
         FROM audit WHERE at >= ?1 AND kind IN ('login', 'login-refused')
         GROUP BY day ORDER BY day`,
      )
      .bind(since, DAY_MILLISECONDS)
      .all(),
  )
  return parseRows(dayRow, results)
}

export interface Present {
  readonly people: number
  readonly signIns: number
}

const presentRow = v.object({ people: v.number(), signIns: v.number() })

/** Sign-ins that have neither ended nor expired. Some of them may have been idle too long. */
export async function countPresent(db: D1Database, now: Instant): Promise<Present> {
  const row = await fromStoreSlowly('D1', 'counting who is signed in', () =>
    db
      .prepare(
        `SELECT count(DISTINCT si.user_id) AS people, count(*) AS signIns
         FROM sign_ins si JOIN users u ON u.id = si.user_id
         WHERE si.expires_at > ?1 AND si.ended_at IS NULL AND u.active AND NOT u.barred
           AND si.opened_at >= u.sessions_valid_from`,
      )
      .bind(now)
      .first(),
  )
  return parseRow(presentRow, row) ?? { people: 0, signIns: 0 }
}

export interface TokenEnd {
  readonly kind: 'scim' | 'admin'
  readonly label: string
  /** null: of no connection. */
  readonly connection: string | null
  readonly expiresAt: Instant
}

const tokenRow = v.object({
  kind: v.picklist(['scim', 'admin']),
  label: v.string(),
  connection: v.nullable(v.string()),
  expiresAt: instant,
})

/** Tokens that end before `until`, and have not ended long ago, the first to end first. */
export async function listTokenEnds(
  db: D1Database,
  { since, until }: { readonly since: Instant; readonly until: Instant },
): Promise<readonly TokenEnd[]> {
  const { results } = await fromStoreSlowly('D1', 'finding tokens that end', () =>
    db
      .prepare(
        `SELECT 'scim' AS kind, label, connection, expires_at AS expiresAt FROM scim_tokens
         WHERE revoked_at IS NULL AND expires_at BETWEEN ?1 AND ?2
         UNION ALL
         SELECT 'admin', label, NULL, expires_at FROM admin_tokens
         WHERE revoked_at IS NULL AND expires_at BETWEEN ?1 AND ?2
         ORDER BY expiresAt LIMIT 50`,
      )
      .bind(since, until)
      .all(),
  )
  return parseRows(tokenRow, results)
}

export interface Quiet {
  readonly connection: string
  /** null: no token of it was ever used. */
  readonly lastUsedAt: Instant | null
}

const quietRow = v.object({ connection: v.string(), lastUsedAt: v.nullable(instant) })

/** Directories that have a good token and have sent nothing since `since`. */
export async function listQuiet(
  db: D1Database,
  { since, now }: { readonly since: Instant; readonly now: Instant },
): Promise<readonly Quiet[]> {
  const { results } = await fromStoreSlowly('D1', 'finding quiet directories', () =>
    db
      .prepare(
        `SELECT t.connection, max(t.last_used_at) AS lastUsedAt
         FROM scim_tokens t JOIN connections c ON c.id = t.connection
         WHERE c.enabled AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?2)
         GROUP BY t.connection
         HAVING coalesce(max(t.last_used_at), max(t.created_at)) < ?1
         ORDER BY t.connection LIMIT 50`,
      )
      .bind(since, now)
      .all(),
  )
  return parseRows(quietRow, results)
}

export interface Failing {
  readonly connection: string
  /** Refused since the last sign-in that was accepted. */
  readonly refused: number
}

const failingRow = v.object({ connection: v.string(), refused: v.number() })

/** Connections by which at least `least` sign-ins were refused since `since`, and none was accepted after them. */
export async function listFailing(
  db: D1Database,
  { since, least }: { readonly since: Instant; readonly least: number },
): Promise<readonly Failing[]> {
  const { results } = await fromStoreSlowly('D1', 'finding connections that fail', () =>
    db
      .prepare(
        `WITH good AS (
           SELECT connection, max(at) AS at FROM attempts
           WHERE kind = 'sign-in' AND reason IS NULL GROUP BY connection)
         SELECT a.connection, count(*) AS refused
         FROM attempts a LEFT JOIN good ON good.connection = a.connection
         WHERE a.kind = 'sign-in' AND a.reason IS NOT NULL AND a.connection IS NOT NULL
           AND a.at >= ?1 AND a.at > coalesce(good.at, 0)
         GROUP BY a.connection HAVING count(*) >= ?2 ORDER BY a.connection LIMIT 50`,
      )
      .bind(since, least)
      .all(),
  )
  return parseRows(failingRow, results)
}

/** Connections whose new metadata wait for a person. */
export async function listWaiting(db: D1Database): Promise<readonly string[]> {
  const { results } = await fromStoreSlowly('D1', 'finding metadata that wait', () =>
    db
      .prepare(
        `SELECT m.connection FROM connection_metadata m JOIN connections c
           ON c.id = m.connection AND c.metadata_url = m.url
         WHERE c.enabled AND m.waiting IS NOT NULL ORDER BY m.connection LIMIT 50`,
      )
      .all(),
  )
  return parseRows(v.object({ connection: v.string() }), results).map((row) => row.connection)
}
