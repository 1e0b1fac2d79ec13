/** The context of operations that run in the Worker. */
import { createSealer } from '../lib/seal.ts'
import { guardedNames } from '../site/guarded.ts'
import type { Visit } from '../site/visit.ts'
import { fetchOutside } from '../webhook/send.ts'
import { publicReach } from '../upkeep/fetch.ts'
import { readPublic } from '../upkeep/whole.ts'
import type { Context } from './context.ts'
import type { AdminDeps } from './part.ts'

export const workerContext = (
  { now }: Pick<Visit, 'now'>,
  { stores, config, secrets, newId }: Pick<AdminDeps, 'stores' | 'config' | 'secrets' | 'newId'>,
  by: Pick<Context, 'operator' | 'onUnaudited'>,
): Context => {
  const guarded = guardedNames(config)
  const metadataReach = publicReach(guarded)
  return {
    ...by,
    db: stores.db,
    now,
    newId,
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    config,
    openSealer: (purpose) => createSealer(secrets, purpose),
    fetchMetadata: (url, entityId) => readPublic(url, entityId, metadataReach),
    metadataReach,
    fetchWebhook: fetchOutside(guarded),
  }
}
