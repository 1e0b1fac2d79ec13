/**
 * The checks of the Web Browser SSO profile (Profiles §4.1.4.3, Core §2) as a list. The first that
 * fails refuses the response; the others are run for the operator.
 */
import { toIso } from '../../lib/instant.ts'
import {
  isOver,
  isToCome,
  judgeAudience,
  judgeAuthnContext,
  judgeAuthnInstant,
  judgeAuthnStatements,
  judgeConditions,
  judgeValidity,
  readWindow,
} from './conditions.ts'
import { brief, type MessageName, type SamlError } from '../error.ts'
import { ENTITY_FORMAT, SAML, SAMLP, STATUS_SUCCESS } from '../names.ts'
import type { Expectations, SignedMessage } from './signed-message.ts'
import { attributesOf, confirmationsOf, isBearer, subjectsOf } from './subject.ts'
import { malformedTime, timeOf, uriOf } from '../values.ts'
import {
  attributeOf,
  childElements,
  childrenNamed,
  textOf,
  type XmlElement,
} from '../xml/reader.ts'

export interface Check {
  readonly name: string
  readonly judge: (message: SignedMessage, expect: Expectations) => SamlError | null
}

export const checks: readonly Check[] = [
  { name: 'Response: SAML 2.0', judge: ({ response }) => judgeVersion(response, 'Response') },
  { name: 'Status is Success', judge: ({ response }) => judgeStatus(response) },
  { name: 'Destination is our ACS URL', judge: judgeDestination },
  { name: 'Response Issuer is the IdP', judge: judgeResponseIssuer },
  { name: 'Response answers our request', judge: judgeResponseInResponseTo },
  { name: 'Assertion is encrypted, if the connection requires it', judge: judgeEncryption },
  { name: 'Assertion: SAML 2.0', judge: ({ assertion }) => judgeVersion(assertion, 'Assertion') },
  { name: 'Assertion Issuer is the IdP', judge: judgeAssertionIssuer },
  { name: 'There is one NameID, and it is for us', judge: judgeNameId },
  { name: 'Bearer confirmation is for our ACS URL and valid now', judge: judgeConfirmations },
  { name: 'Every condition is known', judge: judgeConditions },
  { name: 'Assertion is valid now', judge: judgeValidity },
  { name: 'Audience is our entity ID', judge: judgeAudience },
  { name: 'The user signed in (AuthnStatement)', judge: judgeAuthnStatements },
  { name: 'The sign-in is fresh, if ForceAuthn was asked for', judge: judgeAuthnInstant },
  { name: 'The user signed in by a requested method (AuthnContext)', judge: judgeAuthnContext },
  { name: 'Every Attribute has a Name', judge: judgeAttributes },
]

export interface Status {
  /** Outermost first; empty: there is not exactly one Status. */
  readonly codes: readonly string[]
  readonly message: string | null
}

export function readStatus(response: XmlElement): Status {
  const statuses = childrenNamed(response, SAMLP, 'Status')
  const status = statuses.length === 1 ? statuses[0] : undefined
  const codes: string[] = []
  for (let at = status; at;) {
    const found = childrenNamed(at, SAMLP, 'StatusCode')
    const code = found.length === 1 ? found[0] : undefined
    if (code) codes.push((uriOf(code, 'Value') ?? '').slice(0, 200))
    at = code
  }
  const [message] = status ? childrenNamed(status, SAMLP, 'StatusMessage') : []
  return { codes, message: message ? (textOf(message)?.slice(0, 300) ?? null) : null }
}

export function judgeStatus(response: XmlElement): SamlError | null {
  const status = readStatus(response)
  return status.codes[0] === STATUS_SUCCESS ? null : { reason: 'status', ...status }
}

export function judgeVersion(element: XmlElement, of: MessageName): SamlError | null {
  const found = attributeOf(element, 'Version')
  if (found !== '2.0') return { reason: 'version', of, found: found && brief(found) }
  return timeOf(element, 'IssueInstant') === null ? malformedTime(element, 'IssueInstant') : null
}

/**
 * Bindings §3.5.5.2: a signed Response must have a Destination. If present, it must be our ACS URL.
 */
function judgeDestination(
  { response, responseSigned }: SignedMessage,
  { acsUrl }: Expectations,
): SamlError | null {
  const found = uriOf(response, 'Destination')
  if (found === acsUrl || (found === null && !responseSigned)) return null
  return { reason: 'destination', found: found && brief(found), expected: acsUrl }
}

function judgeResponseIssuer(
  { response }: SignedMessage,
  { idpEntityId }: Expectations,
): SamlError | null {
  const issuers = childrenNamed(response, SAML, 'Issuer')
  return issuers.length === 0 ? null : judgeIssuer(issuers, 'Response', idpEntityId)
}

function judgeAssertionIssuer(
  { assertion }: SignedMessage,
  { idpEntityId }: Expectations,
): SamlError | null {
  return judgeIssuer(childrenNamed(assertion, SAML, 'Issuer'), 'Assertion', idpEntityId)
}

