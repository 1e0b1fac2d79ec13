/** The context of operations that run in the Worker, in the name of the admin. */
import type { AdminDeps } from '../admin/part.ts'
import type { Context, Operator } from '../admin/context.ts'
import { createSealer } from '../lib/seal.ts'
import type { Visit } from '../site/visit.ts'

/** @param note a sentence for the admin, beside the result. */
export const contextOf = (
  operator: Operator,
  { now }: Visit,
  { stores, config, secrets, newId }: AdminDeps,
  note: (sentence: string) => void,
): Context => ({
  db: stores.db,
  operator,
  now,
  newId,
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  config,
  openSealer: (purpose) => createSealer(secrets, purpose),
  fetchMetadata: null,
  fetchWebhook: (url, init) => fetch(url, init),
  onUnaudited: (error) => {
    console.error(error.message)
    note('The change was made, but the audit could not keep it.')
  },
})
