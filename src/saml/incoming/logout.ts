/** Reads, verifies and checks the messages of Single Logout (Core §3.7, Profiles §4.4). */
import { plusSeconds, toInstant, toIso } from '../../lib/instant.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { judgeIssuer, judgeVersion, readStatus } from './assertion.ts'
import { isOver, isToCome, type Clock } from './conditions.ts'
import { openEncrypted, type DecryptionKeys } from './encryption.ts'
import { brief, type LogoutName, type SamlError } from '../error.ts'
import { openMessage, type Opened, type Received } from './logout-message.ts'
import { SAML, SAMLP, STATUS, STATUS_SUCCESS } from '../names.ts'
import type { Verified } from './signature.ts'
import { readTrust, type Exceptions, type IdpCertificates } from './trust.ts'
import { readTime, timeOf, uriOf } from '../values.ts'
import { attributeOf, childElements, childrenNamed, textOf } from '../xml/reader.ts'
import type { XmlElement } from '../xml/reader.ts'

export interface LogoutExpect extends Exceptions {
  readonly idp: IdpCertificates & {
    readonly entityId: string
    /** Other Issuers that the IdP uses in messages of logout. Entra ID has another one there. */
    readonly logoutIssuers?: readonly string[]
  }
  readonly sp: {
    readonly entityId: string
    /** Where the message came in: its Destination. */
    readonly sloUrl: string
    /** As in `Expect`. */
    readonly nameQualifier?: string | null
    /** As in `Expect`. */
    readonly decryptionKeys?: DecryptionKeys
  }
  readonly now: Date
  readonly clockSkewSeconds?: number
}

/** A LogoutRequest of the IdP: whose sessions, and which of them, are to be ended. */
export interface LogoutAsked {
  readonly id: string
  readonly issuer: string
  readonly nameId: string
  /** The next three as in `Subject`. */
  readonly nameIdFormat: string | null
  readonly nameQualifier: string | null
  readonly spNameQualifier: string | null
  /** Without repeats; empty: all sessions of the person. */
  readonly sessionIndexes: readonly string[]
  readonly reason: string | null
  readonly issueInstant: Date
  /** The request is void from then on; null: not stated. */
  readonly notOnOrAfter: Date | null
  /** The request is refused from then on, so keep its id until then. */
  readonly acceptableUntil: Date
  readonly relayState: string | null
}

/** The LogoutResponse of the IdP to a request of ours. */
export interface LogoutAnswer {
  readonly id: string
  readonly issuer: string
  readonly inResponseTo: string
  /** `partial`: the IdP ended its session, but could not tell every application. */
  readonly status: 'all' | 'partial' | 'failed'
  /** Outermost first. */
  readonly codes: readonly string[]
  readonly message: string | null
  readonly relayState: string | null
}

/** Throws never. The caller must see that a request is used once: store `LogoutAsked.id`. */
export async function openLogoutRequest(
  received: Received,
  expect: LogoutExpect,
): Promise<Result<LogoutAsked, SamlError>> {
  const opened = await open(received, 'LogoutRequest', expect)
  if (!opened.ok) return opened
  const { message, relayState } = opened.value
  const end = readEnd(message, toClock(expect))
  if (!end.ok) return end
  const indexes = childrenNamed(message, SAMLP, 'SessionIndex').map(textOf)
  if (!indexes.every(isSaying)) return err({ reason: 'logout-subject', detail: 'session-index' })
  const found = await openNameId(message, expect)
  if (!found.ok) return found
  const [nameId, error] = [found.value, judgeNameId(found.value, expect)]
  if (error) return err(error)
  return ok({
    ...headOf(message),
    nameId: textOf(nameId) ?? '',
    nameIdFormat: uriOf(nameId, 'Format'),
    nameQualifier: attributeOf(nameId, 'NameQualifier'),
    spNameQualifier: attributeOf(nameId, 'SPNameQualifier'),
    sessionIndexes: [...new Set(indexes)],
    reason: uriOf(message, 'Reason'),
    ...end.value,
    relayState,
  })
}

/**
 * Throws never. @param expect.inResponseTo the ID of the request that this browser made.
 */
export async function openLogoutResponse(
  received: Received,
  expect: LogoutExpect & { readonly inResponseTo: string },
): Promise<Result<LogoutAnswer, SamlError>> {
  const opened = await open(received, 'LogoutResponse', expect)
  if (!opened.ok) return opened
  const { message, relayState } = opened.value
  const asked = attributeOf(message, 'InResponseTo')
  if (asked !== expect.inResponseTo) {
    const found = asked === null ? 'none' : 'another'
    return err({ reason: 'in-response-to', of: 'LogoutResponse', found })
  }
  const status = readStatus(message)
  if (status.codes.length === 0) return err({ reason: 'status', ...status })
  return ok({
    ...headOf(message),
    inResponseTo: asked,
    status: toOutcome(status.codes),
    ...status,
    relayState,
  })
}

/**
 * Core §3.2.2.2: PartialLogout is a code of the second level, below Success or Responder. Some IdPs
 * have it as the first.
 */
function toOutcome([first = '', second]: readonly string[]): LogoutAnswer['status'] {
  const code = second === PARTIAL && maybePartial.includes(first) ? second : first
  return code === PARTIAL ? 'partial' : code === STATUS_SUCCESS ? 'all' : 'failed'
}

const PARTIAL = `${STATUS}PartialLogout`
const maybePartial = [STATUS_SUCCESS, `${STATUS}Responder`]

function headOf(message: Verified): Pick<LogoutAnswer, 'id' | 'issuer'> {
  const [issuer] = childrenNamed(message, SAML, 'Issuer')
  return { id: attributeOf(message, 'ID') ?? '', issuer: (issuer && textOf(issuer)) ?? '' }
}

