/** `webhook …`, as every face offers it. */
import * as v from 'valibot'
import { parsePublicUrl } from '../lib/public-url.ts'
import { err, ok } from '../lib/result.ts'
import { listWebhooks } from '../webhook/store.ts'
import { formats, type Webhook } from '../webhook/webhook.ts'
import { kindsField } from './event-kinds.ts'
import { limitField, onOff, oneValue, optionalText, requiredText, type Field } from './field.ts'
import { defineOperation } from './operation.ts'
import { count, sentence } from './view.ts'
import {
  deliveriesTable,
  deliveryFacts,
  deliveryShape,
  explainWebhook,
  saysDelivery,
  shownUrl,
  webhookBlock,
  webhookFacts,
  webhookShape,
  webhooksTable,
} from './webhook-shown.ts'
import {
  addWebhook,
  changeWebhook,
  deleteWebhook,
  findShown,
  retryWebhook,
  tryWebhook,
} from './webhooks.ts'

const webhookField = requiredText('id', 'the id of the webhook, as webhook list shows it')

const urlField = (isRequired: boolean): Field<string | null> =>
  oneValue(
    {
      meaning: 'where events are sent: https, at a public host',
      placeholder: 'url',
      isRequired,
      schema: { type: 'string', format: 'uri', maxLength: 2048 },
    },
    (given) => {
      if (given === null || given === '') return isRequired ? err('is missing') : ok(null)
      const url = parsePublicUrl(given)
      return url.ok ? ok(url.value.href) : url
    },
  )

const formatField = oneValue<Webhook['format'] | null>(
  {
    meaning: `what is sent: ${formats.join(', ')}`,
    placeholder: 'format',
    isRequired: false,
    schema: { type: 'string', enum: formats },
  },
  (given) => {
    const format = formats.find((each) => each === given)
    if (given === null) return ok(null)
    return format ? ok(format) : err(`must be one of ${formats.join(', ')}; it is "${given}"`)
  },
)

export const webhookList = defineOperation({
  name: 'webhook list',
  summary: 'where events are sent, and whether they arrive',
  details: null,
  examples: [{ says: 'all of them', input: {} }],
  subject: null,
  fields: {},
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/webhooks' },
  result: v.object({ webhooks: v.array(webhookShape) }),
  judge: null,
  run: async ({ db }) => ok(await listWebhooks(db)),
  show: (webhooks) => ({
    facts: { webhooks: webhooks.map(webhookFacts) },
    view: [webhooks.length > 0 ? webhooksTable(webhooks) : sentence('There is no webhook yet.')],
  }),
  explain: explainWebhook,
})

export const webhookShow = defineOperation({
  name: 'webhook show',
  summary: 'a webhook and its last messages, with what became of each',
  details: null,
  examples: [{ says: 'why nothing arrives', input: { webhook: '5f0cbe7a' } }],
  subject: 'webhook',
  fields: { webhook: webhookField, limit: limitField(20) },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/webhooks/{webhook}' },
  result: v.object({ webhook: webhookShape, deliveries: v.array(deliveryShape) }),
  judge: null,
  run: (context, { webhook, limit }) => findShown(context, webhook, limit),
  show: ({ webhook, deliveries }) => ({
    facts: { webhook: webhookFacts(webhook), deliveries: deliveries.map(deliveryFacts) },
    view: [
      webhookBlock(webhook),
      deliveries.length > 0 ? deliveriesTable(deliveries) : sentence('No message yet.'),
    ],
  }),
  explain: explainWebhook,
})

export const webhookAdd = defineOperation({
  name: 'webhook add',
  summary: 'send events to a URL as they happen',
  details:
    'The secret is shown once: the receiver verifies messages with it. Without kinds, every event is sent.',
  examples: [
    {
      says: 'what is refused and changed, to Slack',
      input: {
        url: 'https://hooks.slack.com/services/T0/B0/x',
        kinds: 'refusals,changes',
        format: 'slack',
      },
    },
    { says: 'everything, to a SIEM', input: { url: 'https://siem.example.com/gatehouse' } },
  ],
  subject: 'url',
  fields: {
    url: urlField(true),
    kinds: kindsField('which events'),
    format: formatField,
  },
  changes: true,
  scope: 'all',
  isDangerous: true,
  http: { method: 'POST', path: '/webhooks', creates: true },
  secretName: 'Secret',
  result: v.object({ webhook: webhookShape }),
  judge: null,
  run: (context, { url, kinds, format }) =>
    addWebhook(context, { url: url ?? '', kinds: kinds ?? [], format: format ?? 'json' }),
  show: ({ webhook, secret }) => ({
    facts: { webhook: webhookFacts(webhook) },
    view: [
      sentence(
        `Events are sent to ${shownUrl(webhook)} from now on. Its id is ${webhook.id}. Give the receiver this secret; it is not shown again.`,
      ),
    ],
    secret,
  }),
  undo: ({ webhook }) => ({ operation: 'webhook remove', input: { webhook: webhook.id } }),
  explain: explainWebhook,
})

