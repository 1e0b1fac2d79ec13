/**
 * Global Token Revocation (draft-parecki-oauth-global-token-revocation), as Okta Universal Logout
 * sends it: an identity provider ends all sign-ins of a person. Okta signs the request with the key
 * that signs its assertions.
 */
import type { Audit } from '../audit/event.ts'
import type { Connection } from '../connection/connection.ts'
import { emailDomain } from '../connection/discovery.ts'
import { findConnection, findForeignDomain } from '../connection/store.ts'
import { hashText } from '../lib/bytes.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { isRecord, parseJson } from '../lib/json.ts'
import { readJsonText } from '../lib/json-body.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { CHALLENGE, empty, INVALID_TOKEN, refuseRevocation } from './answer.ts'
import { keysOfCertificates } from './keys.ts'
import { isOwnIssuer, issuersOf, nameOf } from './obey.ts'
import { obey } from './obey-store.ts'
import { findPeopleNamed, MOST_PEOPLE } from './people-store.ts'
import { ASK_SECONDS, listStreams } from './store.ts'
import { parseSubject, type Subject } from './subject.ts'
import type { TakeDeps } from './take.ts'
import {
  checkClaims,
  peekIssuer,
  readHeader,
  SKEW_SECONDS,
  verifyToken,
  type Claims,
  type Unverified,
} from './token.ts'

export interface Revocation {
  readonly connection: string
  /** The URL of this endpoint without a query, which a token must be for. */
  readonly audience: string
  readonly now: Instant
  readonly audit: Audit
}

const TYPE = 'global-token-revocation+jwt'
const MOST_TOKEN = 16 * 1024
const MOST_BODY = 16 * 1024
/** Okta gives a token five minutes. Its id is kept for as long as it lives. */
const LONGEST_SECONDS = 3600

export async function revoke(
  request: Request,
  asked: Revocation,
  deps: TakeDeps,
): Promise<Response> {
  const { audit } = asked
  const bearer = /^bearer +(\S+)$/i.exec(request.headers.get('Authorization')?.trim() ?? '')?.[1]
  if (bearer === undefined) {
    return refuseRevocation(401, 'no-token', 'Send a signed token as Bearer.', CHALLENGE)
  }
  const header = bearer.length <= MOST_TOKEN ? readHeader(bearer, TYPE) : err('malformed' as const)
  if (!header.ok) return unauthorized()
  const connection = await findConnection(deps.db, asked.connection)
  if (!connection) return unauthorized()
  const refused = (response: Response, reason: string): Response => {
    audit({ kind: 'signal-refused', connection: connection.id, stream: null, reason })
    return response
  }
  const authentic = await authenticate(header.value, connection, asked, deps)
  if (!authentic.ok) {
    const { error } = authentic
    return refused(error === 'keys-later' ? later() : unauthorized(), error)
  }
  const subject = await readBody(request)
  if (!subject.ok) {
    return refused(refuseRevocation(400, subject.error, problems[subject.error]), subject.error)
  }
  return end(subject.value, { ...asked, ...authentic.value, found: connection }, deps)
}

interface Authentic {
  readonly jti: string
  readonly expiresAt: Instant
  readonly issuer: string
}

/** The issuer of a token chooses the keys; then the token must be signed by one of them. */
async function authenticate(
  token: Unverified,
  connection: Connection,
  { audience, now }: Revocation,
  { db, choose }: TakeDeps,
): Promise<Result<Authentic, string>> {
  const issuer = peekIssuer(token)
  const streams = await listStreams(db, connection.id)
  const stream = streams.find((each) => each.delivery === 'revocation' && each.issuer === issuer)
  const isIdp = issuersOf(connection).some((own) => own === issuer)
  if (typeof issuer !== 'string' || (!stream && !isIdp)) return err('issuer')
  const claims =
    stream && stream.jwksUrl !== null
      ? await verifyBy(await choose(stream, token, now), token)
      : await verifyToken(token, await certificateKeys(connection, token))
  if (!claims.ok) return claims
  const identity = checkClaims(claims.value, { issuer, audience: [audience], now })
  if (!identity.ok) return identity
  const { expiresAt } = identity.value
  return expiresAt === null || expiresAt > plusSeconds(now, LONGEST_SECONDS)
    ? err('too-long')
    : ok({ jti: identity.value.jti, expiresAt, issuer })
}

