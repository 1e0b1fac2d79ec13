/** Audit events, in D1. */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { instant, jsonOf, parseRows } from '../lib/row.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'
import type { Facts } from './event.ts'
import type { AuditRow } from './row.ts'
import { KEPT_DAYS, shareLimits, type Share } from './share.ts'

export interface StoredEvent extends AuditRow {
  readonly nth: number
  /** The user's name now, or at the removal; null: not known any more. */
  readonly userName: string | null
  /** How many events of its share were left out before it. */
  readonly dropped: number
}

export interface AuditFilter {
  readonly user: string | null
  /** Empty: every kind. */
  readonly kinds: readonly string[]
  readonly connection: string | null
  readonly since: Instant | null
  /** Events before then. */
  readonly until: Instant | null
  /** The request number that a visitor saw on a page. */
  readonly request: string | null
  readonly site: string | null
  readonly reason: string | null
  /** The name that the operator gave. */
  readonly operator: string | null
  /** In anything that the event says, or in the names of its user. */
  readonly text: string | null
}

export const everyEvent: AuditFilter = {
  user: null,
  kinds: [],
  connection: null,
  since: null,
  until: null,
  request: null,
  site: null,
  reason: null,
  operator: null,
  text: null,
}

/** The last event of a page of the list; the next page begins after it. */
export type Place = Pick<StoredEvent, 'at' | 'share' | 'nth'>

export interface EventPage {
  readonly order: 'newest-first' | 'oldest-first'
  /** The page begins with the event that follows this one in the list; null: at the list's start. */
  readonly after: Place | null
  readonly limit: number
}

export const auditShares = [
  'done',
  'directory',
  'denied',
  'anybody',
] as const satisfies readonly Share[]
const BATCH = 200

export const facts: v.GenericSchema<unknown, Facts> = v.record(
  v.string(),
  v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(v.string())]),
)
/** What an event says, also in a message to a webhook. */
export const eventColumns = {
  at: instant,
  kind: v.string(),
  connection: v.nullable(v.string()),
  user: v.nullable(v.string()),
  userName: v.nullable(v.string()),
  requestId: v.nullable(v.string()),
  dropped: v.number(),
  facts: jsonOf(facts),
}
const eventRow = v.object({ share: v.picklist(auditShares), nth: v.number(), ...eventColumns })
/** A user who was removed has the name that the event of the removal says. @param of a table. */
export const userNameSql = (of: 'audit' | 'webhook_messages'): string =>
  `coalesce((SELECT user_name FROM users WHERE users.id = ${of}.user_id),
     (SELECT removal.facts ->> 'name' FROM audit AS removal
      WHERE removal.user_id = ${of}.user_id AND removal.kind = 'directory-changed'
        AND removal.facts ->> 'change' = 'user-removed'
      ORDER BY removal.at DESC LIMIT 1))`
/**
 * The facts. Where they have the id of a group, its name now is beside it, as `group`: names of groups
 * may be those of people, so no other event than that of the removal keeps one.
 *
 * @param of a table.
 */
export const factsSql = (of: 'audit' | 'webhook_messages'): string =>
  `iif(${of}.kind IN ('directory-changed', 'operator'),
     coalesce((SELECT json_insert(${of}.facts, '$.group', scim_groups.name) FROM scim_groups
       WHERE scim_groups.id = coalesce(${of}.facts ->> 'ownerId', ${of}.facts ->> 'id')),
       ${of}.facts), ${of}.facts)`
const columns = `share, nth, at, kind, connection, user_id AS user, request_id AS requestId, dropped,
  ${factsSql('audit')} AS facts, ${userNameSql('audit')} AS userName`

interface Batch {
  readonly rows: readonly AuditRow[]
  /** How many events of the share were left out before the first of these. */
  readonly dropped: number
}

/** @returns how many were kept. */
export const saveEvents = async (
  db: D1Database,
  share: Share,
  batch: Batch,
  now: Instant,
): Promise<number> => (await keepEvents(db, share, batch, now)).kept

/**
 * Numbers the events within their share, in one statement. So neither limit needs a count: D1
 * writes one statement at a time, and the time of the event `perMinute` places before tells whether
 * the minute is full.
 *
 * @returns how many were kept, and whether there are webhooks to tell of them.
 */
