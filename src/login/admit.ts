/** The steps that a sign-in and a test of it share: they read a response, and find its person. */
import { toPerson, type PersonError } from '../connection/attributes.ts'
import type { Connection } from '../connection/connection.ts'
import { toExpect } from '../connection/expect.ts'
import type { KnownCertificates } from '../connection/known-certificates.ts'
import { rememberCertificates } from '../connection/remember-certificates.ts'
import { domainsOf, findForeignDomain } from '../connection/store.ts'
import type { JoinRule } from '../directory/join.ts'
import { refusedUser, type Known, type ProvisionError } from '../directory/provision-store.ts'
import type { Person, User } from '../directory/user.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import type { OnDemand } from '../lib/part.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { readResponse, type Reading } from '../saml/incoming/response.ts'
import type { Subject } from '../saml/index.ts'
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

/**
 * Uses the answer up, and finds the user. The order matters: a forged answer uses no id up, and
 * creates no user.
 *
 * @param find gives the user of the person, of whom D1 knows this.
 */
export async function admit<U extends User | null>(
  subject: Subject,
  { connection, asked }: Omit<AnswerToRead, 'samlResponse'>,
  db: D1Database,
  find: (person: Person, known: Known) => Promise<Result<U, ProvisionError>>,
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
  if (stranger !== null) return refuse({ reason: 'foreign-domain', domain: stranger })
  const user = await find(person.value, known)
  if (!user.ok) {
    const id = user.error === 'user-disabled' ? refusedUser(known) : null
    return refuse(toLoginError(user.error, join, person.value.subject), id)
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

const toLoginError = (reason: ProvisionError, join: JoinRule, subject: string): LoginError =>
  reason === 'user-disabled' ? { reason } : { reason, join, subject }
