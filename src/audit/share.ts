/**
 * How much of the audit each share of events may fill. An attacker who can cause one kind of event
 * at will must not push out other events, so each share has its own numbering and its own limits.
 */
import type { AuditEvent } from './event.ts'

export type Share =
  /** Only a sign-in, an operator's rights, or a webhook that an operator made can cause one. */
  | 'done'
  /**
   * Caused by a directory, or by a program that a person gave access, together with a write. Each can
   * cause any number.
   */
  | 'directory'
  /** A known person or token was refused. They can cause any number. */
  | 'denied'
  /** Anybody can cause one. */
  | 'anybody'

export interface ShareLimits {
  /** How many rows are kept, the newest ones; cron removes the others. */
  readonly rows: number
  /** Rows that may be written within a minute; null: no limit. */
  readonly perMinute: number | null
  /** Writes that one isolate may try within a minute, for each person or token if there is one. */
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
  arrival: 'done',
  'groups-omitted': 'done',
  'login-refused': 'anybody',
  'access-denied': 'denied',
  'session-refused': 'denied',
  'session-ended': 'denied',
  'device-bound': 'done',
  'device-refused': 'denied',
  'theft-stopped': 'done',
  logout: 'done',
  'idp-logout': 'done',
  // The browser with the answer and the cookie can send both again.
  'idp-logout-answered': 'denied',
  'logout-refused': 'anybody',
  'sign-ins-ended': 'done',
  'directory-changed': 'directory',
  'removals-held': 'denied',
  'scim-refused': 'denied',
  'api-refused': 'denied',
  'token-refused': 'denied',
  'origin-failed': 'anybody',
  'grant-made': 'directory',
  'grant-ended': 'directory',
  'grant-refused': 'anybody',
  'store-unavailable': 'anybody',
  signal: 'directory',
  'signal-refused': 'anybody',
  'metadata-changed': 'done',
  'metadata-waits': 'done',
  'metadata-failed': 'done',
  'certificate-ends': 'done',
  'webhook-off': 'done',
  'webhook-gave-up': 'done',
  operator: 'done',
}

export const auditKinds: readonly string[] = Object.keys(shares)

export const shareOf = (event: AuditEvent): Share =>
  (event.kind === 'scim-refused' ||
    event.kind === 'api-refused' ||
    event.kind === 'token-refused') &&
  event.token === null
    ? 'anybody'
    : shares[event.kind]
