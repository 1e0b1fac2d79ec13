import { areGroupsOmitted, toPerson, type PersonError } from '../connection/attributes.ts'
import type { Connection } from '../connection/connection.ts'
import { findForeignDomain } from '../connection/store.ts'
import type { JoinRule } from '../directory/join.ts'
import { findRefused, provision, type ProvisionError } from '../directory/sign-in-store.ts'
import type { Person } from '../directory/user.ts'
import { areDirectorys } from '../directory/whose-groups.ts'
import { plusSeconds } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { PostedResponse } from '../saml/incoming/form.ts'
import { openResponse, type Subject } from '../saml/index.ts'
import type { Client } from '../session/device.ts'
import { openSession } from '../session/open.ts'
import type { SessionStores } from '../session/reader.ts'
import type { Session } from '../session/session.ts'
import type { SessionToken } from '../session/token.ts'
import { findOtherPerson } from '../session/token-store.ts'
import type { Hosts } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import type { SpKeys } from '../sp/keys.ts'
import type { LoginError, Named, Refusal } from './error.ts'
import { toExpect } from '../connection/expect.ts'
import { askingAnew } from './fresh.ts'
import { signInEnd, toSession, usableUntil } from './terms.ts'
import { PENDING_SECONDS, sessionsBeside, takePending, type PendingLogin } from './pending.ts'
import { takeOnce, tryKeys } from './store.ts'

export interface IdpAnswer {
  readonly form: PostedResponse
  readonly connection: Connection
  /** The logins whose cookies the browser sent, newest first. */
  readonly logins: readonly PendingLogin[]
  readonly client: Client
}

export interface FinishDeps {
  readonly stores: SessionStores
  readonly spKeys: SpKeys
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
}

/**
 * Turns an IdP's answer into a session. The order matters: a forged answer uses no id up, and
 * creates no user.
 */
export async function finishLogin(
  visit: Visit,
  { form, connection, logins, client }: IdpAnswer,
  { stores, spKeys, newId, hosts }: FinishDeps,
): Promise<Result<Login, Refusal>> {
  const { host, now } = visit
  const asked = takePending(form.relayState, logins, connection.id)
  if (!asked.ok) return err({ error: { reason: asked.error }, named: null })

  const decryptionKeys = await spKeys.decryptionKeys(now)
  const subject = await openResponse(form.samlResponse, {
    ...toExpect(askingAnew(connection, asked.value.anew ?? false), {
      host,
      asked: asked.value,
      decryptionKeys,
      now,
    }),
    mayDecrypt: (wrappedKeys) => tryKeys(stores.db, wrappedKeys, now),
  })
  if (!subject.ok) {
    return err({ error: { reason: 'response', error: subject.error }, named: null })
  }
  const person = toPerson(connection, subject.value)
  const refuse = (error: LoginError, user: string | null = null) =>
    err({ error, named: toNamed(subject.value, person, user) })

  const taken = await takeOnce(stores.db, {
    connection: connection.id,
    requestId: asked.value.requestId,
    requestUntil: plusSeconds(asked.value.startedAt, PENDING_SECONDS),
    assertionId: subject.value.assertionId,
    assertionUntil: usableUntil(subject.value, connection),
  })
  if (!taken.ok) return refuse({ reason: taken.error })

  if (!person.ok) return refuse(person.error)
  const stranger = await findForeignDomain(stores.db, person.value)
  if (stranger) return refuse({ reason: 'foreign-domain', domain: stranger })
  const { join, groupsFrom } = connection.settings.directory
  const { provisioning } = connection
  const user = await provision(stores.db, person.value, {
    mode: provisioning,
    join,
    newId: newId(),
    now,
  })
  if (!user.ok) {
    const known = user.error === 'user-disabled'
    const id = known ? await findRefused(stores.db, person.value, provisioning, join) : null
    return refuse(toLoginError(user.error, join, person.value.subject), id)
  }
  // The address that the directory has for the user may belong to another connection's domain.
  const alias = await findForeignDomain(stores.db, user.value)
  if (alias) return refuse({ reason: 'foreign-domain', domain: alias }, user.value.id)

  const signedIn = { user: user.value, person: person.value, subject: subject.value }
  const session = toSession({ id: newId(), signIn: newId() }, signedIn, visit)
  if (session.expiresAt <= now) return refuse({ reason: 'session-over' }, user.value.id)
  const beside = asked.value.isForeign ? sessionsBeside(asked.value, logins) : []
  const other =
    beside.length === 0
      ? null
      : await findOtherPerson(
          stores.db,
          { hashes: beside, site: host.authority, userId: user.value.id },
          now,
        )
  const replaces = other === null ? asked.value.replaces : []
  const newSignIn = {
    sessionsValidFrom: user.value.sessionsValidFrom,
    expiresAt: signInEnd(subject.value, hosts.longestSeconds, now),
    client,
  }
  const token = await openSession(stores, { session, newSignIn, replaces })
  return ok({
    asked: asked.value,
    token,
    session,
    other,
    // What the IdP left out does not matter where the directory's groups count.
    areGroupsOmitted: areGroupsOmitted(subject.value) && !areDirectorys(groupsFrom, user.value),
  })
}

const toNamed = (
  subject: Subject,
  person: Result<Person, PersonError>,
  user: string | null,
): Named =>
  person.ok
    ? { subject: person.value.subject, person: person.value.email ?? person.value.userName, user }
    : { subject: subject.nameId, person: null, user }

const toLoginError = (reason: ProvisionError, join: JoinRule, subject: string): LoginError =>
  reason === 'user-disabled' ? { reason } : { reason, join, subject }
