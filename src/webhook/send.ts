/** Sends what waits for webhooks: at once after an event, and by cron what failed before. */
import type { AuditEvent } from '../audit/event.ts'
import { toRow } from '../audit/row.ts'
import { saveEvents } from '../audit/store.ts'
import type { Outbox } from '../audit/keep-events.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { isAtOneOf, parsePublicUrl } from '../lib/public-url.ts'
import { sealAnew, type Sealer } from '../lib/seal.ts'
import { createAllowance, ROUND, type Allowance } from '../lib/allowance.ts'
import { toBody } from './message.ts'
import {
  giveUpMessages,
  listSecrets,
  MOST_CLAIMED,
  removeOldMessages,
  resealSecret,
  settleMessages,
  takeMessages,
  type Claimed,
  type Outcome,
} from './queue-store.ts'
import { readRetryAfter, toRetry } from './retry.ts'
import { signatureHeaders } from './secret.ts'
import type { Target } from './webhook.ts'

export type Fetch = (url: URL, init: RequestInit) => Promise<Response>

class GuardedHost extends Error {
  override readonly name = 'GuardedHost'
}

/** Reaches nothing that Gatehouse guards. */
export const fetchOutside =
  (guarded: readonly string[]): Fetch =>
  (url, init) =>
    isAtOneOf(url, guarded) ? Promise.reject(new GuardedHost()) : fetch(url, init)

export interface SendDeps {
  readonly db: D1Database
  readonly sealer: Sealer
  readonly fetch: Fetch
  /** For each attempt. */
  readonly timeoutSeconds: number
}

export const TIMEOUT_SECONDS = 10
/** Rounds of one run of the cron; what is left waits for the next run, or for the next event. */
const MOST_ROUNDS = 5

export const createOutbox =
  (deps: SendDeps): Outbox =>
  (now) =>
    sendMessages(deps, null, now)

/** For the cron. @param newest opens only what the current secret sealed. */
export async function tendWebhooks(
  deps: SendDeps,
  newest: Sealer,
  now: Instant,
  allowance: Allowance = createAllowance(),
): Promise<void> {
  const { db } = deps
  for (let round = 0, claimed: readonly Claimed[]; round < MOST_ROUNDS; round++) {
    claimed = await takeMessages(db, now)
    await sendClaimed(claimed, deps, now)
    if (claimed.length < MOST_CLAIMED || allowance.fits(ROUND) < 1) break
    allowance.spend(ROUND)
  }
  const givenUp = await giveUpMessages(db, now)
  await tell(
    db,
    givenUp.map((each) => ({ kind: 'webhook-gave-up', ...each, url: shortUrl(each.url) })),
    now,
  )
  await removeOldMessages(db, now)
  await resealSecrets(deps, newest)
}

/** @param message this one alone; null: what is due, ten messages at most. */
export const sendMessages = async (
  deps: SendDeps,
  message: string | null,
  now: Instant,
): Promise<void> => sendClaimed(await takeMessages(deps.db, now, message), deps, now)

async function sendClaimed(
  claimed: readonly Claimed[],
  deps: SendDeps,
  now: Instant,
): Promise<void> {
  if (claimed.length === 0) return
  const settled = await Promise.all(
    claimed.map(async (each) => [each, await sendOne(each, deps, now)] as const),
  )
  const off = await settleMessages(deps.db, settled, now)
  await tell(
    deps.db,
    off.map((each) => ({ kind: 'webhook-off', ...each, url: shortUrl(each.url) })),
    now,
  )
}

async function sendOne(
  { message, target, attempts }: Claimed,
  deps: SendDeps,
  now: Instant,
): Promise<Outcome> {
  const fail = (
    reason: string,
    status: number | null = null,
    askedSeconds: number | null = null,
  ): Outcome => ({ kind: 'failed', status, reason, retry: toRetry(attempts, askedSeconds, now) })

  // Anybody with write access to D1 could have changed it.
  const url = parsePublicUrl(target.url)
  if (!url.ok) return fail(`the URL ${url.error}`)
  const secrets = await openSecrets(target, deps.sealer, now)
  if (!secrets) return fail('GATEHOUSE_SECRET does not open its secret')
  const body = toBody(message, target.format)
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'Gatehouse',
    ...(await signatureHeaders({ id: message.id, body, secrets }, now)),
  }
  try {
    const answer = await deps.fetch(url.value, {
      method: 'POST',
      headers,
      body,
      // A redirect could lead into a private network, or give the event to another server.
      redirect: 'manual',
      signal: AbortSignal.timeout(deps.timeoutSeconds * 1000),
    })
    // What the receiver says is not read, however long it is.
    await answer.body?.cancel().catch(() => undefined)
    const { status } = answer
    if (answer.ok) return { kind: 'sent', status }
    if (status === 410) return { kind: 'gone', status }
    if (status >= 300 && status < 400) return fail('it redirects', status)
    return fail('it refuses', status, readRetryAfter(answer.headers.get('Retry-After')))
  } catch (error) {
    if (error instanceof GuardedHost) return fail('it is at a host that Gatehouse guards')
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    return fail(isLate ? `no answer in ${deps.timeoutSeconds} seconds` : 'it cannot be reached')
  }
}

/** null: one of them does not open. */
async function openSecrets(
  { secret, oldSecret, oldSecretUntil }: Target,
  sealer: Sealer,
  now: Instant,
): Promise<readonly Bytes[] | null> {
  const isOldGood = oldSecret !== null && oldSecretUntil !== null && oldSecretUntil > now
  const opened = await Promise.all(
    [secret, ...(isOldGood ? [oldSecret] : [])].map((sealed) => sealer.open(sealed)),
  )
  return opened.every((each) => each.ok) ? opened.map(({ value }) => value) : null
}

/** So that the operator can remove the older GATEHOUSE_SECRET. */
async function resealSecrets({ db, sealer }: SendDeps, newest: Sealer): Promise<void> {
  for (const { secret, oldSecret } of await listSecrets(db)) {
    for (const sealed of [secret, oldSecret]) {
      const anew = sealed === null ? null : await sealAnew(sealed, sealer, newest)
      if (sealed !== null && anew !== null) await resealSecret(db, sealed, anew)
    }
  }
}

/** The path and the query of a webhook are often a secret of its receiver. */
export const shortUrl = (url: string): string => (URL.canParse(url) ? new URL(url).origin : '')

async function tell(db: D1Database, events: readonly AuditEvent[], now: Instant): Promise<void> {
  const rows = events.map((event) => toRow(event, now, null))
  await saveEvents(db, 'done', { rows, dropped: 0 }, now)
}
