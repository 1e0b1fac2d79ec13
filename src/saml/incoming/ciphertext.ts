/**
 * Reads an EncryptedAssertion, EncryptedID or EncryptedAttribute (Core §6.2, XML Encryption §3)
 * without decrypting it. Nothing here depends on a secret, so errors may be specific.
 */
import { decodeBase64, type Bytes } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import {
  contentMethods,
  maskFunctionOf,
  oaepDigestOf,
  RSA_OAEP,
  RSA_OAEP_MGF1P,
  type ContentMethod,
  type Hash,
} from '../algorithms.ts'
import type { SamlError } from '../error.ts'
import { DS, XENC, XENC11, XENC_ELEMENT, XENC_ENCRYPTED_KEY } from '../names.ts'
import {
  attributeOf,
  childElements,
  childrenNamed,
  textOf,
  type XmlElement,
} from '../xml/reader.ts'

export interface Ciphertext {
  readonly method: ContentMethod
  /** IV, then ciphertext, then (GCM only) the tag. */
  readonly bytes: Bytes
  /** The content's key, wrapped once for each recipient; never empty. */
  readonly keys: readonly WrappedKey[]
}

export interface WrappedKey {
  /** The hash of OAEP's digest and of its mask function: WebCrypto takes only one hash for both. */
  readonly hash: Hash
  /** The decoded OAEPparams; null: none. */
  readonly label: Bytes | null
  readonly bytes: Bytes
}

/**
 * Each wrapped key costs one RSA operation for every key of ours, before the sender of the message
 * is known.
 */
const MOST_KEYS = 4

/** @param entityId ours. Keys whose Recipient is another entity are skipped. */
export function readCiphertext(
  container: XmlElement,
  entityId: string,
): Result<Ciphertext, SamlError> {
  const [data, ...others] = childrenNamed(container, XENC, 'EncryptedData')
  const siblings = childrenNamed(container, XENC, 'EncryptedKey')
  if (!data || others.length > 0 || childElements(container).length > 1 + siblings.length) {
    return malformed(`${container.local} holds other things than one EncryptedData and its keys`)
  }
  const type = attributeOf(data, 'Type')
  if (type !== null && type !== XENC_ELEMENT) return malformed('EncryptedData is not of an Element')
  const parts = readParts(data)
  if (!parts.ok) return parts
  const { method: element, keyInfo, bytes } = parts.value
  const algorithm = attributeOf(element, 'Algorithm') ?? ''
  const method = contentMethods.get(algorithm)
  if (!method) return notAllowed('content', algorithm)
  if (childElements(element).some((child) => !isXenc(child, 'KeySize'))) {
    return malformed('EncryptionMethod of EncryptedData has parameters')
  }
  const encryptedKeys = collectKeys(keyInfo, siblings)
  if (!encryptedKeys.ok) return encryptedKeys
  const keys = readKeys(forUs(encryptedKeys.value, entityId))
  return keys.ok ? ok({ method, bytes, keys: keys.value }) : keys
}

/** EncryptedType (§3.1): EncryptedData and EncryptedKey share this structure. */
function readParts(encrypted: XmlElement): Result<
  {
    readonly method: XmlElement
    readonly keyInfo: XmlElement | null
    readonly bytes: Bytes
  },
  SamlError
> {
  const one = (namespace: string, local: string): XmlElement | null => {
    const [first, ...more] = childrenNamed(encrypted, namespace, local)
    return first && more.length === 0 ? first : null
  }
  const method = one(XENC, 'EncryptionMethod')
  const cipherData = one(XENC, 'CipherData')
  const keyInfos = childrenNamed(encrypted, DS, 'KeyInfo')
  if (!method || !cipherData || keyInfos.length > 1) {
    return malformed(`${encrypted.local} has not one EncryptionMethod, CipherData and KeyInfo`)
  }
  const [value, ...more] = childElements(cipherData)
  // A CipherReference instead of a CipherValue would make us fetch a URL.
  if (!value || more.length > 0 || !isXenc(value, 'CipherValue')) {
    return malformed('CipherData holds no CipherValue')
  }
  const bytes = decodeBase64(textOf(value) ?? '?')
  return bytes.ok && bytes.value.length > 0
    ? ok({ method, keyInfo: keyInfos[0] ?? null, bytes: bytes.value })
    : malformed('CipherValue is not base64')
}

/**
 * The EncryptedKeys inside KeyInfo, and those beside the EncryptedData. If KeyInfo has
 * RetrievalMethods, only the siblings that they name count.
 */
