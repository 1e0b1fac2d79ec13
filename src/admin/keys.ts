/** Operations on our own keys. IdPs hold their certificates, so only an operator changes them. */
import type { Facts } from '../audit/event.ts'
import { err, ok, type Result } from '../lib/result.ts'
import {
  addNextGeneration,
  findGenerations,
  removeGeneration,
  useLastGeneration,
  useNextGeneration,
  type Generation,
  type SpKeyKind,
} from '../sp/store.ts'
import { record, type Context } from './context.ts'

export type KeyRefusal =
  | { readonly reason: 'no-keys' }
  /** The old keys of the last rotation are still there. */
  | { readonly reason: 'rotation-unfinished' }
  | { readonly reason: 'rotation-under-way' }
  | { readonly reason: 'no-next-keys' }
  | { readonly reason: 'no-last-keys' }
  /** No IdP can have the certificates of keys that the Worker has not made yet. */
  | { readonly reason: 'keys-not-made'; readonly kinds: readonly SpKeyKind[] }

/** Orders new keys. The Worker makes them, because only it has GATEHOUSE_SECRET. */
export async function rotateKeys(context: Context): Promise<Result<null, KeyRefusal>> {
  const before = await findGenerations(context.db)
  if (before.length === 0) return err({ reason: 'no-keys' })
  if (before.some(({ state }) => state === 'last')) return err({ reason: 'rotation-unfinished' })
  if (!(await addNextGeneration(context.db, context.now))) {
    return err({ reason: 'rotation-under-way' })
  }
  await recordKeys(context, 'keys rotate', {})
  return ok(null)
}

/** Requests are signed by the new keys from now on. */
export async function switchKeys(context: Context): Promise<Result<null, KeyRefusal>> {
  const generations = await findGenerations(context.db)
  const next = generations.find(({ state }) => state === 'next')
  if (!next) return err({ reason: 'no-next-keys' })
  const kinds = lackingKinds(generations)
  if (kinds.length > 0) return err({ reason: 'keys-not-made', kinds })
  // Another operator may have taken the rotation back meanwhile.
  if (!(await useNextGeneration(context.db, context.now))) return err({ reason: 'no-next-keys' })
  await recordKeys(context, 'keys switch', { to: next.generation })
  return ok(null)
}

/** Our AuthnRequests are signed by the old keys again. */
export async function switchKeysBack(context: Context): Promise<Result<null, KeyRefusal>> {
  const last = (await findGenerations(context.db)).find(({ state }) => state === 'last')
  if (!last || !(await useLastGeneration(context.db, context.now))) {
    return err({ reason: 'no-last-keys' })
  }
  await recordKeys(context, 'keys switch', { to: last.generation })
  return ok(null)
}

/** `last`: the old keys, at the end of a rotation. `next`: the new keys of one that is taken back. */
export type Retired = 'last' | 'next'

/** The keys that `retireKeys` would remove. */
export async function previewRetirement(
  db: D1Database,
  state: Retired,
): Promise<Result<Generation, KeyRefusal>> {
  const generation = (await findGenerations(db)).find((each) => each.state === state)
  return generation ? ok(generation) : err({ reason: `no-${state}-keys` })
}

/** An IdP that still encrypts for these keys signs nobody in any more. */
export async function retireKeys(
  context: Context,
  state: Retired,
): Promise<Result<Generation, KeyRefusal>> {
  const gone = await previewRetirement(context.db, state)
  if (!gone.ok) return gone
  if (!(await removeGeneration(context.db, state))) return err({ reason: `no-${state}-keys` })
  await recordKeys(context, 'keys retire', { removed: gone.value.generation })
  return gone
}

/** Kinds of key that are in use and not yet in the next set. */
function lackingKinds(generations: readonly Generation[]): readonly SpKeyKind[] {
  const kindsOf = (state: Generation['state']) =>
    generations.find((each) => each.state === state)?.keys.map(({ kind }) => kind) ?? []
  const next = kindsOf('next')
  return kindsOf('current').filter((kind) => !next.includes(kind))
}

/** Our keys are the same for every connection. */
const recordKeys = (context: Context, command: string, facts: Facts): Promise<void> =>
  record(context, { command, connection: null, user: null, facts })
