/** Webhooks as operators see and change them, in D1. queue-store.ts has what the sender needs. */
import * as v from 'valibot'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'
import { TEST_KIND } from './message.ts'
import { GIVE_UP_SECONDS } from './retry.ts'
import { formats, offReasons, type Webhook } from './webhook.ts'

export const MOST_WEBHOOKS = 10

const columns = `id, url, kinds, format, created_at AS createdAt, waiting, omitted,
  failing_since AS failingSince, old_secret_until AS oldSecretUntil, off_at AS offAt,
  off_reason AS offReason`
const webhookRow: v.GenericSchema<unknown, Webhook> = v.object({
  id: v.string(),
  url: v.string(),
  kinds: jsonOf(v.array(v.string())),
  format: v.picklist(formats),
  createdAt: instant,
  waiting: v.number(),
  omitted: v.number(),
  failingSince: v.nullable(instant),
  oldSecretUntil: v.nullable(instant),
  offAt: v.nullable(instant),
  offReason: v.nullable(v.picklist(offReasons)),
})

export type WebhookSettings = Pick<Webhook, 'url' | 'kinds' | 'format'>

export interface NewWebhook extends WebhookSettings {
  readonly id: string
  readonly createdAt: Instant
  /** Sealed. */
  readonly secret: string
}

/** False: there are as many as there may be. */
export async function insertWebhook(
  db: D1Database,
  { id, url, kinds, format, secret, createdAt }: NewWebhook,
): Promise<boolean> {
  const { meta } = await fromStoreSlowly('D1', 'saving a webhook', () =>
    db
      .prepare(
        `INSERT INTO webhooks (id, url, kinds, format, secret, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE (SELECT count(*) FROM webhooks) < ${MOST_WEBHOOKS}`,
      )
      .bind(id, url, JSON.stringify(kinds), format, secret, createdAt)
      .run(),
  )
  return meta.changes > 0
}

export async function listWebhooks(db: D1Database): Promise<readonly Webhook[]> {
  const { results } = await fromStoreSlowly('D1', 'listing webhooks', () =>
    db.prepare(`SELECT ${columns} FROM webhooks ORDER BY created_at, id`).all(),
  )
  return parseRows(webhookRow, results)
}

export async function findWebhook(db: D1Database, id: string): Promise<Webhook | null> {
  const row = await fromStoreSlowly('D1', 'finding a webhook', () =>
    db.prepare(`SELECT ${columns} FROM webhooks WHERE id = ?1`).bind(id).first(),
  )
  return parseRow(webhookRow, row)
}

export interface WebhookChange {
  readonly settings: WebhookSettings
  /** null: as it is. */
  readonly isOn: boolean | null
  /** Sealed, in place of the secret that then also signs until `oldUntil`; null: as it is. */
  readonly secret: { readonly sealed: string; readonly oldUntil: Instant } | null
}

/** False: there is none of this id. */
export async function updateWebhook(
  db: D1Database,
  id: string,
  { settings: { url, kinds, format }, isOn, secret }: WebhookChange,
  now: Instant,
): Promise<boolean> {
  const update = (set: string, ...values: readonly (string | number)[]) =>
    db.prepare(`UPDATE webhooks SET ${set} WHERE id = ?1`).bind(id, ...values)
  const [updated] = await fromStoreSlowly('D1', 'saving a webhook', () =>
    db.batch([
      update('url = ?2, kinds = ?3, format = ?4', url, JSON.stringify(kinds), format),
      // A webhook that is switched on begins without its earlier failures.
      ...(isOn === true
        ? [
            update(
              'off_at = NULL, off_reason = NULL, failing_since = NULL, paused_until = 0, omitted = 0',
            ),
          ]
        : []),
      ...(isOn === false
        ? [
            update(
              `off_at = coalesce(off_at, ?2), off_reason = coalesce(off_reason, 'operator')`,
              now,
            ),
          ]
        : []),
      ...(secret
        ? [
            update(
              'old_secret = secret, old_secret_until = ?3, secret = ?2',
              secret.sealed,
              secret.oldUntil,
            ),
          ]
        : []),
    ]),
  )
  return (updated?.meta.changes ?? 0) > 0
}

