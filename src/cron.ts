/** What cron does: it removes what has expired, and renews what is due. */
import type { AdminSide } from './admin/part.ts'
import { removeOldAttempts } from './attempt/store.ts'
import { removeOldEvents } from './audit/store.ts'
import { removeOldRemovals } from './directory/guard-store.ts'
import { rotateKeys } from './identity/keys.ts'
import { createAllowance } from './lib/allowance.ts'
import type { Instant } from './lib/instant.ts'
import { createSealer, type Sealer, type SealingSecrets } from './lib/seal.ts'
import { removeTaken } from './login/store.ts'
import { removeTransfers } from './login/transfer-store.ts'
import { removeLogoutRequests } from './session/name-id-store.ts'
import { removeExpired } from './session/standing-store.ts'
import type { Oauth } from './oauth/oauth.ts'
import type { TakeDeps } from './signals/take.ts'
import { SIGNALS_PURPOSE } from './signals/stream.ts'
import { tendSignals } from './signals/tend.ts'
import { SP_KEYS_PURPOSE, tendSpKeys } from './sp/keys.ts'
import { warnOfEnds } from './upkeep/ends.ts'
import type { MetadataReach } from './upkeep/fetch.ts'
import { METADATA_SECONDS, refreshDue } from './upkeep/refresh.ts'
import { tendWebhooks, type SendDeps } from './webhook/send.ts'
import { WEBHOOK_PURPOSE } from './webhook/webhook.ts'

export interface CronDeps {
  readonly db: D1Database
  readonly secrets: SealingSecrets
  readonly keySealer: Sealer
  readonly spSealer: Sealer
  readonly signals: TakeDeps
  readonly reach: MetadataReach
  readonly webhooks: SendDeps
  /** null: it is off. */
  readonly oauth: Oauth | null
  /** null: the Worker has no console and no API. */
  readonly side: AdminSide | null
}

export async function runCron(deps: CronDeps, now: Instant): Promise<void> {
  const { db, secrets, keySealer, spSealer, signals, reach, webhooks, oauth, side } = deps
  const newest = { ...secrets, previous: null }
  const allowance = createAllowance()
  await removeExpired(db, now)
  await removeTaken(db, now)
  await removeTransfers(db, now)
  await removeLogoutRequests(db, now)
  await removeOldEvents(db, now)
  await removeOldRemovals(db, now)
  await removeOldAttempts(db, now)
  await oauth?.tidy(now)
  await rotateKeys(db, keySealer, now)
  await side?.tidy(now)
  await tendSpKeys(db, spSealer, await createSealer(newest, SP_KEYS_PURPOSE), now)
  await warnOfEnds(db, now)
  try {
    const sealer = await createSealer(secrets, SIGNALS_PURPOSE)
    const polls = { ...signals, reach, sealer }
    // Before metadata, which take all that is left of the allowance.
    await tendSignals(polls, await createSealer(newest, SIGNALS_PURPOSE), now, allowance)
    await refreshDue({ db, ...reach, seconds: METADATA_SECONDS }, now, allowance)
  } finally {
    // What was just found is sent on, too.
    await tendWebhooks(webhooks, await createSealer(newest, WEBHOOK_PURPOSE), now, allowance)
  }
}
