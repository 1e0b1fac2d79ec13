import { createSealer } from '../lib/seal.ts'
import { fetchOutside, TIMEOUT_SECONDS, createOutbox, type SendDeps } from '../webhook/send.ts'
import { WEBHOOK_PURPOSE } from '../webhook/webhook.ts'
import type { Outbox } from '../audit/keep-events.ts'
import type { PartDeps } from './deps.ts'

type Sending = Pick<PartDeps, 'stores' | 'secrets' | 'guarded'>

export const createSendDeps = async ({ stores, secrets, guarded }: Sending): Promise<SendDeps> => ({
  db: stores.db,
  sealer: await createSealer(secrets, WEBHOOK_PURPOSE),
  fetch: fetchOutside(guarded),
  timeoutSeconds: TIMEOUT_SECONDS,
})

/** For the first event that a webhook wants. */
export const create = async (deps: Sending): Promise<Outbox> =>
  createOutbox(await createSendDeps(deps))