/** Its messages go with it. False: there is none of this id. */
export async function removeWebhook(db: D1Database, id: string): Promise<boolean> {
  const gone = await fromStoreSlowly('D1', 'removing a webhook', () =>
    db.prepare('DELETE FROM webhooks WHERE id = ?1 RETURNING id').bind(id).first(),
  )
  return gone !== null
}

export const messageStates = ['waiting', 'sent', 'given-up'] as const

/** A message with its result, as an operator sees it. */
export interface Delivery {
  readonly id: string
  readonly at: Instant
  readonly kind: string
  readonly state: (typeof messageStates)[number]
  readonly attempts: number
  /** null: not yet. */
  readonly triedAt: Instant | null
  /** When it is tried next; null: never again. */
  readonly dueAt: Instant | null
  /** Of the last answer; null: there was none. */
  readonly status: number | null
  /** Why the last attempt failed; null: none failed. */
  readonly reason: string | null
}

const deliveryRow: v.GenericSchema<unknown, Delivery> = v.object({
  id: v.string(),
  at: instant,
  kind: v.string(),
  state: v.picklist(messageStates),
  attempts: v.number(),
  triedAt: v.nullable(instant),
  dueAt: v.nullable(instant),
  status: v.nullable(v.number()),
  reason: v.nullable(v.string()),
})

/** The newest ones first. */
export async function listDeliveries(
  db: D1Database,
  webhook: string,
  limit: number,
): Promise<readonly Delivery[]> {
  const { results } = await fromStoreSlowly('D1', 'listing messages of a webhook', () =>
    db
      .prepare(
        `SELECT id, at, kind, state, attempts, tried_at AS triedAt,
           iif(state = 'waiting', due_at, NULL) AS dueAt, status, reason
         FROM webhook_messages WHERE webhook = ?1 ORDER BY seq DESC LIMIT ?2`,
      )
      .bind(webhook, limit)
      .all(),
  )
  return parseRows(deliveryRow, results)
}

/** A message that no event caused. It is tried at once, also where the webhook is paused. */
export async function insertTestMessage(
  db: D1Database,
  {
    id,
    webhook,
    operator,
  }: { readonly id: string; readonly webhook: string; readonly operator: string },
  now: Instant,
): Promise<void> {
  await fromStoreSlowly('D1', 'saving a message of a webhook', () =>
    db.batch([
      unpause(db, webhook),
      db
        .prepare(
          `INSERT INTO webhook_messages (id, webhook, share, at, kind, dropped, facts, omitted, state,
             due_at, give_up_at)
           SELECT ?1, id, 'test', ?3, '${TEST_KIND}', 0, ?4, omitted, 'waiting', ?3, ?5
           FROM webhooks WHERE id = ?2`,
        )
        .bind(id, webhook, now, JSON.stringify({ operator }), plusSeconds(now, GIVE_UP_SECONDS)),
    ]),
  )
}

/**
 * Messages that wait or were given up are due now, and have as long again.
 *
 * @param message null: all of the webhook.
 * @returns how many.
 */
export async function retryMessages(
  db: D1Database,
  webhook: string,
  message: string | null,
  now: Instant,
): Promise<number> {
  const [, retried] = await fromStoreSlowly('D1', 'retrying messages of a webhook', () =>
    db.batch([
      unpause(db, webhook),
      db
        .prepare(
          // A message that waits and has no reason is new, or being sent.
          `UPDATE webhook_messages SET state = 'waiting', due_at = ?3, give_up_at = ?4
           WHERE webhook = ?1 AND (?2 IS NULL OR id = ?2) AND state <> 'sent' AND reason IS NOT NULL
           RETURNING id`,
        )
        .bind(webhook, message, now, plusSeconds(now, GIVE_UP_SECONDS)),
    ]),
  )
  return retried?.results.length ?? 0
}

const unpause = (db: D1Database, webhook: string): D1PreparedStatement =>
  db.prepare('UPDATE webhooks SET paused_until = 0 WHERE id = ?1').bind(webhook)
