/** What would become of a response, check by check. Nobody is signed in, and nothing is written. */
import { areGroupsOmitted, toPerson, type PersonError } from '../connection/attributes.ts'
import type { Connection } from '../connection/connection.ts'
import { toExpect } from '../connection/expect.ts'
import { findForeignDomain } from '../connection/store.ts'
import { decideUser, findKnown, type ProvisionError } from '../directory/provision-store.ts'
import type { Person, User } from '../directory/user.ts'
import { decodeBase64 } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Sealer } from '../lib/seal.ts'
import { parseTime } from '../lib/time.ts'
import type { SamlError } from '../saml/error.ts'
import { checks } from '../saml/incoming/assertion.ts'
import { isSessionOver } from '../saml/incoming/subject.ts'
import { explainResponse, prepareCertificate, type Subject } from '../saml/index.ts'
import { attributeOf, parseXml } from '../saml/xml/reader.ts'
import { takesConnection, type Host } from '../site/host.ts'
import { openDecryptionKeys } from '../sp/keys.ts'
import { findGenerations } from '../sp/store.ts'
import { findKnownConnection, type UnknownConnection } from './connections.ts'

export interface ResponseToTry {
  /** The id of the connection that is to take it. */
  readonly connection: string
  readonly host: Host
  /** Base64, as it is posted. */
  readonly response: string
  /** Opens our keys; null: GATEHOUSE_SECRET is not known here. */
  readonly sealer: Sealer | null
  /** The time as of which it is judged. */
  readonly at: Instant
}

export interface Tried {
  readonly connection: Connection
  readonly checks: readonly TriedCheck[]
  /** The person whom the response names; null: it names nobody, or a check before that failed. */
  readonly person: Person | null
  /** What a sign-in would make of the person; null: it would be refused. */
  readonly user: 'known' | 'created' | null
  /** As the response says, believed or not. */
  readonly issuedAt: Instant | null
}

export interface TriedCheck {
  readonly check: string
  readonly outcome: 'ok' | 'failed' | 'warning' | 'not reached' | 'not judged'
  /** null: nothing to add. */
  readonly remark: Remark | null
}

export type Remark =
  | { readonly reason: 'saml'; readonly error: SamlError }
  | { readonly reason: 'found'; readonly says: string }
  /** Only the browser that asked knows which request it made. */
  | { readonly reason: 'request-unknown' }
  | { readonly reason: 'connection-disabled'; readonly connection: string }
  | { readonly reason: 'connection-not-listed'; readonly host: string }
  | { readonly reason: 'groups-omitted' }
  | { readonly reason: 'session-over' }
  | { readonly reason: 'foreign-domain'; readonly domain: string }
  | { readonly reason: ProvisionError; readonly connection: string }
  | PersonError

export type TryRefusal =
  | UnknownConnection
  /** The response is encrypted, and no sealer that was given opens our keys. */
  | { readonly reason: 'keys-sealed' }

export async function tryResponse(
  db: D1Database,
  { connection: id, host, response, sealer, at }: ResponseToTry,
): Promise<Result<Tried, TryRefusal>> {
  const known = await findKnownConnection(db, id)
  if (!known.ok) return known
  const connection = known.value
  const keys = await readKeys(db, sealer)
  const { request, issuedAt } = readClaims(response)
  const asked = request === null ? null : { requestId: request, startedAt: null }
  const expect = toExpect(connection, {
    host,
    asked,
    prepareCertificate,
    decryptionKeys: keys.opened,
    now: at,
  })
  const { findings, subject } = await explainResponse(response, expect)
  const isLocked = findings.some(({ error }) => error?.reason === 'no-decryption-key')
  if (isLocked && keys.sealed > 0) return err({ reason: 'keys-sealed' })
  const reached = findings.map(({ check, error, says }): TriedCheck => {
    if (error) return failed(check, { reason: 'saml', error })
    return check === ANSWERS || (check === ANEW && connection.settings.forceAuthn)
      ? { check, outcome: 'not judged', remark: { reason: 'request-unknown' } }
      : { ...passed(check), remark: says === null ? null : { reason: 'found', says } }
  })
  const unreached = checks
    .map(({ name }) => name)
    .filter((name) => findings.every(({ check }) => check !== name))
  const tried = subject
    ? await tryPerson(db, connection, subject, at)
    : {
        checks: [...unreached, IDENTIFIED, SESSION, DOMAIN, USER].map(notReached),
        person: null,
        user: null,
      }
  return ok({
    ...tried,
    connection,
    checks: [...tryDoor(connection, host), ...reached, ...tried.checks],
    issuedAt,
  })
}

