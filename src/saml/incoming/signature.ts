/** The only place that verifies signatures. It returns the signed element, not a boolean. */
import { decodeBase64, sameBytes, utf8, type Bytes } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { digestMethodOf, signatureMethodOf, type SignatureMethod } from '../algorithms.ts'
import { canonicalizeAndRead, canonicalText } from '../xml/c14n.ts'
import { brief, type SamlError } from '../error.ts'
import { DS, ENVELOPED_SIGNATURE, EXC_C14N, EXC_C14N_WITH_COMMENTS } from '../names.ts'
import { inflateMessage, type RedirectMessage } from './redirect.ts'
import type { Trust } from './trust.ts'
import {
  attributeOf,
  childElements,
  childrenNamed,
  parseXml,
  textOf,
  type XmlElement,
  type XmlFault,
} from '../xml/reader.ts'
import { withReplaced } from '../xml/tree.ts'

declare const verified: unique symbol

/**
 * An element that was read from bytes that a key of the connection signed: the canonical bytes of an
 * element, or the compressed bytes of a query. The canonical bytes may be read while they are made.
 * Only this file makes one.
 */
export type Verified = XmlElement & { readonly [verified]: true }

/**
 * Verifies the single signature of an element (Core §5.4). Returns the element as it was signed,
 * without the signature: a new one, which says what the bytes say that were hashed.
 */
export async function verifySignature(
  element: XmlElement,
  trust: Trust,
): Promise<Result<Verified, SamlError>> {
  const [signature, ...others] = childrenNamed(element, DS, 'Signature')
  if (!signature) return err({ reason: 'unsigned' })
  if (others.length > 0) return err({ reason: 'several-signatures' })
  const parts = openSignature(signature, element, trust)
  if (!parts.ok) return parts
  const { hash, c14n } = parts.value.reference
  const options = { ...c14n, withComments: false, omit: signature }
  const signed = canonicalizeAndRead(element, options)
  if (!signed.ok) return malformedXml(signed.error)
  const digest = new Uint8Array(await crypto.subtle.digest(hash, signed.value.bytes))
  const fault = await judgeSignature(parts.value, digest, trust)
  return fault ? err(fault) : ok(signed.value.element as Verified)
}

/** Reads a signature of `element`: how the element is to be hashed, before it has to be whole. */
export function openSignature(
  signature: XmlElement,
  element: XmlElement,
  trust: Pick<Trust, 'sha1'>,
): Result<SignatureParts, SamlError> {
  const parts = readSignature(signature)
  if (!parts.ok) return parts
  const { method, reference } = parts.value
  const id = attributeOf(element, 'ID')
  if (!id || reference.uri !== `#${id}`) {
    const [found, expected] = [brief(reference.uri), `#${brief(id ?? '')}`]
    return err({ reason: 'reference-not-parent', found, expected })
  }
  if (!trust.sha1 && (method.hash === 'SHA-1' || reference.hash === 'SHA-1')) {
    return err({ reason: 'sha1-not-allowed' })
  }
  return parts
}

/**
 * @param hashed.digest of the canonical bytes of the whole element.
 * @param hashed.signed these bytes, or parts of them that are an element when joined. They are read
 * again.
 */
export async function verifyHashed(
  parts: SignatureParts,
  { digest, signed }: { readonly digest: Bytes; readonly signed: Bytes },
  trust: Trust,
): Promise<Result<Verified, SamlError>> {
  const fault = await judgeSignature(parts, digest, trust)
  return fault ? err(fault) : readSigned(signed)
}

/** null: a key of the connection signed this digest. */
async function judgeSignature(
  { signedInfo, signedInfoC14n, method, value, reference }: SignatureParts,
  digest: Bytes,
  trust: Trust,
): Promise<SamlError | null> {
  if (!sameBytes(digest, reference.digest)) return { reason: 'digest-mismatch' }
  const text = canonicalText(signedInfo, { ...signedInfoC14n, omit: null })
  if (!text.ok) return { reason: 'malformed-xml', fault: text.error }
  const key = await verifyValue(method, value, utf8(text.value), trust)
  return key.ok ? null : key.error
}

/**
 * Verifies the signature of a query (Bindings §3.4.4.1). Nothing is inflated or parsed before that.
 * A signature inside the message is not looked at: the sender must have removed it.
 */