export const webhookUpdate = defineOperation({
  name: 'webhook update',
  summary: 'change a webhook, switch it off or on, or give it a new secret',
  details:
    'After a new secret, messages are signed with both for 24 hours. What happens while a webhook is off is not sent later.',
  examples: [
    { says: 'only refusals', input: { webhook: '5f0cbe7a', kinds: 'refusals' } },
    { says: 'a new secret', input: { webhook: '5f0cbe7a', 'new-secret': '' } },
    { says: 'switch it on again', input: { webhook: '5f0cbe7a', on: '' } },
  ],
  subject: 'webhook',
  fields: {
    webhook: webhookField,
    url: urlField(false),
    kinds: kindsField('which events from now on'),
    format: formatField,
    on: onOff('send events again'),
    off: onOff('send nothing'),
    'new-secret': onOff('make a new secret, and show it once'),
  },
  changes: true,
  scope: 'all',
  isDangerous: true,
  http: { method: 'PATCH', path: '/webhooks/{webhook}' },
  secretName: 'Secret',
  result: v.object({ webhook: webhookShape }),
  judge: ({ url, kinds, format, on, off, 'new-secret': isSecretNew }) => {
    if (on && off) return 'Switch it on or off, not both.'
    const isNothing = url === null && kinds === null && format === null && !on && !off
    return isNothing && !isSecretNew ? 'Nothing is to be changed.' : null
  },
  run: (context, { on, off, 'new-secret': isSecretNew, ...given }) =>
    changeWebhook(context, { ...given, isOn: on ? true : off ? false : null, isSecretNew }),
  show: ({ webhook, secret }) => ({
    facts: { webhook: webhookFacts(webhook) },
    view: [
      webhookBlock(webhook),
      ...(secret === null
        ? []
        : [sentence('Give the receiver this secret within 24 hours; it is not shown again.')]),
    ],
    secret,
  }),
  undo: ({ webhook, before, secret }) =>
    secret !== null || webhook.url !== before.url
      ? null
      : {
          operation: 'webhook update',
          input: {
            webhook: webhook.id,
            kinds: before.kinds.length === 0 ? 'all' : before.kinds,
            format: before.format,
            ...(before.offAt === null ? { on: '' } : { off: '' }),
          },
        },
  explain: explainWebhook,
})

export const webhookRemove = defineOperation({
  name: 'webhook remove',
  summary: 'send nothing to a webhook any more, and forget it',
  details: 'Messages that wait are removed with it.',
  examples: [{ says: 'the old one', input: { webhook: '5f0cbe7a' } }],
  subject: 'webhook',
  fields: { webhook: webhookField },
  changes: true,
  scope: 'all',
  isDangerous: true,
  undo: null,
  http: { method: 'DELETE', path: '/webhooks/{webhook}' },
  result: v.object({ removed: v.string() }),
  judge: null,
  run: (context, { webhook }) => deleteWebhook(context, webhook),
  show: (webhook) => ({
    facts: { removed: webhook.id },
    view: [sentence(`The webhook to ${shownUrl(webhook)} is removed.`)],
  }),
  explain: explainWebhook,
})

export const webhookTest = defineOperation({
  name: 'webhook test',
  summary: 'send a message to a webhook, and say what it answers',
  details: null,
  examples: [{ says: 'does it arrive', input: { webhook: '5f0cbe7a' } }],
  subject: 'webhook',
  fields: { webhook: webhookField },
  changes: true,
  scope: 'all',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/webhooks/{webhook}/test' },
  result: v.object({ delivery: v.nullable(deliveryShape) }),
  judge: null,
  run: (context, { webhook }) => tryWebhook(context, webhook),
  show: ({ webhook, deliveries: [delivery] }) => ({
    facts: { delivery: delivery ? deliveryFacts(delivery) : null },
    view: [sentence(saysDelivery(webhook, delivery))],
  }),
  explain: explainWebhook,
})

export const webhookRetry = defineOperation({
  name: 'webhook retry',
  summary: 'send again what a webhook did not take',
  details: 'Messages that were given up too, for 7 days.',
  examples: [{ says: 'all that failed', input: { webhook: '5f0cbe7a' } }],
  subject: 'webhook',
  fields: {
    webhook: webhookField,
    message: optionalText('id', 'only that message, as webhook show lists it'),
  },
  changes: true,
  scope: 'all',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/webhooks/{webhook}/retry' },
  result: v.object({ webhook: webhookShape, messages: v.number() }),
  judge: null,
  run: (context, { webhook, message }) => retryWebhook(context, webhook, message),
  show: ({ webhook, messages }) => ({
    facts: { webhook: webhookFacts(webhook), messages },
    view: [
      sentence(
        `${count(messages, 'message')} to ${shownUrl(webhook)}: sent again, or due now. ${count(webhook.waiting, 'message')} left to send.`,
      ),
    ],
  }),
  explain: explainWebhook,
})
