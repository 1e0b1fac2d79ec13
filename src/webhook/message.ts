/** What a webhook is sent. */
import type { Facts } from '../audit/event.ts'
import { sentenceOf } from '../audit/sentence.ts'
import { toIso, type Instant } from '../lib/instant.ts'
import { toPlainLine } from '../lib/plain.ts'
import type { Format } from './webhook.ts'

export interface Message {
  readonly id: string
  readonly at: Instant
  readonly kind: string
  readonly connection: string | null
  /** The id of the user. */
  readonly user: string | null
  /** The user's name now; null: there is no such user any more. */
  readonly userName: string | null
  readonly requestId: string | null
  readonly facts: Facts
  /** How many events of the same share the audit left out before this one. */
  readonly dropped: number
  /** How many events were left out for this webhook before this message. */
  readonly omitted: number
}

/** The kind of a message that no event caused: an operator tries the webhook. */
export const TEST_KIND = 'webhook-test'

export const toBody = (message: Message, format: Format): string =>
  JSON.stringify(format === 'slack' ? toSlack(message) : toEvent(message))

/** Standard Webhooks: `type`, `timestamp` and `data`. */
function toEvent({ id: _id, at, kind, omitted, ...event }: Message) {
  return {
    type: kind,
    timestamp: toIso(at),
    data: { ...event, sentence: sentenceOf({ kind, ...event }) },
    omitted,
  }
}

/** Slack takes 3000 characters in a block. */
const MOST_SLACK_TEXT = 2900

function toSlack(message: Message) {
  const { at, kind, omitted, requestId } = message
  const sentence = toPlainLine(sentenceOf(message)).slice(0, MOST_SLACK_TEXT)
  const about = [
    toIso(at),
    kind,
    ...(requestId === null ? [] : [`request ${requestId}`]),
    ...(omitted === 0
      ? []
      : [
          omitted === 1
            ? '1 event before this one was left out'
            : `${omitted} events before this one were left out`,
        ]),
  ].join(' · ')
  // In `plain_text` Slack reads no marks: an attacker who chose a word of the sentence calls nobody.
  return {
    text: escapeSlack(sentence),
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: sentence, emoji: false } },
      { type: 'context', elements: [{ type: 'plain_text', text: about, emoji: false }] },
    ],
  }
}

/** `text` is for notifications, and Slack reads marks in it. */
const escapeSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
