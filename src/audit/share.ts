/**
 * How much of the audit each may fill. Who can cause one kind of event at will must not be able to
 * push out what others are remembered by, so each share has its own numbers and its own end.
 */
import type { AuditEvent } from './event.ts'

export type Share =
  /** Costs its doer a login or the operator's rights. */
  | 'done'
  /** Costs a token, which is good for as many as its holder likes, and a write of its own each. */
  | 'directory'
  /** Somebody known was refused: as often as they like. */
  | 'denied'
  /** Anybody at all can cause it. */
  | 'anybody'

export interface ShareLimits {
  /** Kept, the newest of them; cron removes the others. */
  readonly rows: number
  /** Written within a minute; null: every one. */
  readonly perMinute: number | null
  /** Tried within a minute by one isolate, for the same person or token if there is one. */
  readonly perIsolateMinute: number | null
}

export const KEPT_DAYS = 90

export const shareLimits: Readonly<Record<Share, ShareLimits>> = {
  done: { rows: 200_000, perMinute: null, perIsolateMinute: null },
  directory: { rows: 200_000, perMinute: null, perIsolateMinute: null },
  denied: { rows: 50_000, perMinute: 120, perIsolateMinute: 20 },
  anybody: { rows: 20_000, perMinute: 30, perIsolateMinute: 10 },
}

const shares: Readonly<Record<AuditEvent['kind'], Share>> = {
  login: 'done',
  'groups-omitted': 'done',
  'login-refused': 'anybody',
  'access-denied': 'denied',
  'session-refused': 'denied',
  'session-ended': 'denied',
  logout: 'done',
  'directory-changed': 'directory',
  'removals-held': 'denied',
  'scim-refused': 'denied',
  'origin-failed': 'anybody',
  'store-unavailable': 'anybody',
  operator: 'done',
}

export const auditKinds: readonly string[] = Object.keys(shares)

export const shareOf = (event: AuditEvent): Share =>
  event.kind === 'scim-refused' && event.token === null ? 'anybody' : shares[event.kind]
