/**
 * Attempts that may push each other out of the store. An attacker who can cause one kind of attempt
 * at will must push out no other kind, and no attempt of another connection.
 */
import { shareLimits } from '../audit/share.ts'
import type { Attempt } from './attempt.ts'

export const KEPT_DAYS = 7
/** Of each pool, the newest; a trigger of migration 30 has the same number. */
export const MOST_IN_POOL = 500
/** Of all pools but `anybody`, the newest; cron removes the others. */
export const MOST_IN_ALL = 5000

export type PoolKind =
  | 'done'
  /** The response was signed, and refused all the same. */
  | 'denied'
  /** Anybody can cause one: nothing of it was verified, or its assertion came before. */
  | 'anybody'
  | 'test'

/** Attempts that are written within a minute, in each pool. */
export const perMinute: Readonly<Record<PoolKind, number>> = {
  done: 120,
  denied: 120,
  anybody: shareLimits.anybody.perMinute ?? 0,
  test: 30,
}

export const ANYBODY = 'anybody'

export function poolKindOf({ kind, reason, seen }: Attempt): PoolKind {
  if (kind === 'test') return 'test'
  if (reason === null) return 'done'
  return seen?.reading.signed ? 'denied' : ANYBODY
}

/** Only a signed response or an operator brings about a connection of these, so they are not many. */
export const poolOf = (kind: PoolKind, connection: string | null): string =>
  kind === ANYBODY ? ANYBODY : `${kind} ${connection ?? ''}`