export async function verifyQuery(
  message: RedirectMessage,
  trust: Trust,
): Promise<Result<Verified, SamlError>> {
  if (message.signature === null) return err({ reason: 'unsigned' })
  const { algorithm, value: base64 } = message.signature
  const method = signatureMethodOf(algorithm)
  if (!method) {
    return err({ reason: 'algorithm-not-allowed', of: 'SigAlg', algorithm: brief(algorithm) })
  }
  if (!trust.sha1 && method.hash === 'SHA-1') return err({ reason: 'sha1-not-allowed' })
  const value = decodeBase64(base64)
  if (!value.ok || value.value.length === 0) return malformed('Signature is not base64')
  const key = await verifyValue(method, value.value, utf8(message.signed), trust)
  if (!key.ok) return key
  const bytes = await inflateMessage(message)
  return bytes.ok ? readSigned(bytes.value) : bytes
}

function readSigned(bytes: Bytes): Result<Verified, SamlError> {
  const element = parseXml(bytes)
  return element.ok ? ok(element.value as Verified) : malformedXml(element.error)
}

/**
 * The signature of the parent covers its children too. null: `child` is not a child of `parent`.
 */
export const verifiedChild = (parent: Verified, child: XmlElement): Verified | null =>
  child.parent === parent ? (child as Verified) : null

/**
 * The element with its encrypted parts replaced by their plaintext. A signature over a ciphertext
 * also vouches for the plaintext.
 */
export const verifiedContent = (
  signed: Verified,
  opened: ReadonlyMap<XmlElement, XmlElement>,
): Verified => (opened.size === 0 ? signed : (withReplaced(signed, opened) as Verified))

interface Canonicalization {
  readonly withComments: boolean
  readonly inclusivePrefixes: readonly string[]
}

interface Reference {
  readonly uri: string
  readonly hash: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'
  readonly digest: Bytes
  readonly c14n: Canonicalization
}

export interface SignatureParts {
  readonly signedInfo: XmlElement
  readonly signedInfoC14n: Canonicalization
  readonly method: SignatureMethod
  readonly value: Bytes
  readonly reference: Reference
}

/** XMLDSig §4.2, narrowed: no Object, no unknown element, and KeyInfo is not read. */
function readSignature(signature: XmlElement): Result<SignatureParts, SamlError> {
  const children = childrenInOrder(signature, ['SignedInfo', 'SignatureValue', 'KeyInfo?'])
  if (!children)
    return malformed('Signature has other children than SignedInfo, SignatureValue, KeyInfo')
  const [signedInfo, signatureValue] = children
  const value = signatureValue ? readBase64(signatureValue) : null
  if (!signedInfo || !value) return malformed('SignatureValue is not base64')

  const references = childrenNamed(signedInfo, DS, 'Reference').length
  if (references !== 1) return err({ reason: 'several-references', found: references })
  const inner = childrenInOrder(signedInfo, [
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  ])
  const [c14nMethod, signatureMethod, referenceElement] = inner ?? []
  if (!c14nMethod || !signatureMethod || !referenceElement) {
    return malformed('SignedInfo has other children than it should')
  }
  const signedInfoC14n = readCanonicalization(c14nMethod)
  if (!signedInfoC14n) return notAllowed(c14nMethod)
  const method = signatureMethodOf(attributeOf(signatureMethod, 'Algorithm') ?? '')
  // A child would be HMACOutputLength or parameters of RSA-PSS, and we support neither.
  if (!method || childElements(signatureMethod).length > 0) return notAllowed(signatureMethod)
  const reference = readReference(referenceElement)
  if (!reference.ok) return reference
  return ok({ signedInfo, signedInfoC14n, method, value, reference: reference.value })
}

