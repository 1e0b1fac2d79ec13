/**
 * Checks the structure of a message: one Response with one Assertion, signatures and children only
 * where SAML has them, and unique IDs.
 */
import { decodeBase64 } from '../../lib/bytes.ts'
import { patternOf } from '../../lib/pattern.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { judgeStatus } from './assertion.ts'
import { brief, type MessageName, type SamlError } from '../error.ts'
import { DS, SAML, SAMLP } from '../names.ts'
import { attributeOf, childElements, limits, parseXml, type XmlElement } from '../xml/reader.ts'
import { descendants } from '../xml/tree.ts'

export interface Message {
  readonly response: XmlElement
  /** An Assertion or an EncryptedAssertion. */
  readonly assertion: XmlElement
}

/** Reads a posted SAMLResponse. */
export function readMessage(samlResponse: string): Result<Message, SamlError> {
  const document = readPosted(samlResponse)
  if (!document.ok) return document
  const response = document.value
  if (response.namespace !== SAMLP || response.local !== 'Response') {
    const [found, namespace] = [brief(response.local), brief(response.namespace)]
    return err({ reason: 'not-a-response', found, namespace })
  }
  return parseMessage(response)
}

/** The document element of what a form carries, in base64 (Bindings §3.5.4). */
export function readPosted(base64: string): Result<XmlElement, SamlError> {
  if (base64.length > limits.bytes * 1.5) return err({ reason: 'too-large' })
  const bytes = decodeBase64(base64)
  if (!bytes.ok) return err({ reason: 'not-base64' })
  const root = parseXml(bytes.value)
  return root.ok ? root : err({ reason: 'malformed-xml', fault: root.error })
}

/** Called for the message as posted, and again after its assertion has been decrypted. */
export function parseMessage(response: XmlElement): Result<Message, SamlError> {
  const elements = descendants(response)
  const stranger = childElements(response).find((child) => !isResponseChild(child))
  if (stranger) {
    const [element, namespace] = [brief(stranger.name), brief(stranger.namespace)]
    return err({ reason: 'unexpected-element', element, namespace, in: 'the Response' })
  }
  const error = judgeAssertions(response, elements) ?? judgeSignatures(response, elements)
  if (error) return err(error)
  const assertion = childElements(response).find(isAssertion)
  if (!assertion) return err({ reason: 'no-assertion' })
  const idError = judgeIds(response, assertion, elements)
  return idError ? err(idError) : ok({ response, assertion })
}

/** The children of a Response (Core §3.2.2, §3.3.3). */
function isResponseChild({ namespace, local }: XmlElement): boolean {
  if (namespace === DS) return local === 'Signature'
  if (namespace === SAML) return ['Issuer', 'Assertion', 'EncryptedAssertion'].includes(local)
  return namespace === SAMLP && ['Extensions', 'Status'].includes(local)
}

function judgeAssertions(response: XmlElement, elements: readonly XmlElement[]): SamlError | null {
  const assertions = elements.filter(isAssertion)
  const [assertion] = assertions
  if (!assertion) return judgeStatus(response) ?? { reason: 'no-assertion' }
  if (assertions.length > 1) return { reason: 'several-assertions' }
  return assertion.parent === response ? null : { reason: 'misplaced-assertion' }
}

const isAssertion = ({ namespace, local }: XmlElement): boolean =>
  (local === 'Assertion' || local === 'EncryptedAssertion') && namespace === SAML

function judgeSignatures(response: XmlElement, elements: readonly XmlElement[]): SamlError | null {
  const parents = elements
    .filter(({ namespace, local }) => local === 'Signature' && namespace === DS)
    .map(({ parent }) => parent)
  const misplaced = parents.some(
    (parent) =>
      parent !== response && !(parent?.parent === response && parent.local === 'Assertion'),
  )
  if (misplaced) return { reason: 'misplaced-signature' }
  return new Set(parents).size < parents.length ? { reason: 'several-signatures' } : null
}

const judgeIds = (
  response: XmlElement,
  assertion: XmlElement,
  elements: readonly XmlElement[],
): SamlError | null =>
  judgeUnique(elements) ?? judgeId(response, 'Response') ?? judgeId(assertion, 'Assertion')

/** No two of the elements may have the same ID. */
export function judgeUnique(elements: readonly XmlElement[]): SamlError | null {
  const ids = new Set<string>()
  for (const { attributes } of elements) {
    for (const { prefix, local, value } of attributes) {
      if ((prefix !== '' && prefix !== 'xml') || !/^id$/i.test(local)) continue
      if (ids.has(value)) return { reason: 'duplicate-id', id: brief(value) }
      ids.add(value)
    }
  }
  return null
}

const visible = patternOf(String.raw`^[^\p{C}\p{Z}]{1,256}$`, 'u')

/**
 * IDs are only compared, never looked up, so they need not be valid xs:IDs: many IdPs send UUIDs,
 * which may begin with a digit.
 */
export function judgeId(element: XmlElement, of: MessageName): SamlError | null {
  if (element.local !== of) return null
  const found = attributeOf(element, 'ID')
  return found !== null && (/^[!-~]{1,256}$/.test(found) || visible().test(found))
    ? null
    : { reason: 'invalid-id', of, found: found && brief(found) }
}