export function judgeIssuer(
  issuers: readonly XmlElement[],
  of: MessageName,
  expected: string,
): SamlError | null {
  const error = { reason: 'issuer', of, expected } as const
  const [issuer, ...others] = issuers
  if (!issuer) return { ...error, detail: 'absent', found: [] }
  if (others.length > 0) {
    const found = issuers.slice(0, 5).map((each) => brief(textOf(each) ?? ''))
    return { ...error, detail: 'several', found }
  }
  const name = textOf(issuer)
  if (name === null) return { ...error, detail: 'not-text', found: [] }
  if (name !== expected) return { ...error, detail: 'another', found: [brief(name)] }
  const format = uriOf(issuer, 'Format')
  return format === null || format === ENTITY_FORMAT
    ? null
    : { ...error, detail: 'format', found: [brief(format)], expected: ENTITY_FORMAT }
}

function judgeResponseInResponseTo(
  { response }: SignedMessage,
  { inResponseTo }: Expectations,
): SamlError | null {
  const found = attributeOf(response, 'InResponseTo')
  if (found === inResponseTo || found === null) return null
  return { reason: 'in-response-to', of: 'Response', found: inResponseTo ? 'another' : 'unasked' }
}

function judgeEncryption(
  { isEncrypted }: SignedMessage,
  { requireEncryption }: Expectations,
): SamlError | null {
  return requireEncryption && !isEncrypted ? { reason: 'not-encrypted' } : null
}

function judgeNameId(
  { assertion }: SignedMessage,
  { spEntityId, spNameQualifier, needsNameId }: Expectations,
): SamlError | null {
  const identifiers = subjectsOf(assertion).flatMap((subject) =>
    childElements(subject).filter(({ local }) => local === 'NameID' || local === 'BaseID'),
  )
  const [nameId] = identifiers
  if (identifiers.length > 1 || subjectsOf(assertion).length > 1) {
    return { reason: 'name-id', detail: 'several' }
  }
  if (!nameId && !needsNameId) return null
  if (nameId?.namespace !== SAML || nameId.local !== 'NameID') {
    return { reason: 'name-id', detail: 'missing' }
  }
  const text = textOf(nameId)
  if (text === null) return { reason: 'name-id', detail: 'not-text' }
  if (text.trim() === '') return { reason: 'name-id', detail: 'empty' }
  const qualifier = attributeOf(nameId, 'SPNameQualifier')
  return qualifier === null || qualifier === spEntityId || qualifier === spNameQualifier
    ? null
    : { reason: 'name-id', detail: 'other-sp', found: brief(qualifier), expected: spEntityId }
}

/** Profiles §4.1.4.3: at least one bearer confirmation must pass. */
function judgeConfirmations({ assertion }: SignedMessage, expect: Expectations): SamlError | null {
  const all = confirmationsOf(assertion)
  if (all.length === 0) return { reason: 'subject-confirmation', detail: 'none' }
  const bearers = all.filter(isBearer)
  const errors = bearers.map((bearer) => judgeConfirmation(bearer, expect))
  if (errors.includes(null)) return null
  const found = all.slice(0, 5).map((each) => brief(uriOf(each, 'Method') ?? ''))
  return errors[0] ?? { reason: 'subject-confirmation', detail: 'no-bearer', found }
}

function judgeConfirmation(confirmation: XmlElement, expect: Expectations): SamlError | null {
  const [data, ...more] = childrenNamed(confirmation, SAML, 'SubjectConfirmationData')
  if (!data) return { reason: 'subject-confirmation', detail: 'no-data' }
  if (more.length > 0) return { reason: 'subject-confirmation', detail: 'several-data' }
  // Address is not checked: the IdP may see the browser behind another NAT than we do.
  const recipient = uriOf(data, 'Recipient')
  if (recipient !== expect.acsUrl) {
    return { reason: 'recipient', found: recipient && brief(recipient), expected: expect.acsUrl }
  }
  const window = readWindow(data, 'subject-confirmation')
  if (!window.ok) return window.error
  const { notBefore, notOnOrAfter } = window.value
  if (notOnOrAfter === null) return { reason: 'subject-confirmation', detail: 'no-expiry' }
  // Profiles §4.1.4.2 forbids NotBefore here, but IdPs send it. It is enforced as in Conditions.
  if (notBefore !== null && isToCome(notBefore, expect)) {
    return {
      reason: 'confirmation-not-yet-valid',
      notBefore: toIso(notBefore),
      now: toIso(expect.now),
    }
  }
  if (isOver(notOnOrAfter, expect)) {
    return {
      reason: 'confirmation-expired',
      notOnOrAfter: toIso(notOnOrAfter),
      now: toIso(expect.now),
    }
  }
  const asked = attributeOf(data, 'InResponseTo')
  if (asked === expect.inResponseTo) return null
  const found = expect.inResponseTo === null ? 'unasked' : asked === null ? 'none' : 'another'
  return { reason: 'in-response-to', of: 'SubjectConfirmationData', found }
}

function judgeAttributes({ assertion }: SignedMessage): SamlError | null {
  return attributesOf(assertion).every((attribute) => attributeOf(attribute, 'Name'))
    ? null
    : { reason: 'malformed-attribute' }
}
