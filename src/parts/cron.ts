/** Cron removes expired rows, and renews due keys. */
import type { AdminSide } from '../admin/part.ts'
import { removeOldAttempts } from '../attempt/store.ts'
import { removeOldEvents } from '../audit/store.ts'
import { signatureOf } from '../connection/connection.ts'
import { removeOldRemovals } from '../directory/guard-store.ts'
import { rotateKeys, SIGNING_KEYS_PURPOSE } from '../identity/keys.ts'
import { createAllowance } from '../lib/allowance.ts'
import { doInTurn } from '../lib/in-turn.ts'
import type { Instant } from '../lib/instant.ts'
import { createSealer } from '../lib/seal.ts'
import { removeTaken } from '../login/store.ts'
import { removeTransfers } from '../login/transfer-store.ts'
import { removeOldServiceTokens } from '../program/service-store.ts'
import { removeOldGrants } from '../oauth/grant-store.ts'
import { removeLogoutRequests } from '../session/name-id-store.ts'
import { removeExpired } from '../session/standing-store.ts'
import { createChoose } from '../signals/refresh.ts'
import { SIGNALS_PURPOSE } from '../signals/stream.ts'
import { tendSignals } from '../signals/tend.ts'
import { SP_KEYS_PURPOSE, tendSpKeys } from '../sp/keys.ts'
import { warnOfEnds } from '../upkeep/ends.ts'
import { publicReach } from '../upkeep/fetch.ts'
import { METADATA_SECONDS, refreshDue } from '../upkeep/refresh.ts'
import { tendWebhooks } from '../webhook/send.ts'
import { WEBHOOK_PURPOSE } from '../webhook/webhook.ts'
import type { PartDeps } from './deps.ts'
import { createSendDeps } from './outbox.ts'

export interface CronDeps extends PartDeps {
  /** null: the Worker has no console and no API. */
  readonly findSide: () => Promise<AdminSide | null>
  readonly clock: () => Instant
}

export function runCron(deps: CronDeps, now: Instant): Promise<void> {
  const { config, guarded, secrets, newId, findSide, clock } = deps
  const { db } = deps.stores
  const reach = publicReach(guarded)
  const sealerOf = (purpose: string) => createSealer(secrets, purpose)
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
    async () => config.oauth && removeOldGrants(db, now, config.oauth.idleSeconds),
    async () => {
      const newest = await newestOf(SIGNING_KEYS_PURPOSE)
      await rotateKeys(db, await sealerOf(SIGNING_KEYS_PURPOSE), newest, now)
    },
    async () => (await findSide())?.tidy(now),
    async () => {
      const newest = await newestOf(SP_KEYS_PURPOSE)
      const sealer = await sealerOf(SP_KEYS_PURPOSE)
      await tendSpKeys(db, { sealer, newest, usual: signatureOf(null) }, now)
    },
    () => warnOfEnds(db, now),
    // Before metadata, which take all that is left of the allowance.
    async () => {
      const choose = createChoose({ db, reach })
      const polls = { db, newId, choose, reach, sealer: await sealerOf(SIGNALS_PURPOSE) }
      await tendSignals(polls, await newestOf(SIGNALS_PURPOSE), now, allowance)
    },
    () => refreshDue({ db, ...reach, seconds: METADATA_SECONDS }, now, allowance),
    // Last, so that what was just found is sent on, too.
    async () => {
      const newest = await newestOf(WEBHOOK_PURPOSE)
      await tendWebhooks(await createSendDeps(deps), newest, now, allowance)
    },
  ]
  return doInTurn(pieces, now, clock)
}
