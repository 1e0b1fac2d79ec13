/** From a posted SAMLResponse to the user who signed in. */
import { toInstant } from '../../lib/instant.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { checks, judgeStatus } from './assertion.ts'
import { openEncrypted, type Decryption, type DecryptionKeys, type MayTry } from './encryption.ts'
import type { SamlError } from '../error.ts'
import { parseMessage, readMessage } from './message.ts'
import { DS, SAML } from '../names.ts'
import { verifiedChild, verifiedContent, verifySignature, type Verified } from './signature.ts'
import type { Expectations, SignedMessage } from './signed-message.ts'
import { subjectsOf, toSubject, type Subject } from './subject.ts'
import { readTrust, type Exceptions, type IdpCertificates } from './trust.ts'
import { attributeOf, childrenNamed, type XmlElement } from '../xml/reader.ts'
import { withReplaced } from '../xml/tree.ts'

/**
 * Accepts an assertion without a NameID, for a connection that identifies users by an attribute.
 */
export const allowNoNameId: unique symbol = Symbol('allowNoNameId')

export interface Expect extends Exceptions {
  readonly idp: IdpCertificates & {
    readonly entityId: string
  }
  readonly sp: {
    readonly entityId: string
    readonly acsUrl: string
    /**
     * Another SPNameQualifier to accept in a NameID, beside our entity ID: an affiliation that we
     * belong to (Core §8.3.7).
     */
    readonly nameQualifier?: string | null
    /**
     * RSA-OAEP private keys; they need not be extractable. WebCrypto binds a key to one hash at
     * import, and each IdP chooses its own hash. So pass the same key once for each hash that
     * should work: SHA-1 (the most common, and safe in OAEP), SHA-256, SHA-384, SHA-512. A function
     * is asked for them only where something is encrypted.
     */
    readonly decryptionKeys?: DecryptionKeys
  }
  /** The ID of the request that this browser made; null: an unsolicited response is expected. */
  readonly inResponseTo: string | null
  readonly now: Date
  readonly clockSkewSeconds?: number
  /** true: an Assertion that is not encrypted is refused. */
  readonly requireEncryption?: boolean
  /** With ForceAuthn: the time of the request. A sign-in before it is refused. null: any time. */
  readonly authnNotBefore?: Date | null
  /** The AuthnContextClassRefs that are acceptable; null or absent: any. */
  readonly authnContexts?: readonly string[] | null
  /**
   * Asked before a message without a verified signature around it is decrypted. An attacker could
   * send many variants of one wrapped key and learn its content from the answers. So refuse the
   * same wrapped key after a few tries.
   */
  readonly mayDecrypt?: MayTry
  readonly [allowNoNameId]?: true
}

/**
 * Reads, verifies and checks a posted SAMLResponse (base64, Bindings §3.5.4). Throws only if
 * `mayDecrypt` or `decryptionKeys` throws. The caller must see that a response is used once: store
 * `Subject.assertionId`.
 */
export const openResponse = async (
  samlResponse: string,
  expect: Expect,
): Promise<Result<Subject, SamlError>> => (await readResponse(samlResponse, expect)).subject

export interface Finding {
  readonly check: string
  readonly error: SamlError | null
  /** Details worth showing to the operator, for example how it was encrypted; null: none. */
  readonly says: string | null
}

/**
 * Like `openResponse`, but reports every check, for the operator. If the message cannot be read,
 * decrypted or verified, there is only that one finding. `subject` is null unless every check
 * passed.
 */
export async function explainResponse(
  samlResponse: string,
  expect: Expect,
): Promise<{ readonly findings: readonly Finding[]; readonly subject: Subject | null }> {
  const { findings, subject } = await readResponse(samlResponse, expect)
  return { findings, subject: subject.ok ? subject.value : null }
}

export interface Reading {
  readonly findings: readonly Finding[]
  /** The error of the first check that failed. */
  readonly subject: Result<Subject, SamlError>
  /** null: the message could not be read, decrypted or verified. */
  readonly signed: {
    /** The posted Response, with its assertion decrypted. To show it only: it was not verified. */
    readonly shown: XmlElement
    readonly assertionId: string
  } | null
}

/** One run for both: what a sign-in goes by, and what its operator is shown. */
export async function readResponse(samlResponse: string, expect: Expect): Promise<Reading> {
  const verified = await verifyResponse(samlResponse, expect)
  if (!verified.ok) {
    const check = isOfEncryption(verified.error) ? OPENED : VERIFIED
    const findings = [{ check, error: verified.error, says: null }]
    return { findings, subject: verified, signed: null }
  }
  const { message, shown } = verified.value
  const expectations = toExpectations(expect)
  const judged = checks.map(({ name, judge }) => ({
    check: name,
    error: judge(message, expectations),
    says: null,
  }))
  const error = judged.find((each) => each.error !== null)?.error ?? null
  const opened = message.opened.join('; ')
  return {
    findings: [
      { check: VERIFIED, error: null, says: null },
      ...(opened === '' ? [] : [{ check: OPENED, error: null, says: opened }]),
      ...judged,
    ],
    subject: error ? err(error) : ok(toSubject(message.assertion)),
    signed: { shown, assertionId: attributeOf(message.assertion, 'ID') ?? '' },
  }
}

const VERIFIED = 'Readable, and signed by a certificate of the connection'
const OPENED = 'Encrypted parts decrypt with a key of ours'

const isOfEncryption = ({ reason }: SamlError): boolean => /encrypt|decrypt|^oaep-/.test(reason)

/**
 * The signature on the Response is verified before anything is decrypted; the one on the Assertion,
 * afterwards.
 */
async function verifyResponse(
  samlResponse: string,
  expect: Expect,
): Promise<Result<{ readonly message: SignedMessage; readonly shown: XmlElement }, SamlError>> {
  // Every comparison with NaN is false, so an invalid `now` would make an expired assertion pass.
  if (Number.isNaN(expect.now.getTime())) {
    return err({ reason: 'malformed-time', field: 'now', found: null })
  }
  const read = readMessage(samlResponse)
  if (!read.ok) return read
  const trust = readTrust(expect.idp, expect)
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
  // A plain assertion keeps its original element: its signature must be verified in the document
  // where it was posted.
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
  const [hidden] = childrenNamed(response, SAML, 'EncryptedAssertion')
  const [plain] = replaced.values()
  return ok({
    message: {
      response: signed ?? response,
      responseSigned,
      assertion: verifiedContent(verified, parts.value.replaced),
      isEncrypted: replaced.size > 0,
      opened: [...how, ...parts.value.how],
    },
    // A Response that was signed has no Signature any more, so it is not the one to show.
    shown:
      around && hidden && plain
        ? withReplaced(response, new Map([[hidden, plain]]))
        : message.value.response,
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
  // Checked before decryption. The page for a failed status differs from the page for a failed
  // decryption; after decryption, that difference would reveal whether it succeeded.
  const status = containers.length > 0 ? judgeStatus(response) : null
  return status ? err(status) : openAll(containers, toDecryption(expect, isSigned))
}

/**
 * Decrypts the parts that we use: EncryptedID and EncryptedAttribute where SAML puts them.
 * Elsewhere they are ignored, as plain elements are.
 */
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

/** Each one costs an RSA operation. */
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
