/** The context of operations that run in the Worker. */
import { createSealer } from '../lib/seal.ts'
import { guardedNames } from '../site/guarded.ts'
import type { Visit } from '../site/visit.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { fetchOutside, sendMessages, TIMEOUT_SECONDS } from '../webhook/send.ts'
import { WEBHOOK_PURPOSE } from '../webhook/webhook.ts'
import { publicReach } from '../upkeep/fetch.ts'
import { readPublic } from '../upkeep/whole.ts'
import type { Context } from './context.ts'
import type { AdminDeps } from './part.ts'

export const workerContext = (
  {
    now,
    requestId,
    answered,
    waitUntil,
  }: Pick<Visit, 'now' | 'requestId' | 'answered' | 'waitUntil'>,
  { stores, config, secrets, newId }: Pick<AdminDeps, 'stores' | 'config' | 'secrets' | 'newId'>,
  by: Pick<Context, 'operator' | 'onUnaudited'>,
): Context => {
  const guarded = guardedNames(config)
  const metadataReach = publicReach(guarded)
  const fetchWebhook = fetchOutside(guarded)
  let isTold = false

  /** After the answer: a webhook must not delay it, and several changes are told at once. */
  async function tellWebhooks(): Promise<void> {
    await answered
    const sealer = await createSealer(secrets, WEBHOOK_PURPOSE)
    const deps = { db: stores.db, sealer, fetch: fetchWebhook, timeoutSeconds: TIMEOUT_SECONDS }
    await sendMessages(deps, null, now).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailable)) throw error
      // The messages wait for the next event, or for cron.
      console.error(error.message)
    })
  }

  return {
    ...by,
    db: stores.db,
    kv: stores.kv,
    now,
    requestId,
    newId,
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    config,
    openSealer: (purpose) => createSealer(secrets, purpose),
    fetchMetadata: (url, entityId) => readPublic(url, entityId, metadataReach),
    metadataReach,
    fetchWebhook,
    onAudited: () => {
      if (!isTold) waitUntil(tellWebhooks())
      isTold = true
    },
  }
}
