import { areGroupsOmitted, toPerson } from '../connection/attributes.ts'
import type { Connection } from '../connection/connection.ts'
import { findForeignDomain } from '../connection/store.ts'
import { provision } from '../directory/store.ts'
import { plusSeconds } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { PostedResponse } from '../saml/binding.ts'
import { openResponse } from '../saml/index.ts'
import { openSession } from '../session/open.ts'
import type { SessionStores } from '../session/reader.ts'
import type { Session } from '../session/session.ts'
import type { SessionToken } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import type { SpKeys } from '../sp/keys.ts'
import type { LoginError } from './error.ts'
import { toExpect } from './expect.ts'
import { toSession, usableUntil } from './terms.ts'
import { PENDING_SECONDS, takePending, type PendingLogin } from './pending.ts'
import { takeOnce, tryKeys } from './store.ts'

export interface Login {
  readonly asked: PendingLogin
  readonly token: SessionToken
  readonly session: Session
  /** The IdP left the groups out: what needs one is closed to this session. */
  readonly areGroupsOmitted: boolean
}

/** An IdP's answer → a session. In this order: nothing is used up or stored for a forgery. */
export async function finishLogin(
  form: PostedResponse,
  pending: readonly PendingLogin[],
  connection: Connection,
  visit: Visit,
  stores: SessionStores,
  keys: SpKeys,
  newId: () => string,
): Promise<Result<Login, LoginError>> {
  const { site, now } = visit
  const asked = takePending(form.relayState, pending, connection.id)
  if (!asked.ok) return err({ reason: asked.error })

  const decryptionKeys = await keys.decryptionKeys(now)
  const subject = await openResponse(form.samlResponse, {
    ...toExpect(connection, site, asked.value.requestId, decryptionKeys, now),
    mayDecrypt: (wrappedKeys) => tryKeys(stores.db, wrappedKeys, now),
  })
  if (!subject.ok) return err({ reason: 'response', error: subject.error })

  const taken = await takeOnce(stores.db, {
    connection: connection.id,
    requestId: asked.value.requestId,
    requestUntil: plusSeconds(asked.value.startedAt, PENDING_SECONDS),
    assertionId: subject.value.assertionId,
    assertionUntil: usableUntil(subject.value, connection),
  })
  if (!taken.ok) return err({ reason: taken.error })

  const person = toPerson(connection, subject.value)
  if (!person.ok) return person
  const stranger = await findForeignDomain(stores.db, person.value)
  if (stranger) return err({ reason: 'foreign-domain', domain: stranger })
  const user = await provision(stores.db, person.value, connection.provisioning, newId(), now)
  if (!user.ok) return err({ reason: user.error })
  // A directory may call somebody what its own IdP may not.
  const alias = await findForeignDomain(stores.db, user.value)
  if (alias) return err({ reason: 'foreign-domain', domain: alias })

  const session = toSession(user.value, person.value, subject.value, visit, newId())
  if (session.expiresAt <= now) return err({ reason: 'session-over' })
  const token = await openSession(stores, session, user.value)
  return ok({
    asked: asked.value,
    token,
    session,
    areGroupsOmitted: areGroupsOmitted(subject.value),
  })
}
