/** How long an assertion and a session are valid. */
import type { Connection } from '../connection/connection.ts'
import type { Person, User } from '../directory/user.ts'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import type { Subject } from '../saml/index.ts'
import type { Session } from '../session/session.ts'
import type { Visit } from '../site/visit.ts'
import type { TakenTransfer } from './transfer-store.ts'

/** Until when the assertion would be accepted, if it had not been used. */
export const usableUntil = (subject: Subject, { settings }: Connection): Instant =>
  plusSeconds(toInstant(subject.notOnOrAfter.getTime()), settings.clockSkewSeconds + 1)

/** A session of a sign-in that D1 has, or gets. */
export type NewSession = Session & { readonly signIn: string }

export interface SignedIn {
  readonly user: User
  readonly person: Person
  readonly subject: Subject
}

/** When the sign-in ends, at the latest: with the longest session, and never later than at the IdP. */
export function signInEnd(subject: Subject, longestSeconds: number, now: Instant): Instant {
  const idpEnd = subject.sessionNotOnOrAfter?.getTime() ?? Infinity
  return toInstant(Math.min(plusSeconds(now, longestSeconds), idpEnd))
}

/** The session lasts as long as the host says, and never longer than the IdP says. */
export function toSession(
  { id, signIn }: { readonly id: string; readonly signIn: string },
  { user, person, subject }: SignedIn,
  { host, now }: Visit,
): NewSession {
  return {
    id,
    signIn,
    site: host.authority,
    connection: user.connection,
    userId: user.id,
    userName: user.userName,
    email: user.email,
    displayName: user.displayName,
    groups: person.groups,
    attributes: person.attributes,
    nameId: subject.nameId,
    nameIdFormat: subject.nameIdFormat,
    sessionIndex: subject.sessionIndex,
    authnInstant: toInstant(subject.authnInstant.getTime()),
    authnContext: subject.authnContext,
    signedInAt: now,
    openedAt: now,
    expiresAt: signInEnd(subject, host.session.absoluteSeconds, now),
    idleSeconds: host.session.idleSeconds,
  }
}

/** The session of a sign-in that was passed on. Its length counts from the sign-in. */
export const toSessionHere = (
  id: string,
  { session, signIn, signInExpiresAt }: TakenTransfer,
  { host, now }: Visit,
): NewSession => {
  const { absoluteSeconds, idleSeconds } = host.session
  const end = Math.min(plusSeconds(session.signedInAt, absoluteSeconds), signInExpiresAt)
  return {
    ...session,
    id,
    signIn,
    site: host.authority,
    openedAt: now,
    expiresAt: toInstant(end),
    idleSeconds,
  }
}