/** What both messages are checked for. */
async function open(
  received: Received,
  name: LogoutName,
  expect: LogoutExpect,
): Promise<Result<Opened, SamlError>> {
  // Every comparison with NaN is false, so an invalid `now` would let an old message pass.
  if (Number.isNaN(expect.now.getTime())) {
    return err({ reason: 'malformed-time', field: 'now', found: null })
  }
  const trust = readTrust(expect.idp, expect)
  if (!trust.ok) return trust
  const opened = await openMessage(received, name, trust.value)
  if (!opened.ok) return opened
  const { message } = opened.value
  const error =
    judgeVersion(message, name) ??
    judgeIssuers(message, name, expect) ??
    judgeDestination(message, { of: name, binding: received.binding }, expect) ??
    judgeAge(message, name, toClock(expect))
  return error ? err(error) : opened
}

/** Profiles §4.4.4: the Issuer is required. */
function judgeIssuers(
  message: Verified,
  name: LogoutName,
  { idp }: LogoutExpect,
): SamlError | null {
  const issuers = childrenNamed(message, SAML, 'Issuer')
  const found = issuers.map(textOf)
  const other = idp.logoutIssuers?.find((issuer) => found.includes(issuer))
  return judgeIssuer(issuers, name, other ?? idp.entityId)
}

/**
 * Bindings §3.4.5.2, §3.5.5.2: a signed message that a browser carries must have it. An answer by
 * SOAP (§3.2) comes back on the connection of our request and to no address, so it may have none; it
 * names the request, whose ID nobody can guess. Core §3.2.2: one that is there must be ours.
 */
function judgeDestination(
  message: Verified,
  { of, binding }: Pick<Received, 'binding'> & { readonly of: LogoutName },
  { sp }: LogoutExpect,
): SamlError | null {
  const found = uriOf(message, 'Destination')
  const mayLack = binding === 'soap' && of === 'LogoutResponse'
  if (found === sp.sloUrl || (mayLack && found === null)) return null
  return { reason: 'logout-destination', of, found: found && brief(found), expected: sp.sloUrl }
}

/** How old a message may be, beside the clock skew: nothing waits on its way. */
const MOST_AGE_SECONDS = 300

const toClock = ({ now, clockSkewSeconds }: LogoutExpect): Clock => ({
  now: toInstant(now.getTime()),
  clockSkewSeconds: clockSkewSeconds ?? 60,
})

function judgeAge(message: Verified, of: LogoutName, clock: Clock): SamlError | null {
  const issued = timeOf(message, 'IssueInstant')
  // unreachable: judgeVersion has read it.
  if (issued === null) return { reason: 'malformed-time', field: 'IssueInstant', found: null }
  const [found, now] = [toIso(issued), toIso(clock.now)]
  if (isToCome(issued, clock)) return { reason: 'logout-time', of, detail: 'to-come', found, now }
  return isOver(plusSeconds(issued, MOST_AGE_SECONDS), clock)
    ? { reason: 'logout-time', of, detail: 'too-old', found, now }
    : null
}

/** NotOnOrAfter of the request (Core §3.7.1), and when it is too old at the latest. */
function readEnd(
  message: Verified,
  clock: Clock,
): Result<Pick<LogoutAsked, 'issueInstant' | 'notOnOrAfter' | 'acceptableUntil'>, SamlError> {
  const end = readTime(message, 'NotOnOrAfter')
  if (!end.ok) return end
  if (end.value !== null && isOver(end.value, clock)) {
    const [found, now] = [toIso(end.value), toIso(clock.now)]
    return err({ reason: 'logout-time', of: 'LogoutRequest', detail: 'over', found, now })
  }
  const issued = timeOf(message, 'IssueInstant') ?? clock.now
  const ends = [plusSeconds(issued, MOST_AGE_SECONDS), ...(end.value === null ? [] : [end.value])]
  const last = plusSeconds(toInstant(Math.min(...ends)), clock.clockSkewSeconds)
  return ok({
    issueInstant: new Date(issued),
    notOnOrAfter: end.value === null ? null : new Date(end.value),
    acceptableUntil: new Date(last),
  })
}

/** The one NameID of the request, decrypted if it was encrypted. */
async function openNameId(
  message: Verified,
  { sp }: LogoutExpect,
): Promise<Result<XmlElement, SamlError>> {
  const identifiers = childElements(message).filter(
    ({ namespace, local }) => namespace === SAML && local !== 'Issuer',
  )
  const [identifier, ...others] = identifiers
  if (!identifier) return err({ reason: 'logout-subject', detail: 'missing' })
  if (others.length > 0) return err({ reason: 'logout-subject', detail: 'several' })
  if (identifier.local === 'BaseID') return err({ reason: 'logout-subject', detail: 'base-id' })
  if (identifier.local === 'NameID') return ok(identifier)
  // The signature covers the ciphertext, so nobody else can try variants of it.
  const opened = await openEncrypted(identifier, {
    keys: sp.decryptionKeys ?? [],
    entityId: sp.entityId,
    mayTry: null,
  })
  return opened.ok ? ok(opened.value.content) : opened
}

function judgeNameId(nameId: XmlElement, { sp }: LogoutExpect): SamlError | null {
  const text = textOf(nameId)
  if (text === null) return { reason: 'logout-subject', detail: 'not-text' }
  if (!isSaying(text)) return { reason: 'logout-subject', detail: 'empty' }
  const qualifier = attributeOf(nameId, 'SPNameQualifier')
  return qualifier === null || qualifier === sp.entityId || qualifier === sp.nameQualifier
    ? null
    : { reason: 'name-id', detail: 'other-sp', found: brief(qualifier), expected: sp.entityId }
}

const isSaying = (text: string | null): text is string => text !== null && text.trim() !== ''
