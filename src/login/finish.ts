import type { Seen } from '../attempt/attempt.ts'
import { areGroupsOmitted } from '../connection/attributes.ts'
import type { Connection } from '../connection/connection.ts'
import { provision } from '../directory/provision-store.ts'
import { areDirectorys } from '../directory/whose-groups.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { PostedResponse } from '../saml/incoming/form.ts'
import type { Client } from '../session/device.ts'
import { openSession } from '../session/open.ts'
import type { SessionStores } from '../session/reader.ts'
import type { Session } from '../session/session.ts'
import type { SessionToken } from '../session/token.ts'
import { findOtherPerson } from '../session/token-store.ts'
import type { Hosts } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { admit, readAnswer, type ReadDeps } from './admit.ts'
import type { Refusal } from './error.ts'
import { askingAnew } from './fresh.ts'
import { signInEnd, toSession } from './terms.ts'
import { sessionsBeside, takePending, type PendingLogin } from './pending.ts'

export interface IdpAnswer {
  readonly form: PostedResponse
  readonly connection: Connection
  /** The logins whose cookies the browser sent, newest first. */
  readonly logins: readonly PendingLogin[]
  readonly client: Client
}

export interface FinishDeps extends ReadDeps {
  readonly stores: SessionStores
  readonly newId: () => string
  readonly hosts: Hosts
}

export interface Login {
  readonly asked: PendingLogin
  readonly token: SessionToken
  readonly session: Session
  /**
   * The name of another person who is signed in in this browser; null: nobody. That person must be
   * asked before the new session replaces theirs.
   */
  readonly other: string | null
  /** The IdP left the groups out, so this session is refused wherever a rule needs a group. */
  readonly areGroupsOmitted: boolean
  readonly seen: Seen
}

/** Turns an IdP's answer into a session. */
export async function finishLogin(
  visit: Visit,
  { form, connection, logins, client }: IdpAnswer,
  deps: FinishDeps,
): Promise<Result<Login, Refusal>> {
  const { host, now } = visit
  const { stores, newId, hosts } = deps
  const { db } = stores
  const taken = takePending(form.relayState, logins, connection.id)
  if (!taken.ok) return err({ error: { reason: taken.error }, named: null, seen: null })
  const asked = taken.value

  const { samlResponse } = form
  const reading = await readAnswer(
    visit,
    { samlResponse, asked, connection: askingAnew(connection, asked.anew ?? false) },
    deps,
  )
  const seen = { reading, posted: samlResponse }
  const { subject } = reading
  if (!subject.ok) {
    return err({ error: { reason: 'response', error: subject.error }, named: null, seen })
  }
  const { provisioning: mode } = connection
  const { groupsFrom } = connection.settings.directory
  const admitted = await admit(subject.value, { connection, asked, now }, db, (person, known) =>
    provision(db, person, known, { mode, newId: newId(), now }),
  )
  if (!admitted.ok) return err({ ...admitted.error, seen })

  const { user, person, named } = admitted.value
  const signedIn = { user, person, subject: subject.value }
  const session = toSession({ id: newId(), signIn: newId() }, signedIn, visit)
  const beside = asked.isForeign ? sessionsBeside(asked, logins) : []
  const other =
    beside.length === 0
      ? null
      : await findOtherPerson(db, { hashes: beside, site: host.authority, userId: user.id }, now)
  const replaces = other === null ? asked.replaces : []
  const newSignIn = {
    user,
    expiresAt: signInEnd(subject.value, hosts.longestSeconds, now),
    client,
    nameQualifier: subject.value.nameQualifier,
    spNameQualifier: subject.value.spNameQualifier,
  }
  const opened = await openSession(stores, { session, newSignIn, replaces }, visit)
  if (!opened.ok) return err({ error: { reason: opened.error }, named, seen })
  return ok({
    asked,
    token: opened.value,
    session,
    other,
    // What the IdP left out does not matter where the directory's groups count.
    areGroupsOmitted: areGroupsOmitted(subject.value) && !areDirectorys(groupsFrom, user),
    seen,
  })
}
