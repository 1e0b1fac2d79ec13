/** From what was posted to who signed in. */
import { toInstant } from '../../lib/instant.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { checks, judgeStatus, readSubject } from './assertion.ts'
import { parseCertificate, type Certificate } from '../certificate.ts'
import { openEncrypted, type Decryption, type MayTry } from './encryption.ts'
import type { SamlError } from '../error.ts'
import { parseMessage, readMessage } from './message.ts'
import { DS, SAML } from '../names.ts'
import {
  verifiedChild,
  verifiedContent,
  verifySignature,
  type Trust,
  type Verified,
} from './signature.ts'
import type { Expectations, SignedMessage } from './signed-message.ts'
import { subjectsOf, type Subject } from './subject.ts'
import { childrenNamed, withReplaced, type XmlElement } from '../xml/reader.ts'

/** Lets SHA-1 signatures and digests in. Forgeable in principle: for an IdP that cannot yet do better. */
export const allowSha1: unique symbol = Symbol('allowSha1')
/** Takes an assertion without a NameID: for a connection that knows people by an attribute. */
export const allowNoNameId: unique symbol = Symbol('allowNoNameId')
/** Lets RSA keys of 1024 to 2047 bits in; smaller ones never. */
export const allowWeakRsa: unique symbol = Symbol('allowWeakRsa')

export interface Expect {
  readonly idp: {
    readonly entityId: string
    /** PEM or base64 DER. */
    readonly certificates: readonly string[]
  }
  readonly sp: {
    readonly entityId: string
    readonly acsUrl: string
    /** An affiliation of ours: NameIDs made for it are taken too (SPNameQualifier, Core §8.3.7). */
    readonly nameQualifier?: string | null
    /**
     * RSA-OAEP private keys; they need not be extractable. WebCrypto binds a key to one hash when it
     * is imported and IdPs choose among several, so give the same key once for each hash that is to
     * work: SHA-1 (the most common, and no weakness here), SHA-256, SHA-384, SHA-512.
     */
    readonly decryptionKeys?: readonly CryptoKey[]
  }
  /** The ID of the request this browser made; null when an unsolicited response is expected. */
  readonly inResponseTo: string | null
  readonly now: Date
  readonly clockSkewSeconds?: number
  /** Refuses an Assertion that is not encrypted. */
  readonly requireEncryption?: boolean
  /** For ForceAuthn: the moment of the request, before which nobody may have signed in. */
  readonly authnNotBefore?: Date | null
  /** AuthnContextClassRefs, one of which the person must have signed in by; null or absent: any. */
  readonly authnContexts?: readonly string[] | null
  /**
   * Asked before a message is decrypted that no signature covers: the answers to many such messages
   * with one wrapped key could tell what is in it, so say no to the same one after a few.
   */
  readonly mayDecrypt?: MayTry
  readonly [allowNoNameId]?: true
  readonly [allowSha1]?: true
  readonly [allowWeakRsa]?: true
}

/**
 * Reads, verifies and judges a posted SAMLResponse (base64, Bindings §3.5.4). Never throws, unless
 * `mayDecrypt` does. That the response is used once is for the caller to see to, by
 * `Subject.assertionId`.
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
  /** What was found, where that is of interest. */
  readonly says: string | null
}

/**
 * The same, told check by check for an operator. After a message that cannot be read, opened or
 * verified nothing else is known, so nothing else is said. `subject` is null unless every check
 * passed.
 */
export async function explainResponse(
  samlResponse: string,
  expect: Expect,
): Promise<{ readonly findings: readonly Finding[]; readonly subject: Subject | null }> {
  const message = await verifyResponse(samlResponse, expect)
  if (!message.ok) {
    const check = isOfEncryption(message.error) ? OPENED : VERIFIED
    return { findings: [{ check, error: message.error, says: null }], subject: null }
  }
  const expectations = toExpectations(expect)
  const subject = readSubject(message.value, expectations)
  const opened = message.value.opened.join('; ')
  return {
    findings: [
      { check: VERIFIED, error: null, says: null },
      ...(opened === '' ? [] : [{ check: OPENED, error: null, says: opened }]),
      ...checks.map(({ name, judge }) => ({
        check: name,
        error: judge(message.value, expectations),
        says: null,
      })),
    ],
    subject: subject.ok ? subject.value : null,
  }
}

const VERIFIED = 'Readable, and signed by a certificate of the connection'
const OPENED = 'What is encrypted opens with a key of ours'

const isOfEncryption = ({ reason }: SamlError): boolean => /encrypt|decrypt|^oaep-/.test(reason)

