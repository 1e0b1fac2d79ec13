/** From what was posted to who signed in. */
import { decodeBase64 } from '../lib/bytes.ts'
import { toInstant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import {
  checks,
  judgeStatus,
  readSubject,
  type Expectations,
  type SignedMessage,
} from './assertion.ts'
import { parseCertificate, type Certificate } from './certificate.ts'
import type { SamlError } from './error.ts'
import { DS, SAML, SAMLP } from './names.ts'
import { verifiedChild, verifySignature, type Trust, type Verified } from './signature.ts'
import type { Subject } from './subject.ts'
import {
  attributeOf,
  childElements,
  childrenNamed,
  descendants,
  limits,
  parseXml,
  type XmlElement,
} from './xml.ts'

/** Lets SHA-1 signatures and digests in. Forgeable in principle: for an IdP that cannot yet do better. */
export const allowSha1: unique symbol = Symbol('allowSha1')
/** Lets RSA keys of 1024 to 2047 bits in; smaller ones never. */
export const allowWeakRsa: unique symbol = Symbol('allowWeakRsa')

export interface Expect {
  readonly idp: {
    readonly entityId: string
    /** PEM or base64 DER. */
    readonly certificates: readonly string[]
  }
  readonly sp: { readonly entityId: string; readonly acsUrl: string }
  /** The ID of the request this browser made; null when an unsolicited response is expected. */
  readonly inResponseTo: string | null
  readonly now: Date
  readonly clockSkewSeconds?: number
  readonly [allowSha1]?: true
  readonly [allowWeakRsa]?: true
}

/**
 * Reads, verifies and judges a posted SAMLResponse (base64, Bindings §3.5.4). Never throws. That
 * the response is used once is for the caller to see to, by `Subject.assertionId`.
 */
export async function openResponse(
  samlResponse: string,
  expect: Expect,
): Promise<Result<Subject, SamlError>> {
  const message = await verifyResponse(samlResponse, expect)
  return message.ok ? readSubject(message.value, toExpectations(expect)) : message
}

export interface Finding {
  readonly check: string
  readonly error: SamlError | null
}

/**
 * The same, told check by check for an operator. After a message that cannot be read or verified
 * nothing else is known, so nothing else is said. `subject` is null unless every check passed.
 */
export async function explainResponse(
  samlResponse: string,
  expect: Expect,
): Promise<{ readonly findings: readonly Finding[]; readonly subject: Subject | null }> {
  const verified: Finding['check'] = 'Readable, and signed by a certificate of the connection'
  const message = await verifyResponse(samlResponse, expect)
  if (!message.ok) return { findings: [{ check: verified, error: message.error }], subject: null }
  const expectations = toExpectations(expect)
  const subject = readSubject(message.value, expectations)
  return {
    findings: [
      { check: verified, error: null },
      ...checks.map(({ name, judge }) => ({
        check: name,
        error: judge(message.value, expectations),
      })),
    ],
    subject: subject.ok ? subject.value : null,
  }
}

async function verifyResponse(
  samlResponse: string,
  expect: Expect,
): Promise<Result<SignedMessage, SamlError>> {
  // Compared with such a time, nothing is ever over.
  if (Number.isNaN(expect.now.getTime())) return err({ reason: 'malformed-time', field: 'now' })
  const read = readResponse(samlResponse)
  if (!read.ok) return read
  const { response, assertion } = read.value
  const trust = readTrust(expect)
  if (!trust.ok) return trust

  const responseSigned = childrenNamed(response, DS, 'Signature').length > 0
  const assertionSigned = childrenNamed(assertion, DS, 'Signature').length > 0
  const whole = responseSigned ? await verifySignature(response, trust.value) : null
  if (whole && !whole.ok) return whole
  const part = assertionSigned || !whole ? await verifySignature(assertion, trust.value) : null
  if (part && !part.ok) return part
  const verified = part ? part.value : whole ? assertionIn(whole.value) : null
  if (!verified) return err({ reason: 'unsigned' })
  return ok({ response: whole ? whole.value : response, responseSigned, assertion: verified })
}

function assertionIn(response: Verified): Verified | null {
  const [assertion] = childrenNamed(response, SAML, 'Assertion')
  return assertion ? verifiedChild(response, assertion) : null
}

/** The one Response with its one Assertion, and every signature, ID and child where it belongs. */
function readResponse(
  samlResponse: string,
): Result<{ response: XmlElement; assertion: XmlElement }, SamlError> {
  if (samlResponse.length > limits.bytes * 1.5) return err({ reason: 'too-large' })
  const bytes = decodeBase64(samlResponse)
  if (!bytes.ok) return err({ reason: 'not-base64' })
  const document = parseXml(bytes.value)
  if (!document.ok) return err({ reason: 'malformed-xml', fault: document.error })
  const response = document.value
  if (response.namespace !== SAMLP || response.local !== 'Response') {
    return err({ reason: 'not-a-response', found: response.local.slice(0, 100) })
  }
  const elements = [...descendants(response)]
  const stranger = childElements(response).find((child) => !isResponseChild(child))
  if (stranger) {
    const element = stranger.name.slice(0, 100)
    return err({ reason: 'unexpected-element', element, in: 'the Response' })
  }
  const error = judgeAssertions(response, elements) ?? judgeSignatures(response, elements)
  if (error) return err(error)
  const [assertion] = childrenNamed(response, SAML, 'Assertion')
  if (!assertion) return err({ reason: 'no-assertion' })
  const idError = judgeIds(response, assertion, elements)
  return idError ? err(idError) : ok({ response, assertion })
}

/** Core §3.2.2, §3.3.3. */
function isResponseChild({ namespace, local }: XmlElement): boolean {
  if (namespace === DS) return local === 'Signature'
  if (namespace === SAML) return ['Issuer', 'Assertion', 'EncryptedAssertion'].includes(local)
  return namespace === SAMLP && ['Extensions', 'Status'].includes(local)
}

function judgeAssertions(response: XmlElement, elements: readonly XmlElement[]): SamlError | null {
  const assertions = elements.filter(
    ({ namespace, local }) =>
      namespace === SAML && (local === 'Assertion' || local === 'EncryptedAssertion'),
  )
  const [assertion] = assertions
  if (!assertion) return judgeStatus(response) ?? { reason: 'no-assertion' }
  if (assertions.length > 1) return { reason: 'several-assertions' }
  if (assertion.parent !== response) return { reason: 'misplaced-assertion' }
  return assertion.local === 'EncryptedAssertion'
    ? { reason: 'encrypted-unsupported', element: 'EncryptedAssertion' }
    : null
}

function judgeSignatures(response: XmlElement, elements: readonly XmlElement[]): SamlError | null {
  const parents = elements
    .filter(({ namespace, local }) => namespace === DS && local === 'Signature')
    .map(({ parent }) => parent)
  const misplaced = parents.some(
    (parent) =>
      parent !== response && !(parent?.parent === response && parent.local === 'Assertion'),
  )
  if (misplaced) return { reason: 'misplaced-signature' }
  return new Set(parents).size < parents.length ? { reason: 'several-signatures' } : null
}

function judgeIds(
  response: XmlElement,
  assertion: XmlElement,
  elements: readonly XmlElement[],
): SamlError | null {
  const ids = elements.flatMap(({ attributes }) =>
    attributes
      .filter(({ namespace, local }) => namespace === '' && /^id$/i.test(local))
      .map(({ value }) => value),
  )
  if (new Set(ids).size < ids.length) return { reason: 'duplicate-id' }
  const signable = [response, assertion].map((element) => attributeOf(element, 'ID') ?? '')
  return signable.every((id) => NCNAME.test(id)) ? null : { reason: 'invalid-id' }
}

/** xs:ID (Namespaces in XML §3), over ASCII and letters beyond it. */
const NCNAME = /^[A-Za-z_\u00c0-\ud7ff][A-Za-z0-9._\-\u00b7-\ud7ff]{0,255}$/

function readTrust(expect: Expect): Result<Trust, SamlError> {
  const certificates: Certificate[] = []
  for (const text of expect.idp.certificates) {
    const certificate = parseCertificate(text)
    if (!certificate.ok) return err({ reason: 'invalid-certificate', fault: certificate.error })
    certificates.push(certificate.value)
  }
  return ok({
    certificates,
    sha1: expect[allowSha1] === true,
    weakRsa: expect[allowWeakRsa] === true,
  })
}

const toExpectations = (expect: Expect): Expectations => ({
  idpEntityId: expect.idp.entityId,
  spEntityId: expect.sp.entityId,
  acsUrl: expect.sp.acsUrl,
  inResponseTo: expect.inResponseTo,
  now: toInstant(expect.now.getTime()),
  clockSkewSeconds: expect.clockSkewSeconds ?? 60,
})
