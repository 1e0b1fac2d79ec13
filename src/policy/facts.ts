/** What a decision depends on. null: not known, which lets nobody in. */
import { GROUPS_LINK } from '../lib/groups-link.ts'
import type { Instant } from '../lib/instant.ts'
import {
  liveAt,
  type LiveSession,
  type SessionEnd,
  type SessionReading,
} from '../session/session.ts'
import { MOST_GROUPS } from '../lib/most-groups.ts'
import type { Ip } from './ip.ts'

/** @template Live what the caller knows of the session; a decision hands it back. */
export interface Facts<Live = unknown> {
  readonly who: Nobody | SomeBody<Live>
  readonly asks: Asks
}

/** What the request itself shows. */
export interface Asks {
  /** In upper case: every method that the origin may read in the request. */
  readonly methods: readonly string[]
  /** ISO 3166-1 alpha-2, or `T1` for the Tor network. */
  readonly country: string | null
  readonly ip: Ip | null
}

export interface Nobody {
  readonly kind: 'nobody'
  readonly reason: 'no-session' | 'other-connection' | SessionEnd
}

export interface SomeBody<Live> {
  readonly kind: 'person'
  readonly person: Person
  readonly live: Live
}

export interface Person {
  /** The name of the service token that a program came with; null: no program came with one. */
  readonly service: string | null
  readonly connection: string
  readonly email: string | null
  readonly groups: Listed
  readonly groupIds: Listed
  readonly attributes: Readonly<Record<string, readonly string[]>> | null
  /** When Gatehouse accepted the sign-in. */
  readonly signedInAt: Instant | null
  /** When the person proved their identity to the identity provider, as it says. */
  readonly authnInstant: Instant | null
  /** How they proved it. */
  readonly authnContext: string | null
  /** Whether the session is bound to a device. */
  readonly isDeviceBound: boolean | null
}

export interface Listed {
  readonly values: readonly string[]
  /** False: there may be others, so a value that is not listed is not known to be missing. */
  readonly isComplete: boolean
}

/**
 * @param connections the connections of the site: a session of another connection does not count.
 * null: all connections.
 */
export function toFacts(
  reading: SessionReading,
  connections: readonly string[] | null,
  asks: Asks,
): Facts<LiveSession> {
  const nobody = (reason: Nobody['reason']) => ({ who: { kind: 'nobody', reason }, asks }) as const
  if (reading.kind === 'none') return nobody('no-session')
  if (reading.kind === 'ended') return nobody(reading.reason)
  const live = liveAt(reading, connections)
  return live
    ? { who: { kind: 'person', person: toPerson(live), live }, asks }
    : nobody('other-connection')
}

function toPerson({ session, via, groups, groupIds, boundAt }: LiveSession): Person {
  const { connection, email, attributes, signedInAt, authnInstant, authnContext } = session
  const isService = via?.kind === 'service'
  // Without ids, the groups are those of the assertion. A service token has none.
  const areUnknown = groupIds === null && (isService || Object.hasOwn(attributes, GROUPS_LINK))
  return {
    service: isService ? via.name : null,
    connection,
    email,
    groups: areUnknown ? listed(null) : listed(groups),
    groupIds: listed(groupIds),
    attributes: isService ? null : attributes,
    // A service token is no sign-in.
    signedInAt: isService ? null : signedInAt,
    authnInstant,
    authnContext,
    isDeviceBound: boundAt !== null,
  }
}

export const listed = (values: readonly string[] | null): Listed => ({
  values: values ?? [],
  // A longer list was cut off.
  isComplete: values !== null && values.length < MOST_GROUPS,
})
