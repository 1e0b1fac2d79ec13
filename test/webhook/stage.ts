/** Webhooks in the real D1, and receivers that are functions. */
import { env } from 'cloudflare:workers'
import type { AuditEvent } from '../../src/audit/event.ts'
import { shareOf } from '../../src/audit/share.ts'
import { saveEvents } from '../../src/audit/store.ts'
import { toRow } from '../../src/audit/row.ts'
import { decodeBase64, utf8, type Bytes } from '../../src/lib/bytes.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { showSecret } from '../../src/webhook/secret.ts'
import type { SendDeps } from '../../src/webhook/send.ts'
import { insertWebhook, type NewWebhook } from '../../src/webhook/store.ts'
import { WEBHOOK_PURPOSE } from '../../src/webhook/webhook.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'
import { noon } from '../support/site.ts'

export const { DB: db } = env

export const secretsOf = (letter: string) => ({ current: utf8(letter.repeat(32)), previous: null })
export const sealer = await createSealer(secretsOf('w'), WEBHOOK_PURPOSE)

/** As the whole Worker of the tests seals it, by its own secret. */
export async function sealByWorker(secret: Bytes): Promise<string> {
  const current = decodeBase64(env.GATEHOUSE_SECRET)
  if (!current.ok) throw new Error('the secret of the tests is broken')
  const ofWorker = await createSealer({ current: current.value, previous: null }, WEBHOOK_PURPOSE)
  return ofWorker.seal(secret)
}

export const emptyWebhooks = () =>
  db.batch(
    ['audit', 'webhooks', 'webhook_messages'].map((name) => db.prepare(`DELETE FROM ${name}`)),
  )

/** Its secret, as the receiver has it. */
export async function seedWebhook(id: string, fields: Partial<NewWebhook> = {}): Promise<string> {
  const secret: Bytes = crypto.getRandomValues(new Uint8Array(32))
  keepSecret(showSecret(secret))
  await insertWebhook(db, {
    id,
    url: `https://${id}.example.com/hook?key=1`,
    kinds: [],
    format: 'json',
    secret: await sealer.seal(secret),
    createdAt: noon,
    ...fields,
  })
  return showSecret(secret)
}

export async function happens(
  event: AuditEvent,
  at: Instant = noon,
  requestId: string | null = 'request-1',
): Promise<void> {
  const share = shareOf(event)
  await saveEvents(db, share, { rows: [toRow(event, at, requestId)], dropped: 0 }, at)
}

export interface Asked {
  readonly url: string
  readonly headers: Headers
  readonly body: string
  readonly redirect: RequestInit['redirect']
}

/** Receivers that answer as the function does. */
export function receivers(
  answer: (url: URL, signal: AbortSignal) => Response | Promise<Response> = () => new Response(),
  fields: Partial<SendDeps> = {},
): { readonly deps: SendDeps; readonly asked: Asked[] } {
  const asked: Asked[] = []
  const deps: SendDeps = {
    db,
    sealer,
    timeoutSeconds: 10,
    fetch: async (url, init) => {
      const request = new Request(url, init)
      const { headers, redirect } = request
      asked.push({ url: url.href, headers, body: await request.text(), redirect })
      return answer(url, request.signal)
    },
    ...fields,
  }
  return { deps, asked }
}

export const rowsOf = async (sql: string): Promise<readonly Record<string, unknown>[]> =>
  (await db.prepare(sql).all()).results