function collectKeys(
  keyInfo: XmlElement | null,
  siblings: readonly XmlElement[],
): Result<readonly XmlElement[], SamlError> {
  const inside = keyInfo ? childrenNamed(keyInfo, XENC, 'EncryptedKey') : []
  const references = keyInfo ? childrenNamed(keyInfo, DS, 'RetrievalMethod') : []
  // Checked before the references are resolved: the message is not signed yet, so an attacker
  // chooses their number.
  if (references.length > MOST_KEYS || inside.length + siblings.length > MOST_KEYS) {
    return malformed(`there are more than ${MOST_KEYS} EncryptedKeys`)
  }
  const referred = references.map((reference) =>
    siblings.filter(
      (key) =>
        attributeOf(key, 'Id') !== null &&
        attributeOf(reference, 'URI') === `#${attributeOf(key, 'Id')}` &&
        [XENC_ENCRYPTED_KEY, null].includes(attributeOf(reference, 'Type')) &&
        childElements(reference).length === 0,
    ),
  )
  if (referred.some((found) => found.length !== 1)) {
    return malformed('RetrievalMethod does not name one EncryptedKey beside the EncryptedData')
  }
  // A Set, because two references may name the same key.
  const keys = new Set([...inside, ...(references.length > 0 ? referred.flat() : siblings)])
  return keys.size > 0 ? ok([...keys]) : malformed('there is no EncryptedKey')
}

/** Recipient is only a hint (§3.5.1): if no key is marked as ours, all keys are tried. */
function forUs(keys: readonly XmlElement[], entityId: string): readonly XmlElement[] {
  const ours = keys.filter((key) => [entityId, null].includes(attributeOf(key, 'Recipient')))
  return ours.length > 0 ? ours : keys
}

/** One usable key is enough. If there is none, the error is that of the first key. */
function readKeys(keys: readonly XmlElement[]): Result<readonly WrappedKey[], SamlError> {
  const read = keys.map(readKey)
  const usable = read.flatMap((key) => (key.ok ? [key.value] : []))
  const [first] = read
  return usable.length === 0 && first && !first.ok ? first : ok(usable)
}

function readKey(element: XmlElement): Result<WrappedKey, SamlError> {
  const parts = readParts(element)
  if (!parts.ok) return parts
  const { method, bytes } = parts.value
  const algorithm = attributeOf(method, 'Algorithm') ?? ''
  if (algorithm !== RSA_OAEP && algorithm !== RSA_OAEP_MGF1P) {
    return notAllowed('key-transport', algorithm)
  }
  const parameters = childElements(method)
  const digests = childrenNamed(method, DS, 'DigestMethod')
  const masks = childrenNamed(method, XENC11, 'MGF')
  const labels = childrenNamed(method, XENC, 'OAEPparams')
  const known = digests.length + masks.length + labels.length
  const repeated = Math.max(digests.length, masks.length, labels.length) > 1
  const sizes = childrenNamed(method, XENC, 'KeySize').length
  if (repeated || parameters.length !== known + sizes) {
    return malformed('EncryptionMethod of EncryptedKey has parameters that RSA-OAEP has not')
  }
  const label = readLabel(labels[0])
  if (!label.ok) return label
  const [digest, mask] = [digests[0], masks[0]]
  const hash = digest ? oaepDigestOf(attributeOf(digest, 'Algorithm') ?? '') : 'SHA-1'
  if (!hash) return notAllowed('oaep-digest', attributeOf(digests[0] ?? method, 'Algorithm') ?? '')
  if (mask && algorithm === RSA_OAEP_MGF1P) return malformed('rsa-oaep-mgf1p has no MGF to choose')
  const maskHash = mask ? maskFunctionOf(attributeOf(mask, 'Algorithm') ?? '') : 'SHA-1'
  if (maskHash !== hash) {
    return err({ reason: 'oaep-hashes-differ', digest: hash, mask: maskHash ?? 'unknown' })
  }
  return ok({ hash, label: label.value, bytes })
}

function readLabel(element: XmlElement | undefined): Result<Bytes | null, SamlError> {
  if (!element) return ok(null)
  const label = decodeBase64(textOf(element) ?? '?')
  return label.ok ? label : malformed('OAEPparams is not base64')
}

const isXenc = ({ namespace, local }: XmlElement, name: string): boolean =>
  namespace === XENC && local === name

const malformed = (detail: string) => err<SamlError>({ reason: 'malformed-encryption', detail })

const notAllowed = (of: 'content' | 'key-transport' | 'oaep-digest', algorithm: string) =>
  err<SamlError>({
    reason: 'encryption-not-allowed',
    of,
    algorithm: algorithm.slice(0, 200) || 'none named',
  })
