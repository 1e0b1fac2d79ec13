/** What would become of a response, check by check; nobody is logged in, nothing is written. */
import { toPerson, areGroupsOmitted, type PersonError } from '../../src/connection/attributes.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { findForeignDomain } from '../../src/connection/store.ts'
import { findUsers } from '../../src/directory/sign-in-store.ts'
import { findProvisioned } from '../../src/directory/join-store.ts'
import type { JoinError } from '../../src/directory/join.ts'
import type { Person, User } from '../../src/directory/user.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { decodeBase64 } from '../../src/lib/bytes.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { toExpect } from '../../src/login/expect.ts'
import { checks } from '../../src/saml/incoming/assertion.ts'
import { explainResponse, explainSamlError, type Subject } from '../../src/saml/index.ts'
import { parseTime } from '../../src/lib/time.ts'
import { attributeOf, parseXml } from '../../src/saml/xml/reader.ts'
import type { Site } from '../../src/site/site.ts'
import { serves } from '../sites.ts'

export interface Judged {
  readonly check: string
  readonly outcome: 'ok' | 'failed' | 'warning' | 'not reached' | 'not judged'
  /** null: nothing to add. */
  readonly says: string | null
}

export interface Judgement {
  readonly checks: readonly Judged[]
  /** Who would come out; null when nobody would. */
  readonly person: Person | null
  /** What Gatehouse would do with the person; null when nobody would come out. */
  readonly user: 'known' | 'created' | null
  /** As the response says, believed or not. */
  readonly issuedAt: Instant | null
  /** It is encrypted, and no key opens it. */
  readonly isLocked: boolean
}

export async function judgeResponse(
  db: D1Database,
  connection: Connection,
  site: Site,
  response: string,
  decryptionKeys: readonly CryptoKey[],
  at: Instant,
): Promise<Judgement> {
  // Only the browser that asked knows which request it made, so the response is believed in that.
  const { request, issuedAt } = readClaims(response)
  const expect = toExpect(connection, {
    host: site,
    asked: request === null ? null : { requestId: request, startedAt: null },
    decryptionKeys,
    now: at,
  })
  const { findings, subject } = await explainResponse(response, expect)
  const isLocked = findings.some(({ error }) => error?.reason === 'no-decryption-key')
  const reached = findings.map(({ check, error, says }): Judged => {
    if (error) return { check, outcome: 'failed', says: explainSamlError(error) }
    return check === ANSWERS || (check === ANEW && connection.settings.forceAuthn)
      ? { check, outcome: 'not judged', says: 'Only the browser that asked knows its request.' }
      : { ...passed(check), says }
  })
  const unreached = checks
    .map(({ name }) => name)
    .filter((name) => findings.every(({ check }) => check !== name))
  const door = judgeDoor(connection, site)
  if (!subject) {
    const rest = [...unreached, IDENTIFIED, DOMAIN, USER].map(notReached)
    return { checks: [...door, ...reached, ...rest], person: null, user: null, issuedAt, isLocked }
  }
  const { judged, person, user } = await judgePerson(db, connection, subject)
  return { checks: [...door, ...reached, ...judged], person, user, issuedAt, isLocked }
}

const ANSWERS = 'Response answers our request'
const ANEW = 'The sign-in is fresh, if ForceAuthn was asked for'
const IDENTIFIED = 'The person is identified'
const DOMAIN = "No other connection speaks for the person's domain"
const USER = 'The user may sign in'

const passed = (check: string): Judged => ({ check, outcome: 'ok', says: null })
const failed = (check: string, says: string): Judged => ({ check, outcome: 'failed', says })
const notReached = (check: string): Judged => ({ check, outcome: 'not reached', says: null })

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

function judgeDoor(connection: Connection, site: Site): readonly Judged[] {
  const [enabled, listed] = ['Connection is enabled', 'Site takes the connection']
  return [
    connection.enabled
      ? passed(enabled)
      : failed(enabled, `Enable it: \`npx gatehouse connection update ${connection.id} --enable\``),
    serves(site, connection.id)
      ? passed(listed)
      : failed(listed, `${site.url} does not list it in gatehouse.config.ts.`),
  ]
}

async function judgePerson(
  db: D1Database,
  connection: Connection,
  subject: Subject,
): Promise<{
  readonly judged: readonly Judged[]
  readonly person: Person | null
  readonly user: Judgement['user']
}> {
  const person = toPerson(connection, subject)
  if (!person.ok) {
    const judged = [failed(IDENTIFIED, explainPersonError(person.error))]
    return { judged: [...judged, ...[DOMAIN, USER].map(notReached)], person: null, user: null }
  }
  const groups: readonly Judged[] = areGroupsOmitted(subject)
    ? [
        {
          check: 'Groups are all there',
          outcome: 'warning',
          says: 'Entra ID left them out, being more than 150: what needs a group stays closed. Choose "Groups assigned to the application" there.',
        },
      ]
    : []
  const foreign = await findForeignDomain(db, person.value)
  const domain = foreign
    ? failed(DOMAIN, `Another connection speaks for ${foreign}.`)
    : passed(DOMAIN)
  const found = await findComing(db, connection, person.value.subject)
  const user = judgeUser(connection, found)
  const alias = found.ok && found.value ? await findForeignDomain(db, found.value) : null
  const aliased = alias ? [failed(DOMAIN, `Another connection speaks for ${alias}.`)] : []
  const isOut = user.outcome === 'failed' || foreign !== null || alias !== null
  return {
    judged: [passed(IDENTIFIED), ...groups, domain, user, ...aliased],
    person: person.value,
    user: isOut ? null : found.ok && found.value ? 'known' : 'created',
  }
}

/** As `provision` finds them, and nothing is written. Null: nobody yet. */
async function findComing(
  db: D1Database,
  { id, provisioning, settings }: Connection,
  subject: string,
): Promise<Result<User | null, JoinError>> {
  const joined =
    provisioning === 'jit'
      ? err<JoinError>('not-provisioned')
      : await findProvisioned(db, id, settings.directory.join, subject)
  if (!joined.ok && (provisioning === 'scim' || joined.error !== 'not-provisioned')) {
    return joined
  }
  const users = await findUsers(db, joined.ok ? joined.value : subject)
  const isMeant = (user: User): boolean =>
    user.connection === id && (joined.ok ? user.id === joined.value : user.subject === subject)
  return ok(users.find(isMeant) ?? null)
}

function judgeUser({ id }: Connection, found: Result<User | null, JoinError>): Judged {
  const more = `See \`npx gatehouse join test ${id} --all\``
  if (!found.ok) {
    return found.error === 'several-provisioned'
      ? failed(USER, `Several people of the directory have this subject. ${more}`)
      : failed(USER, `Nobody in the directory has this subject, and others may not come. ${more}`)
  }
  return found.value && !found.value.active ? failed(USER, 'The user is disabled.') : passed(USER)
}

function explainPersonError(error: PersonError): string {
  switch (error.reason) {
    case 'no-name-id':
      return 'There is no NameID: choose one at the IdP, or say --subject-attribute.'
    case 'transient-subject':
      return 'The NameID is transient, another at each sign-in: ask for another format, or say --subject-attribute.'
    case 'subject-attribute':
      return `The attribute "${error.attribute}" should have one value that is not empty; it has ${error.values} in all.`
  }
}
