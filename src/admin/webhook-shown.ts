/** How webhooks and their messages look, and the messages of refusals. */
import * as v from 'valibot'
import { toIso } from '../lib/instant.ts'
import { shortUrl } from '../webhook/send.ts'
import { messageStates, MOST_WEBHOOKS, type Delivery } from '../webhook/store.ts'
import { formats, offReasons, type Webhook } from '../webhook/webhook.ts'
import { refusal, type Refusal } from './operation.ts'
import { isoOrNull, time } from './shape.ts'
import { tableOf, type Block } from './view.ts'
import type { WebhookRefusal } from './webhooks.ts'

export const webhookShape = v.object({
  id: v.string(),
  /** Without path and query, which are often a secret. */
  url: v.string(),
  /** Empty: every kind. */
  kinds: v.array(v.string()),
  format: v.picklist(formats),
  createdAt: time,
  waiting: v.number(),
  omitted: v.number(),
  failingSince: v.nullable(time),
  oldSecretUntil: v.nullable(time),
  offAt: v.nullable(time),
  offReason: v.nullable(v.picklist(offReasons)),
})

export const deliveryShape = v.object({
  id: v.string(),
  at: time,
  kind: v.string(),
  state: v.picklist(messageStates),
  attempts: v.number(),
  triedAt: v.nullable(time),
  dueAt: v.nullable(time),
  status: v.nullable(v.number()),
  reason: v.nullable(v.string()),
})

/** The path and the query of a URL such as Slack's are a secret: who has them may post. */
export const shownUrl = ({ url }: Webhook): string => `${shortUrl(url)}/…`

export const webhookFacts = (webhook: Webhook) => ({
  ...webhook,
  url: shownUrl(webhook),
  createdAt: toIso(webhook.createdAt),
  failingSince: isoOrNull(webhook.failingSince),
  oldSecretUntil: isoOrNull(webhook.oldSecretUntil),
  offAt: isoOrNull(webhook.offAt),
})

export const deliveryFacts = (delivery: Delivery) => ({
  ...delivery,
  at: toIso(delivery.at),
  triedAt: isoOrNull(delivery.triedAt),
  dueAt: isoOrNull(delivery.dueAt),
})

const kindsOf = ({ kinds }: Webhook): string => (kinds.length === 0 ? 'all' : kinds.join(', '))

function stateOf({ offReason, failingSince }: Webhook): string {
  switch (offReason) {
    case 'operator':
      return 'off'
    case 'gone':
      return 'off: it wants no more messages'
    case 'failing':
      return 'off: it took no message for days'
    case null:
      return failingSince === null ? 'good' : 'failing'
  }
}

export const webhooksTable = (webhooks: readonly Webhook[]): Block =>
  tableOf(webhooks, {
    id: ({ id }) => id,
    url: shownUrl,
    format: ({ format }) => format,
    state: stateOf,
    waiting: ({ waiting }) => waiting,
    events: kindsOf,
  })

export const webhookBlock = (webhook: Webhook): Block => ({
  kind: 'values',
  rows: [
    ['id', webhook.id],
    ['url', shownUrl(webhook)],
    ['events', kindsOf(webhook)],
    ['format', webhook.format],
    ['state', stateOf(webhook)],
    ...(webhook.failingSince === null
      ? []
      : ([['failing since', { at: webhook.failingSince }]] as const)),
    ...(webhook.offAt === null ? [] : ([['off since', { at: webhook.offAt }]] as const)),
    ['waiting', webhook.waiting],
    ['left out', webhook.omitted],
    ...(webhook.oldSecretUntil === null
      ? []
      : ([['old secret until', { at: webhook.oldSecretUntil }]] as const)),
    ['made', { at: webhook.createdAt }],
  ],
})

export const deliveriesTable = (deliveries: readonly Delivery[]): Block =>
  tableOf(deliveries, {
    id: ({ id }) => id,
    event: ({ at }) => ({ at }),
    kind: ({ kind }) => kind,
    state: ({ state }) => state,
    attempts: ({ attempts }) => attempts,
    status: ({ status }) => status,
    why: ({ reason }) => reason,
    next: ({ dueAt }) => (dueAt === null ? null : { at: dueAt }),
  })

/** The result of a message. */
export function saysDelivery(webhook: Webhook, delivery: Delivery | undefined): string {
  const to = shownUrl(webhook)
  if (!delivery || delivery.triedAt === null) {
    return `The message to ${to} waits: the Worker sends it with the next event, or within an hour.`
  }
  const answer = delivery.status === null ? '' : ` (status ${delivery.status})`
  return delivery.state === 'sent'
    ? `${to} took the message${answer}.`
    : `${to} did not take the message: ${delivery.reason ?? 'it is being sent'}${answer}.`
}

const LIST = { operation: 'webhook list', asks: null }

export function explainWebhook(refused: WebhookRefusal): Refusal {
  const { reason } = refused
  switch (reason) {
    case 'unknown-webhook':
      return refusal('not-found', reason, `There is no webhook "${refused.id}".`, LIST)
    case 'too-many-webhooks':
      return refusal(
        'conflict',
        reason,
        `There are ${MOST_WEBHOOKS} webhooks already. Remove one first.`,
        LIST,
      )
    case 'no-secret':
      return refusal(
        'conflict',
        reason,
        'The secret of a webhook is sealed under GATEHOUSE_SECRET, which is not known here. Use the console or the API of the Worker, or set GATEHOUSE_SECRET for this command.',
      )
    case 'webhook-is-off':
      return refusal(
        'conflict',
        reason,
        `The webhook "${refused.id}" is off. Switch it on first.`,
        {
          operation: 'webhook update',
          asks: 'webhook',
        },
      )
    case 'nothing-to-retry':
      return refusal(
        'conflict',
        reason,
        'No message of this webhook has failed, or has to be sent again.',
        { operation: 'webhook show', asks: 'webhook' },
      )
  }
}