const verifyBy = async (
  keys: Parameters<typeof verifyToken>[1] | 'later',
  token: Unverified,
): Promise<Result<Claims, string>> =>
  keys === 'later' ? err('keys-later') : verifyToken(token, keys)

const certificateKeys = ({ certificates }: Connection, { alg }: Unverified) =>
  keysOfCertificates(
    certificates.map(({ certificate }) => certificate),
    alg,
  )

type BodyFault = 'malformed' | 'unsupported'
const problems: Readonly<Record<BodyFault, string>> = {
  malformed: 'The body must be JSON: {"sub_id": {"format": "email", "email": "…"}}.',
  unsupported: 'The format of the subject must be email, iss_sub or opaque.',
}

async function readBody(request: Request): Promise<Result<Subject, BodyFault>> {
  const text = await readJsonText(request, {
    maxBytes: MOST_BODY,
    mediaTypes: ['application/json'],
  })
  const json = text.ok ? parseJson(text.value, 10) : text
  if (!json.ok || !isRecord(json.value)) return err('malformed')
  // Older drafts called the member `subject`.
  const subject = parseSubject(json.value['sub_id'] ?? json.value['subject'])
  return subject.ok ? subject : err(subject.error.reason)
}

interface Accepted extends Revocation, Authentic {
  readonly found: Connection
}

async function end(
  subject: Subject,
  { connection: id, audience, jti, expiresAt, issuer, found, now, audit }: Accepted,
  { db, newId }: TakeDeps,
): Promise<Response> {
  // `iss_sub` may be in our own names: the id that our SCIM service gave the person.
  const issuers = [issuer, ...issuersOf(found), new URL(audience).origin]
  const own = subject.person.filter((each) => isOwnIssuer(each, issuers))
  const people = own.length === 0 ? [] : await findPeopleNamed(db, id, own)
  const refusal = people.length === 0 ? await whyNobody(db, found, subject, own.length === 0) : null
  const isTooMany = people.length > MOST_PEOPLE
  const targets =
    refusal || isTooMany ? [] : [{ kind: 'people', people, before: plusSeconds(now, 1) } as const]
  const users = await obey(db, {
    scope: `revocation ${id}`,
    jti: await hashText(jti),
    stream: null,
    writeId: newId(),
    until: plusSeconds(expiresAt, 2 * SKEW_SECONDS),
    targets,
    noted: { isVerified: false, status: null },
    now,
  })
  const about = { kind: 'signal', connection: id, stream: null, event: 'revocation' } as const
  if (users === null) {
    audit({ kind: 'signal-refused', connection: id, stream: null, reason: 'used' })
    return unauthorized()
  }
  if (refusal || isTooMany) {
    const why = isTooMany ? 'too-many-people' : (refusal?.why ?? 'nobody')
    audit({ ...about, user: null, signIns: 0, facts: { why, person: nameOf(subject) } })
    return (
      refusal?.response ??
      refuseRevocation(422, why, 'The subject names more people than one revocation may end.')
    )
  }
  const [ended = []] = users
  for (const user of people) {
    const signIns = ended.filter((each) => each === user).length
    audit({ ...about, user, signIns, facts: { person: nameOf(subject) } })
  }
  return empty(204)
}

/** A person of another connection, or of none. */
async function whyNobody(
  db: D1Database,
  connection: Connection,
  { person }: Subject,
  isOfOther: boolean,
): Promise<{ readonly why: string; readonly response: Response }> {
  const [email = null] = person.flatMap((each) => (each.kind === 'email' ? [each.email] : []))
  const foreign =
    email !== null &&
    emailDomain(email) !== null &&
    (await findForeignDomain(db, { connection: connection.id, email, userName: email })) !== null
  if (isOfOther || foreign) {
    const message = 'The person belongs to another identity provider.'
    return { why: 'other-issuer', response: refuseRevocation(403, 'other-issuer', message) }
  }
  const message = 'Nobody has this name or address at this connection.'
  return { why: 'nobody', response: refuseRevocation(404, 'nobody', message) }
}

/** The audit says why. */
const unauthorized = (): Response =>
  refuseRevocation(
    401,
    'invalid-token',
    'The token is not taken. The audit of Gatehouse says why, unless it is no token of this type, or the address is of no connection.',
    INVALID_TOKEN,
  )

const later = (): Response =>
  refuseRevocation(503, 'keys-later', 'The keys of the issuer cannot be read now.', {
    'Retry-After': String(ASK_SECONDS),
  })
