/** What each event does here. docs/signals.md has this table. */
import type { Claims } from './token.ts'

export type Effect =
  /** `session`: that session alone, where the subject names one that we know. */
  | { readonly kind: 'end'; readonly reach: 'session' | 'person' }
  /** Only the audit. */
  | { readonly kind: 'tell' }
  /** The transmitter shows that its events arrive. */
  | { readonly kind: 'verify' }
  /** The transmitter has paused, disabled or enabled the stream. */
  | { readonly kind: 'status' }

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/'

const endSession: Effect = { kind: 'end', reach: 'session' }
const endPerson: Effect = { kind: 'end', reach: 'person' }
const tell: Effect = { kind: 'tell' }

/** Where an event does not say plainly that all is well, the sign-ins end. */
const unless =
  (otherwise: Effect, name: string, ...harmless: readonly string[]) =>
  (event: Claims): Effect => {
    const value = event[name]
    return typeof value === 'string' && harmless.includes(value.toLowerCase()) ? tell : otherwise
  }

const effects: Readonly<Record<string, (event: Claims) => Effect>> = {
  [`${CAEP}session-revoked`]: () => endSession,
  // An added credential does not make earlier sign-ins less secure.
  [`${CAEP}credential-change`]: unless(endPerson, 'change_type', 'create'),
  [`${CAEP}assurance-level-change`]: unless(endSession, 'change_direction', 'increase'),
  [`${CAEP}device-compliance-change`]: unless(endSession, 'current_status', 'compliant'),
  [`${CAEP}risk-level-change`]: unless(endSession, 'current_level', 'low', 'medium'),
  [`${CAEP}token-claims-change`]: () => tell,
  [`${CAEP}session-established`]: () => tell,
  [`${CAEP}session-presented`]: () => tell,
  [`${RISC}account-credential-change-required`]: () => endPerson,
  [`${RISC}account-purged`]: () => endPerson,
  [`${RISC}account-disabled`]: () => endPerson,
  [`${RISC}account-enabled`]: () => tell,
  [`${RISC}identifier-changed`]: () => endPerson,
  [`${RISC}identifier-recycled`]: () => endPerson,
  [`${RISC}credential-compromise`]: () => endPerson,
  [`${RISC}sessions-revoked`]: () => endPerson,
  [`${RISC}opt-in`]: () => tell,
  [`${RISC}opt-out-initiated`]: () => tell,
  [`${RISC}opt-out-cancelled`]: () => tell,
  [`${RISC}opt-out-effective`]: () => tell,
  [`${RISC}recovery-activated`]: () => tell,
  [`${RISC}recovery-information-changed`]: () => tell,
  [`${SSF}verification`]: () => ({ kind: 'verify' }),
  // Before Shared Signals, RISC had its own.
  [`${RISC}verification`]: () => ({ kind: 'verify' }),
  [`${SSF}stream-updated`]: () => ({ kind: 'status' }),
}

/** The events to ask a transmitter for. It sends those about the stream without being asked. */
export const wantedEvents: readonly string[] = Object.keys(effects).filter(
  (type) => type.startsWith(CAEP) || (type.startsWith(RISC) && !type.endsWith('/verification')),
)

/** null: an event that Gatehouse does not know. */
export const effectOf = (type: string, event: Claims): Effect | null =>
  new Map(Object.entries(effects)).get(type)?.(event) ?? null

const PREFIX = 'https://schemas.openid.net/secevent/'

/** `caep/session-revoked` */
export const shortNameOf = (type: string): string =>
  type.startsWith(PREFIX) ? type.slice(PREFIX.length).replace('/event-type', '') : type
