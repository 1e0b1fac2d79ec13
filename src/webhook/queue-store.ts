/** The messages that wait for webhooks, in D1. A trigger makes them as it sees events in the audit. */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { instant, jsonOf, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import { eventColumns, factsSql, userNameSql } from '../audit/store.ts'
import type { Message } from './message.ts'
import { OFF_SECONDS, type Retry } from './retry.ts'
import { formats, type Target } from './webhook.ts'

/** A message that this Worker alone may send until its lease ends. */
export interface Claimed {
  readonly message: Message
  readonly webhook: string
  readonly target: Target
  /** This one included. */
  readonly attempts: number
}

export type Outcome =
  | { readonly kind: 'sent'; readonly status: number }
  | {
      readonly kind: 'failed'
      readonly status: number | null
      readonly reason: string
      readonly retry: Retry
    }
  /** The receiver wants no more: 410. */
  | { readonly kind: 'gone'; readonly status: number }

/** One attempt takes 10 seconds at most, and its calls of D1. */
const LEASE_SECONDS = 120
export const MOST_CLAIMED = 10

const target: v.GenericSchema<unknown, Target> = v.object({
  url: v.string(),
  format: v.picklist(formats),
  secret: v.string(),
  oldSecret: v.nullable(v.string()),
  oldSecretUntil: v.nullable(instant),
})
const claimedRow = v.pipe(
  v.object({
    id: v.string(),
    ...eventColumns,
    omitted: v.number(),
    webhook: v.string(),
    target: jsonOf(target),
    attempts: v.number(),
  }),
  v.transform(({ webhook, target: to, attempts, ...message }) => ({
    message,
    webhook,
    target: to,
    attempts,
  })),
)

/**
 * Takes messages that are due, so that no other Worker sends them at the same time. It reads nothing
 * where there is no webhook, and passes over a webhook that is paused.
 *
 * @param message this one alone; null: any.
 */
export async function takeMessages(
  db: D1Database,
  now: Instant,
  message: string | null = null,
): Promise<readonly Claimed[]> {
  const { results } = await fromStoreSlowly('D1', 'reading what webhooks wait for', () =>
    db
      .prepare(
        `UPDATE webhook_messages SET due_at = ?2, attempts = attempts + 1, tried_at = ?1,
         status = NULL, reason = NULL
       WHERE seq IN (
         SELECT m.seq FROM webhooks AS w CROSS JOIN webhook_messages AS m
           ON m.webhook = w.id AND m.state = 'waiting' AND m.due_at <= ?1 AND m.give_up_at > ?1
         WHERE w.off_at IS NULL AND w.paused_until <= ?1 AND (?3 IS NULL OR m.id = ?3)
         LIMIT ${MOST_CLAIMED})
       RETURNING id, at, kind, connection, user_id AS user, request_id AS requestId, dropped,
         omitted, webhook, attempts, ${factsSql('webhook_messages')} AS facts,
         ${userNameSql('webhook_messages')} AS userName,
         (SELECT json_object('url', url, 'format', format, 'secret', secret,
            'oldSecret', old_secret, 'oldSecretUntil', old_secret_until)
          FROM webhooks WHERE webhooks.id = webhook) AS target`,
      )
      .bind(now, plusSeconds(now, LEASE_SECONDS), message)
      .all(),
  )
  return parseRows(claimedRow, results)
}

/**
 * Keeps the results of the attempts. If the lease of a message has ended and another Worker took
 * it, that Worker keeps its result.
 *
 * @returns the webhooks that this switched off.
 */
export async function settleMessages(
  db: D1Database,
  settled: readonly (readonly [Claimed, Outcome])[],
  now: Instant,
): Promise<readonly SwitchedOff[]> {
  const results = await fromStoreSlowly('D1', 'keeping what webhooks answered', () =>
    db.batch(settled.flatMap(([claimed, outcome]) => settle(db, claimed, outcome, now))),
  )
  return results
    .flatMap(({ results: rows }) => parseRows(offRow, rows))
    .flatMap(({ reason, ...webhook }) => (reason === null ? [] : [{ ...webhook, reason }]))
}

export interface SwitchedOff {
  readonly webhook: string
  readonly url: string
  readonly reason: string
}
const offRow = v.object({ webhook: v.string(), url: v.string(), reason: v.nullable(v.string()) })

function settle(
  db: D1Database,
  { message: { id }, webhook, attempts }: Claimed,
  outcome: Outcome,
  now: Instant,
): readonly D1PreparedStatement[] {
  const change = (set: string, ...values: readonly (string | number | null)[]) =>
    db
      .prepare(
        `UPDATE webhook_messages SET ${set}
         WHERE id = ?1 AND attempts = ?2 AND state = 'waiting'`,
      )
      .bind(id, attempts, ...values)
  switch (outcome.kind) {
    case 'sent':
      return [
        change(`state = 'sent', status = ?3, reason = NULL`, outcome.status),
        db
          .prepare(
            `UPDATE webhooks SET failing_since = NULL, paused_until = 0
             WHERE id = ?1 AND failing_since IS NOT NULL`,
          )
          .bind(webhook),
      ]
    case 'failed':
      return [
        change(
          'due_at = ?3, status = ?4, reason = ?5',
          outcome.retry.dueAt,
          outcome.status,
          outcome.reason,
        ),
        db
          .prepare(
            `UPDATE webhooks SET failing_since = coalesce(failing_since, ?2),
               paused_until = max(paused_until, ?3),
               off_at = iif(failing_since <= ?4, ?2, NULL),
               off_reason = iif(failing_since <= ?4, 'failing', NULL)
             WHERE id = ?1 AND off_at IS NULL
             RETURNING id AS webhook, url, off_reason AS reason`,
          )
          .bind(webhook, now, outcome.retry.pausedUntil, plusSeconds(now, -OFF_SECONDS)),
      ]
    case 'gone':
      return [
        change(`state = 'given-up', status = ?3, reason = 'gone'`, outcome.status),
        db
          .prepare(
            `UPDATE webhooks SET off_at = ?2, off_reason = 'gone' WHERE id = ?1 AND off_at IS NULL
             RETURNING id AS webhook, url, off_reason AS reason`,
          )
          .bind(webhook, now),
      ]
  }
}

export interface GivenUp {
  readonly webhook: string
  readonly url: string
  readonly messages: number
}
const givenUpRow: v.GenericSchema<unknown, GivenUp> = v.object({
  webhook: v.string(),
  url: v.string(),
  messages: v.number(),
})

/** For the cron: gives up messages that nobody took in time. */
export async function giveUpMessages(db: D1Database, now: Instant): Promise<readonly GivenUp[]> {
  const ended = `state = 'waiting' AND give_up_at <= ?1`
  const [counted] = await fromStoreSlowly('D1', 'giving up messages of webhooks', () =>
    db.batch([
      db
        .prepare(
          `SELECT webhook, webhooks.url, count(*) AS messages
           FROM webhook_messages JOIN webhooks ON webhooks.id = webhook
           WHERE ${ended} GROUP BY webhook`,
        )
        .bind(now),
      db
        .prepare(
          `UPDATE webhook_messages SET state = 'given-up',
             reason = coalesce(reason, 'it was not tried in time')
           WHERE ${ended}`,
        )
        .bind(now),
    ]),
  )
  return parseRows(givenUpRow, counted?.results ?? [])
}

/** How many messages of a webhook are kept after they were sent, for the operator to look at. */
export const MOST_KEPT = 100
/** The limit of messages an hour is found by counting them. */
const KEPT_SECONDS = 3600
const KEPT_GIVEN_UP_DAYS = 7

/** For the cron: removes messages that were sent, and those that were given up a week ago. */
export async function removeOldMessages(db: D1Database, now: Instant): Promise<void> {
  await fromStoreSlowly('D1', 'removing old messages of webhooks', () =>
    db
      .prepare(
        `DELETE FROM webhook_messages WHERE seq IN (
           SELECT m.seq FROM webhooks AS w CROSS JOIN webhook_messages AS m
             ON m.webhook = w.id AND m.seq <= (
               SELECT n.seq FROM webhook_messages AS n WHERE n.webhook = w.id
               ORDER BY n.seq DESC LIMIT 1 OFFSET ${MOST_KEPT})
           WHERE m.at <= iif(m.state = 'sent', ?1, ?2) AND m.state <> 'waiting')`,
      )
      .bind(plusSeconds(now, -KEPT_SECONDS), plusSeconds(now, -KEPT_GIVEN_UP_DAYS * 86_400))
      .run(),
  )
}

/** A secret of a webhook, sealed. */
const secretRow = v.object({
  id: v.string(),
  secret: v.string(),
  oldSecret: v.nullable(v.string()),
})

export const listSecrets = async (db: D1Database) => {
  const found = await fromStoreSlowly('D1', 'reading the secrets of webhooks', () =>
    db.prepare('SELECT id, secret, old_secret AS oldSecret FROM webhooks').all(),
  )
  return parseRows(secretRow, found.results)
}

/** Keeps the same secret under a new seal, if nobody has changed it meanwhile. */
export const resealSecret = (db: D1Database, before: string, sealed: string) =>
  fromStoreSlowly('D1', 'sealing the secret of a webhook anew', () =>
    db
      .prepare(
        `UPDATE webhooks SET secret = iif(secret = ?1, ?2, secret),
           old_secret = iif(old_secret = ?1, ?2, old_secret)
         WHERE secret = ?1 OR old_secret = ?1`,
      )
      .bind(before, sealed)
      .run(),
  )