export async function keepEvents(
  db: D1Database,
  share: Share,
  { rows, dropped }: Batch,
  now: Instant,
): Promise<{ readonly kept: number; readonly hasWebhooks: boolean }> {
  if (rows.length === 0) return { kept: 0, hasWebhooks: false }
  const { perMinute } = shareLimits[share]
  // The count of changes would have those of triggers in it.
  const insert = (part: readonly AuditRow[], before: number) =>
    db
      .prepare(
        `INSERT INTO audit (share, nth, at, kind, connection, user_id, request_id, dropped, facts)
         SELECT ?1, last.nth + 1 + e.key, e.value ->> 'at', e.value ->> 'kind',
           e.value ->> 'connection', e.value ->> 'user', e.value ->> 'requestId',
           iif(e.key = 0, ?3, 0), e.value ->> 'facts'
         FROM (SELECT coalesce(max(nth), 0) AS nth FROM audit WHERE share = ?1) AS last
         CROSS JOIN json_each(?2) AS e
         WHERE ?4 IS NULL OR NOT EXISTS (
           SELECT 1 FROM audit
           WHERE share = ?1 AND nth = last.nth + 1 + e.key - ?4 AND at > ?5)
         RETURNING EXISTS (SELECT 1 FROM webhooks WHERE id > '') AS hasWebhooks`,
      )
      .bind(share, JSON.stringify(part.map(toJson)), before, perMinute, plusSeconds(now, -60))
  const parts = Math.ceil(rows.length / BATCH)
  const results = await fromStore('D1', 'keeping audit events', () =>
    db.batch<{ readonly hasWebhooks: number }>(
      Array.from({ length: parts }, (_, i) =>
        insert(rows.slice(i * BATCH, (i + 1) * BATCH), i === 0 ? dropped : 0),
      ),
    ),
  )
  const kept = results.flatMap((result) => result.results)
  return { kept: kept.length, hasWebhooks: kept.some(({ hasWebhooks }) => hasWebhooks === 1) }
}

/** `facts` is a text inside the JSON, so SQLite's json_each does not take it apart. */
const toJson = ({ facts: told, ...row }: AuditRow) => ({ ...row, facts: JSON.stringify(told) })

/** One page, by time, along an index: a late page or a large table costs no more than others. */
export async function listEvents(
  db: D1Database,
  filter: AuditFilter,
  { order, after, limit }: EventPage,
): Promise<readonly StoredEvent[]> {
  const [direction, beyond] = order === 'newest-first' ? ['DESC', '<'] : ['ASC', '>']
  const values: (string | number)[] = []
  const bind = (value: string | number) => `?${values.push(value)}`
  const wanted = wantedBy(filter, bind)
  if (after) {
    const place = [after.at, after.share, after.nth].map(bind).join(', ')
    wanted.push(`(at, share, nth) ${beyond} (${place})`)
  }
  const { results } = await fromStoreSlowly('D1', 'listing audit events', () =>
    db
      .prepare(
        `SELECT ${columns} FROM audit ${where(wanted)}
         ORDER BY at ${direction}, share ${direction}, nth ${direction} LIMIT ${bind(limit)}`,
      )
      .bind(...values)
      .all(),
  )
  return parseRows(eventRow, results)
}

/** A person who was removed may still have events. */
export async function hasEventsOf(db: D1Database, user: string): Promise<boolean> {
  const row = await fromStoreSlowly('D1', 'finding audit events', () =>
    db.prepare('SELECT 1 FROM audit WHERE user_id = ?1 LIMIT 1').bind(user).first(),
  )
  return row !== null
}

/** For the cron: removes events that are too old or too many. */
export async function removeOldEvents(db: D1Database, now: Instant): Promise<void> {
  const tooOld = () =>
    db.prepare('DELETE FROM audit WHERE at <= ?1').bind(plusSeconds(now, -KEPT_DAYS * 86_400))
  const tooMany = (share: Share) =>
    db
      .prepare(
        `DELETE FROM audit WHERE share = ?1
         AND nth <= (SELECT max(nth) FROM audit WHERE share = ?1) - ?2`,
      )
      .bind(share, shareLimits[share].rows)
  await fromStoreSlowly('D1', 'removing old audit events', () =>
    db.batch([tooOld(), ...auditShares.map(tooMany)]),
  )
}

const where = (wanted: readonly string[]): string =>
  wanted.length === 0 ? '' : `WHERE ${wanted.join(' AND ')}`

function wantedBy(filter: AuditFilter, bind: (value: string | number) => string): string[] {
  const { kinds, text } = filter
  const equal = (column: string, value: string | null) =>
    value === null ? [] : [`${column} = ${bind(value)}`]
  return [
    ...equal('user_id', filter.user),
    ...equal('connection', filter.connection),
    ...equal('request_id', filter.request),
    ...equal("facts ->> 'site'", filter.site),
    ...equal("facts ->> 'reason'", filter.reason),
    ...equal("facts ->> 'operator'", filter.operator),
    ...(kinds.length === 0 ? [] : [`kind IN (${kinds.map(bind).join(', ')})`]),
    ...(filter.since === null ? [] : [`at >= ${bind(filter.since)}`]),
    ...(filter.until === null ? [] : [`at < ${bind(filter.until)}`]),
    ...(text === null ? [] : [says(bind(text))]),
  ]
}

/** Upper and lower case of ASCII are alike. The facts are compared as JSON. */
const says = (text: string): string => {
  const has = (words: string) => `instr(lower(${words}), lower(${text})) > 0`
  const all = (columnsOf: readonly string[]) =>
    columnsOf.map((column) => `coalesce(${column}, '')`).join(" || ' ' || ")
  return `(${has(all(['kind', 'connection', 'user_id', 'request_id', factsSql('audit')]))}
    OR EXISTS (SELECT 1 FROM users
      WHERE id = user_id AND ${has(all(['user_name', 'email', 'display_name']))}))`
}
