/** The steps that a sign-in and a test of it share: they read a response, and find its person. */
import { toPerson, type PersonError } from '../connection/attributes.ts'
import type { Connection } from '../connection/connection.ts'
import { toExpect } from '../connection/expect.ts'
import type { KnownCertificates } from '../connection/known-certificates.ts'
import { rememberCertificates } from '../connection/remember-certificates.ts'
import { domainsOf, findForeignDomain } from '../connection/store.ts'
import { idOfKnown, type Known, type ProvisionError } from '../directory/provision-store.ts'
import type { NotBegun } from '../directory/not-begun-store.ts'
import type { Person, User } from '../directory/user.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import type { OnDemand } from '../lib/part.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { readResponse, type Reading } from '../saml/incoming/response.ts'
import { isSessionOver, type Subject } from '../saml/incoming/subject.ts'
import type { Visit } from '../site/visit.ts'
import type { SpKeys } from '../sp/keys.ts'
import type { LoginError, Named, Refusal } from './error.ts'
import { PENDING_SECONDS } from './pending.ts'
import { takeOnce, tryKeys } from './store.ts'
import { usableUntil } from './terms.ts'

/** The request that the browser made. */
export interface Asked {
  readonly requestId: string
  readonly startedAt: Instant
}

export interface AnswerToRead {
  readonly samlResponse: string
  readonly connection: Connection
  readonly asked: Asked
}

export interface ReadDeps {
  readonly stores: { readonly db: D1Database }
  readonly certificates: KnownCertificates
  readonly findSpKeys: OnDemand<SpKeys>
}

export async function readAnswer(
  { host, now }: Visit,
  { samlResponse, connection, asked }: AnswerToRead,
  { stores, certificates, findSpKeys }: ReadDeps,
): Promise<Reading> {
  const prepareCertificate = rememberCertificates(certificates)
  const decryptionKeys = async () => (await findSpKeys()).decryptionKeys(now)
  return readResponse(samlResponse, {
    ...toExpect(connection, { host, asked, prepareCertificate, decryptionKeys, now }),
    mayDecrypt: (wrappedKeys) => tryKeys(stores.db, wrappedKeys, now),
  })
}

export interface Admitted<U> {
  readonly person: Person
  readonly user: U
  readonly named: Named
}

type Refused = Omit<Refusal, 'seen'>

interface ToAdmit extends Omit<AnswerToRead, 'samlResponse'> {
  readonly now: Instant
}

/**
 * Uses the answer up, and finds the user. The order matters: a forged answer uses no id up, and
 * creates no user.
 *
 * @param find gives the user of the person, by these rows of D1.
 */
export async function admit<U extends User | null>(
  subject: Subject,
  { connection, asked, now }: ToAdmit,
  db: D1Database,
  find: (person: Person, known: Known) => Promise<Result<U, ProvisionError | NotBegun>>,
): Promise<Result<Admitted<U>, Refused>> {
  const person = toPerson(connection, subject)
  const refuse = (error: LoginError, user: string | null = null) =>
    err({ error, named: toNamed(subject, person, user) })

  const { provisioning: mode, settings } = connection
  const { join } = settings.directory
  const once = {
    connection: connection.id,
    requestId: asked.requestId,
    requestUntil: plusSeconds(asked.startedAt, PENDING_SECONDS),
    assertionId: subject.assertionId,
    assertionUntil: usableUntil(subject, connection),
  }
  const taken = await takeOnce(db, once, person.ok ? person.value : null, { mode, join })
  if (!taken.ok) return refuse({ reason: taken.error })
  const { stranger, known } = taken.value

  if (!person.ok) return refuse(person.error)
  if (isSessionOver(subject, now)) return refuse({ reason: 'session-over' }, idOfKnown(known))
  if (stranger !== null) return refuse({ reason: 'foreign-domain', domain: stranger })
  const user = await find(person.value, known)
  if (!user.ok) {
    const { error } = user
    return error === 'user-disabled' || error === 'ended-meanwhile'
      ? refuse({ reason: error }, idOfKnown(known))
      : refuse({ reason: error, join, subject: person.value.subject })
  }
  const admitted = {
    person: person.value,
    user: user.value,
    named: toNamed(subject, person, user.value?.id ?? null),
  }
  if (user.value === null) return ok(admitted)
  const alias = await findAlias(db, user.value, person.value)
  return alias === null
    ? ok(admitted)
    : refuse({ reason: 'foreign-domain', domain: alias }, user.value.id)
}

/** The address that the directory has for the user may belong to another connection's domain. */
async function findAlias(db: D1Database, user: User, person: Person): Promise<string | null> {
  const known = domainsOf(person)
  return domainsOf(user).every((domain) => known.includes(domain))
    ? null
    : findForeignDomain(db, user)
}

const toNamed = (
  subject: Subject,
  person: Result<Person, PersonError>,
  user: string | null,
): Named =>
  person.ok
    ? { subject: person.value.subject, person: person.value.email ?? person.value.userName, user }
    : { subject: subject.nameId, person: null, user }
