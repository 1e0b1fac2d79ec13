/** How long an assertion and a session are valid. */
import type { Connection } from '../connection/connection.ts'
import type { Person, User } from '../directory/user.ts'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import type { Subject } from '../saml/index.ts'
import type { Session } from '../session/session.ts'
import type { Visit } from '../site/visit.ts'

/** Until when the assertion would be accepted, if it had not been used. */
export const usableUntil = (subject: Subject, { settings }: Connection): Instant =>
  plusSeconds(toInstant(subject.notOnOrAfter.getTime()), settings.clockSkewSeconds + 1)

export interface SignedIn {
  readonly user: User
  readonly person: Person
  readonly subject: Subject
}

/** The session lasts as long as the site says, and never longer than the IdP says. */
export function toSession(
  id: string,
  { user, person, subject }: SignedIn,
  { host, now }: Visit,
): Session {
  const absoluteEnd = plusSeconds(now, host.session.absoluteSeconds)
  const idpEnd = subject.sessionNotOnOrAfter?.getTime() ?? Infinity
  return {
    id,
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
    openedAt: now,
    expiresAt: toInstant(Math.min(absoluteEnd, idpEnd)),
    idleSeconds: host.session.idleSeconds,
  }
}