function readReference(element: XmlElement): Result<Reference, SamlError> {
  const children = childrenInOrder(element, ['Transforms', 'DigestMethod', 'DigestValue'])
  const [transforms, digestMethod, digestValue] = children ?? []
  if (!transforms || !digestMethod || !digestValue) {
    return malformed('Reference has other children than Transforms, DigestMethod, DigestValue')
  }
  const [enveloped, c14n, ...more] = childElements(transforms)
  const canonicalization = c14n && isDs(c14n, 'Transform') ? readCanonicalization(c14n) : null
  if (
    !enveloped ||
    !isDs(enveloped, 'Transform') ||
    attributeOf(enveloped, 'Algorithm') !== ENVELOPED_SIGNATURE ||
    childElements(enveloped).length > 0 ||
    !canonicalization ||
    more.length > 0
  ) {
    const found = childElements(transforms).slice(0, 5).map(describe)
    return err({ reason: 'transforms-not-allowed', found })
  }
  const hash = digestMethodOf(attributeOf(digestMethod, 'Algorithm') ?? '')
  if (!hash || childElements(digestMethod).length > 0) return notAllowed(digestMethod)
  const digest = readBase64(digestValue)
  if (!digest) return malformed('DigestValue is not base64')
  return ok({ uri: attributeOf(element, 'URI') ?? '', hash, digest, c14n: canonicalization })
}

/** Exclusive C14N. Its only parameter is the PrefixList (exc-c14n §4). null: anything else. */
function readCanonicalization(method: XmlElement): Canonicalization | null {
  const algorithm = attributeOf(method, 'Algorithm')
  if (algorithm !== EXC_C14N && algorithm !== EXC_C14N_WITH_COMMENTS) return null
  const children = childElements(method)
  const [inclusive] = childrenNamed(method, EXC_C14N, 'InclusiveNamespaces')
  if (children.length > 1 || (children.length === 1 && !inclusive)) return null
  const list = inclusive ? (attributeOf(inclusive, 'PrefixList') ?? '') : ''
  const prefixes = list.split(/[ \t\r\n]+/).filter((prefix) => prefix !== '')
  return {
    withComments: algorithm === EXC_C14N_WITH_COMMENTS,
    inclusivePrefixes: prefixes.map((prefix) => (prefix === '#default' ? '' : prefix)),
  }
}

async function verifyValue(
  method: SignatureMethod,
  value: Bytes,
  signed: Bytes,
  trust: Trust,
): Promise<Result<true, SamlError>> {
  if (trust.certificates.length === 0) return err({ reason: 'no-certificate' })
  let weak: number | null = null
  for (const { certificate, keyFor } of trust.certificates) {
    const { key } = certificate
    if ((key.kind === 'rsa') !== (method.name === 'RSASSA-PKCS1-v1_5')) continue
    if (key.kind === 'rsa' && key.bits < (trust.weakRsa ? 1024 : 2048)) {
      weak = key.bits
      continue
    }
    const imported = await keyFor(method.hash)
    if (imported && (await crypto.subtle.verify(method, imported, value, signed))) return ok(true)
  }
  return err(weak === null ? { reason: 'signature-mismatch' } : { reason: 'weak-key', bits: weak })
}

/**
 * All children of `parent`, if they are exactly these XMLDSig elements in this order; else null.
 * `?` marks an optional one.
 */
function childrenInOrder(
  parent: XmlElement,
  names: readonly string[],
): readonly XmlElement[] | null {
  const found = childElements(parent)
  const wanted = names.map((name) => name.replace('?', ''))
  const least = names.filter((name) => !name.endsWith('?')).length
  if (found.length < least || found.length > wanted.length) return null
  return found.every((child, i) => isDs(child, wanted[i] ?? '')) ? found : null
}

const isDs = (element: XmlElement, local: string): boolean =>
  element.namespace === DS && element.local === local

function readBase64(element: XmlElement): Bytes | null {
  const text = textOf(element)
  const bytes = text ? decodeBase64(text) : null
  return bytes?.ok && bytes.value.length > 0 ? bytes.value : null
}

const malformedXml = (fault: XmlFault) => err<SamlError>({ reason: 'malformed-xml', fault })

const malformed = (detail: string) => err<SamlError>({ reason: 'malformed-signature', detail })

const notAllowed = (method: XmlElement) =>
  err<SamlError>({
    reason: 'algorithm-not-allowed',
    of: method.local,
    algorithm: describe(method),
  })

/** Children are listed too: a parameter may be the reason for the refusal. */
function describe(method: XmlElement): string {
  const inner = childElements(method).map(({ name }) => name)
  const algorithm = attributeOf(method, 'Algorithm') ?? method.name
  return brief(inner.length === 0 ? algorithm : `${algorithm} with ${inner.join(', ')}`)
}
