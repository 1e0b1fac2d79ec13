/** What cron does: it removes what has expired, and renews what is due. */
import type { AdminSide } from './admin/part.ts'
import { removeOldAttempts } from './attempt/store.ts'
import { removeOldEvents } from './audit/store.ts'
import { signatureOf } from './connection/connection.ts'
import { removeOldRemovals } from './directory/guard-store.ts'
import { rotateKeys, SIGNING_KEYS_PURPOSE } from './identity/keys.ts'
import { createAllowance } from './lib/allowance.ts'
import { doInTurn } from './lib/in-turn.ts'
import type { Instant } from './lib/instant.ts'
import { createSealer, type Sealer, type SealingSecrets } from './lib/seal.ts'
import { removeTaken } from './login/store.ts'
import { removeTransfers } from './login/transfer-store.ts'
import { removeOldServiceTokens } from './program/service-store.ts'
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
  readonly clock: () => Instant
}

export function runCron(deps: CronDeps, now: Instant): Promise<void> {
  const { db, secrets, keySealer, spSealer, signals, reach, webhooks, oauth, side, clock } = deps
  const newestOf = (purpose: string) => createSealer({ ...secrets, previous: null }, purpose)
  const allowance = createAllowance()
  const pieces = [
    () => removeExpired(db, now),
    () => removeTaken(db, now),
    () => removeTransfers(db, now),
    () => removeLogoutRequests(db, now),
    () => removeOldEvents(db, now),
    () => removeOldRemovals(db, now),
    () => removeOldAttempts(db, now),
    () => removeOldServiceTokens(db, now),
    async () => oauth?.tidy(now),
    async () => rotateKeys(db, keySealer, await newestOf(SIGNING_KEYS_PURPOSE), now),
    async () => side?.tidy(now),
    async () => {
      const newest = await newestOf(SP_KEYS_PURPOSE)
      await tendSpKeys(db, { sealer: spSealer, newest, usual: signatureOf(null) }, now)
    },
    () => warnOfEnds(db, now),
    // Before metadata, which take all that is left of the allowance.
    async () => {
      const polls = { ...signals, reach, sealer: await createSealer(secrets, SIGNALS_PURPOSE) }
      await tendSignals(polls, await newestOf(SIGNALS_PURPOSE), now, allowance)
    },
    () => refreshDue({ db, ...reach, seconds: METADATA_SECONDS }, now, allowance),
    // Last, so that what was just found is sent on, too.
    async () => tendWebhooks(webhooks, await newestOf(WEBHOOK_PURPOSE), now, allowance),
  ]
  return doInTurn(pieces, now, clock)
}
