/** Operations on webhooks, which get events of the audit. */
import { err, ok, type Result } from '../lib/result.ts'
import { plusSeconds } from '../lib/instant.ts'
import { SECRET_BYTES, showSecret } from '../webhook/secret.ts'
import { sendMessages, shortUrl, TIMEOUT_SECONDS } from '../webhook/send.ts'
import {
  findWebhook,
  insertTestMessage,
  insertWebhook,
  listDeliveries,
  removeWebhook,
  retryMessages,
  updateWebhook,
  type Delivery,
  type WebhookSettings,
} from '../webhook/store.ts'
import { WEBHOOK_PURPOSE, type Webhook } from '../webhook/webhook.ts'
import { record, type Context } from './context.ts'

export type WebhookRefusal =
  | { readonly reason: 'unknown-webhook'; readonly id: string }
  | { readonly reason: 'too-many-webhooks' }
  /** GATEHOUSE_SECRET is not known here, so nothing can be sealed under it. */
  | { readonly reason: 'no-secret' }
  | { readonly reason: 'webhook-is-off'; readonly id: string }
  /** No message waits to be sent again. */
  | { readonly reason: 'nothing-to-retry'; readonly id: string }

export interface WebhookWithSecret {
  readonly webhook: Webhook
  /** To be shown once; null: as it was. */
  readonly secret: string | null
}

/** How long the old secret signs beside a new one. */
const OVERLAP_SECONDS = 24 * 3600

export async function addWebhook(
  context: Context,
  settings: WebhookSettings,
): Promise<Result<WebhookWithSecret, WebhookRefusal>> {
  const made = await makeSecret(context)
  if (!made.ok) return made
  const id = context.newId()
  const { sealed, shown } = made.value
  const isAdded = await insertWebhook(context.db, {
    id,
    ...settings,
    secret: sealed,
    createdAt: context.now,
  })
  if (!isAdded) return err({ reason: 'too-many-webhooks' })
  await recordOf(context, 'webhook add', { id, ...settings })
  return withSecret(context, id, shown)
}

async function makeSecret({
  openSealer,
  random,
}: Context): Promise<Result<{ readonly sealed: string; readonly shown: string }, WebhookRefusal>> {
  const sealer = await openSealer(WEBHOOK_PURPOSE)
  if (!sealer) return err({ reason: 'no-secret' })
  const secret = random(SECRET_BYTES)
  return ok({ sealed: await sealer.seal(secret), shown: showSecret(secret) })
}

export interface ChangeOfWebhook {
  readonly webhook: string
  /** A field with null stays as it is. */
  readonly url: string | null
  readonly kinds: readonly string[] | null
  readonly format: Webhook['format'] | null
  readonly isOn: boolean | null
  readonly isSecretNew: boolean
}

export async function changeWebhook(
  context: Context,
  { webhook: id, isOn, isSecretNew, ...given }: ChangeOfWebhook,
): Promise<Result<WebhookWithSecret & { readonly before: Webhook }, WebhookRefusal>> {
  const { db, now } = context
  const before = await findWebhook(db, id)
  if (!before) return err({ reason: 'unknown-webhook', id })
  const made = isSecretNew ? await makeSecret(context) : null
  if (made && !made.ok) return made
  const settings = {
    url: given.url ?? before.url,
    kinds: given.kinds ?? before.kinds,
    format: given.format ?? before.format,
  }
  const secret = made && {
    sealed: made.value.sealed,
    oldUntil: plusSeconds(now, OVERLAP_SECONDS),
  }
  if (!(await updateWebhook(db, id, { settings, isOn, secret }, now))) {
    return err({ reason: 'unknown-webhook', id })
  }
  const facts = { id, ...settings, on: isOn, newSecret: isSecretNew }
  await recordOf(context, 'webhook update', facts)
  const changed = await withSecret(context, id, made?.value.shown ?? null)
  return changed.ok ? ok({ ...changed.value, before }) : changed
}