/** The signature around is judged before anything is decrypted, the one inside afterwards. */
async function verifyResponse(
  samlResponse: string,
  expect: Expect,
): Promise<Result<SignedMessage, SamlError>> {
  // Compared with such a time, nothing is ever over.
  if (Number.isNaN(expect.now.getTime())) {
    return err({ reason: 'malformed-time', field: 'now', found: null })
  }
  const read = readMessage(samlResponse)
  if (!read.ok) return read
  const trust = readTrust(expect)
  if (!trust.ok) return trust
  const { response } = read.value
  const responseSigned = childrenNamed(response, DS, 'Signature').length > 0
  const whole = responseSigned ? await verifySignature(response, trust.value) : null
  if (whole && !whole.ok) return whole

  const around = whole?.value ?? null
  const opened = await openAssertion(around ?? response, expect, around !== null)
  if (!opened.ok) return opened
  const { replaced, how } = opened.value
  const signed = around && verifiedContent(around, replaced)
  // Of an assertion in the clear, the signature is verified where it was posted.
  const message =
    replaced.size > 0 ? parseMessage(signed ?? withReplaced(response, replaced)) : read
  if (!message.ok) return message

  const { assertion } = message.value
  const assertionSigned = childrenNamed(assertion, DS, 'Signature').length > 0
  const part = assertionSigned || !signed ? await verifySignature(assertion, trust.value) : null
  if (part && !part.ok) return part
  const verified = part ? part.value : signed ? assertionIn(signed) : null
  if (!verified) return err({ reason: 'unsigned' })
  const parts = await openParts(verified, toDecryption(expect, true))
  if (!parts.ok) return parts
  return ok({
    response: signed ?? response,
    responseSigned,
    assertion: verifiedContent(verified, parts.value.replaced),
    isEncrypted: replaced.size > 0,
    opened: [...how, ...parts.value.how],
  })
}

interface Opening {
  readonly replaced: ReadonlyMap<XmlElement, XmlElement>
  readonly how: readonly string[]
}

async function openAssertion(
  response: XmlElement,
  expect: Expect,
  isSigned: boolean,
): Promise<Result<Opening, SamlError>> {
  const containers = childrenNamed(response, SAML, 'EncryptedAssertion')
  // Its page is another than that of what does not open: said afterwards, it would tell.
  const status = containers.length > 0 ? judgeStatus(response) : null
  return status ? err(status) : openAll(containers, toDecryption(expect, isSigned))
}

/** The encrypted parts that are read; one that stands elsewhere is passed over, as a plain one is. */
const openParts = (assertion: Verified, decryption: Decryption) =>
  openAll(
    [
      ...subjectsOf(assertion).flatMap((each) => childrenNamed(each, SAML, 'EncryptedID')),
      ...childrenNamed(assertion, SAML, 'AttributeStatement').flatMap((each) =>
        childrenNamed(each, SAML, 'EncryptedAttribute'),
      ),
    ],
    decryption,
  )

/** Each costs an RSA operation. */
const MOST_ENCRYPTED = 100

async function openAll(
  containers: readonly XmlElement[],
  decryption: Decryption,
): Promise<Result<Opening, SamlError>> {
  if (containers.length > MOST_ENCRYPTED) {
    const detail = `there are more than ${MOST_ENCRYPTED} encrypted parts`
    return err({ reason: 'malformed-encryption', detail })
  }
  const replaced = new Map<XmlElement, XmlElement>()
  const how: string[] = []
  for (const container of containers) {
    const opened = await openEncrypted(container, decryption)
    if (!opened.ok) return opened
    replaced.set(container, opened.value.content)
    how.push(opened.value.how)
  }
  return ok({ replaced, how })
}

const toDecryption = ({ sp, mayDecrypt }: Expect, isSigned: boolean): Decryption => ({
  keys: sp.decryptionKeys ?? [],
  entityId: sp.entityId,
  mayTry: isSigned ? null : (mayDecrypt ?? null),
})

function assertionIn(response: Verified): Verified | null {
  const [assertion] = childrenNamed(response, SAML, 'Assertion')
  return assertion ? verifiedChild(response, assertion) : null
}

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
  spNameQualifier: expect.sp.nameQualifier ?? null,
  needsNameId: expect[allowNoNameId] !== true,
  acsUrl: expect.sp.acsUrl,
  inResponseTo: expect.inResponseTo,
  now: toInstant(expect.now.getTime()),
  clockSkewSeconds: expect.clockSkewSeconds ?? 60,
  requireEncryption: expect.requireEncryption ?? false,
  authnContexts: expect.authnContexts ?? null,
  authnNotBefore: expect.authnNotBefore ? toInstant(expect.authnNotBefore.getTime()) : null,
})