const ANSWERS = 'Response answers our request'
const ANEW = 'Signed in anew, where that was asked'
const ENABLED = 'Connection is enabled'
const LISTED = 'Site takes the connection'
const IDENTIFIED = 'The person is identified'
const SESSION = 'The IdP still has the session'
const DOMAIN = "No other connection speaks for the person's domain"
const USER = 'The user may sign in'

const passed = (check: string): TriedCheck => ({ check, outcome: 'ok', remark: null })
const failed = (check: string, remark: Remark): TriedCheck => ({
  check,
  outcome: 'failed',
  remark,
})
const notReached = (check: string): TriedCheck => ({
  check,
  outcome: 'not reached',
  remark: null,
})

/** The keys that open an encrypted response, and how many of ours do not open themselves. */
async function readKeys(
  db: D1Database,
  sealer: Sealer | null,
): Promise<{ readonly opened: readonly CryptoKey[]; readonly sealed: number }> {
  const generations = await findGenerations(db)
  if (!sealer) return { opened: [], sealed: generations.length }
  const keys = await openDecryptionKeys(generations, sealer)
  return {
    opened: keys.flatMap((key) => key ?? []),
    sealed: keys.filter((key) => key === null).length,
  }
}

/** What an unjudged response says of itself. */
function readClaims(response: string): {
  readonly request: string | null
  readonly issuedAt: Instant | null
} {
  const bytes = decodeBase64(response)
  const root = bytes.ok ? parseXml(bytes.value) : null
  if (!root?.ok) return { request: null, issuedAt: null }
  return {
    request: attributeOf(root.value, 'InResponseTo'),
    issuedAt: parseTime(attributeOf(root.value, 'IssueInstant') ?? ''),
  }
}

const tryDoor = ({ id, enabled }: Connection, host: Host): readonly TriedCheck[] => [
  enabled ? passed(ENABLED) : failed(ENABLED, { reason: 'connection-disabled', connection: id }),
  takesConnection(host, id)
    ? passed(LISTED)
    : failed(LISTED, { reason: 'connection-not-listed', host: host.url }),
]

/** In the order in which `admit` refuses. */
async function tryPerson(
  db: D1Database,
  connection: Connection,
  subject: Subject,
  at: Instant,
): Promise<Pick<Tried, 'checks' | 'person' | 'user'>> {
  const person = toPerson(connection, subject)
  if (!person.ok) {
    const rest = [SESSION, DOMAIN, USER].map(notReached)
    return { checks: [failed(IDENTIFIED, person.error), ...rest], person: null, user: null }
  }
  const groups: readonly TriedCheck[] = areGroupsOmitted(subject)
    ? [
        {
          check: 'Groups are all there',
          outcome: 'warning',
          remark: { reason: 'groups-omitted' },
        },
      ]
    : []
  const session = isSessionOver(subject, at)
    ? failed(SESSION, { reason: 'session-over' })
    : passed(SESSION)
  const { id, provisioning, settings } = connection
  const domain = await tryDomain(db, person.value)
  const known = await findKnown(db, person.value, {
    mode: provisioning,
    join: settings.directory.join,
  })
  const found = decideUser(known, provisioning)
  const user = found.ok ? passed(USER) : failed(USER, { reason: found.error, connection: id })
  // A directory may give a user an address for which another IdP speaks.
  const alias = found.ok && found.value ? await tryDomain(db, found.value) : passed(DOMAIN)
  const last = [session, domain, user, ...(alias.outcome === 'failed' ? [alias] : [])]
  return {
    checks: [passed(IDENTIFIED), ...groups, ...last],
    person: person.value,
    user: last.some(({ outcome }) => outcome === 'failed') ? null : comingOf(found),
  }
}

const comingOf = (found: Result<User | null, unknown>): Tried['user'] =>
  found.ok && found.value ? 'known' : 'created'

async function tryDomain(
  db: D1Database,
  person: Pick<Person, 'connection' | 'email' | 'userName'>,
): Promise<TriedCheck> {
  const domain = await findForeignDomain(db, person)
  return domain === null ? passed(DOMAIN) : failed(DOMAIN, { reason: 'foreign-domain', domain })
}