export async function deleteWebhook(
  context: Context,
  id: string,
): Promise<Result<Webhook, WebhookRefusal>> {
  const webhook = await findWebhook(context.db, id)
  if (!webhook || !(await removeWebhook(context.db, id))) {
    return err({ reason: 'unknown-webhook', id })
  }
  await recordOf(context, 'webhook remove', webhook)
  return ok(webhook)
}

export interface WebhookShown {
  readonly webhook: Webhook
  /** The newest first. */
  readonly deliveries: readonly Delivery[]
}

export async function findShown(
  { db }: Context,
  id: string,
  limit: number,
): Promise<Result<WebhookShown, WebhookRefusal>> {
  const webhook = await findWebhook(db, id)
  return webhook
    ? ok({ webhook, deliveries: await listDeliveries(db, id, limit) })
    : err({ reason: 'unknown-webhook', id })
}

/** Sends a test message, and returns its result. */
export async function tryWebhook(
  context: Context,
  id: string,
): Promise<Result<WebhookShown, WebhookRefusal>> {
  const known = await findOn(context, id)
  if (!known.ok) return known
  const { db, now, operator, newId } = context
  const message = `msg_${newId()}`
  await insertTestMessage(db, { id: message, webhook: id, operator: operator.name }, now)
  await sendNow(context, message)
  const shown = await findShown(context, id, 50)
  if (!shown.ok) return shown
  const { webhook, deliveries } = shown.value
  return ok({ webhook, deliveries: deliveries.filter((each) => each.id === message) })
}

/** @param message null: all that failed. */
export async function retryWebhook(
  context: Context,
  id: string,
  message: string | null,
): Promise<Result<{ readonly webhook: Webhook; readonly messages: number }, WebhookRefusal>> {
  const known = await findOn(context, id)
  if (!known.ok) return known
  const messages = await retryMessages(context.db, id, message, context.now)
  if (messages === 0) return err({ reason: 'nothing-to-retry', id })
  await recordOf(context, 'webhook retry', { ...known.value, messages })
  await sendNow(context, message)
  const webhook = await findWebhook(context.db, id)
  return webhook ? ok({ webhook, messages }) : err({ reason: 'unknown-webhook', id })
}

async function findOn({ db }: Context, id: string): Promise<Result<Webhook, WebhookRefusal>> {
  const webhook = await findWebhook(db, id)
  if (!webhook) return err({ reason: 'unknown-webhook', id })
  return webhook.offAt === null ? ok(webhook) : err({ reason: 'webhook-is-off', id })
}

/** Where GATEHOUSE_SECRET is not known, the Worker sends it. @param message null: what is due. */
async function sendNow(
  { db, now, openSealer, fetchWebhook: fetch }: Context,
  message: string | null,
): Promise<void> {
  const sealer = await openSealer(WEBHOOK_PURPOSE)
  if (sealer) {
    await sendMessages({ db, sealer, fetch, timeoutSeconds: TIMEOUT_SECONDS }, message, now)
  }
}

async function withSecret(
  { db }: Context,
  id: string,
  secret: string | null,
): Promise<Result<WebhookWithSecret, WebhookRefusal>> {
  const webhook = await findWebhook(db, id)
  return webhook ? ok({ webhook, secret }) : err({ reason: 'unknown-webhook', id })
}

interface Recorded extends WebhookSettings {
  readonly id: string
  readonly on?: boolean | null
  readonly newSecret?: boolean
  readonly messages?: number
}

const recordOf = (
  context: Context,
  command: string,
  { id, url, kinds, format, on = null, newSecret = false, messages = 0 }: Recorded,
): Promise<void> =>
  record(context, {
    command,
    connection: null,
    user: null,
    facts: {
      webhook: id,
      url: shortUrl(url),
      kinds,
      format,
      ...(on === null ? {} : { on }),
      ...(newSecret ? { newSecret } : {}),
      ...(messages === 0 ? {} : { messages }),
    },
  })
