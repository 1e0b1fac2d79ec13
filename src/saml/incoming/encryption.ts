/**
 * Decrypts the parts of a message that are encrypted for us (Core §6). After the ciphertext has
 * been read, every failure gives the same error: wrong key, bad padding, malformed XML, unexpected
 * element. An attacker who could tell them apart could decrypt a message (Jager and Somorovsky
 * 2011; Bleichenbacher 1998).
 */
import { concatBytes, sha256, toHex, type Bytes } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { ContentMethod } from '../algorithms.ts'
import { readCiphertext, type Ciphertext, type WrappedKey } from './ciphertext.ts'
import type { SamlError } from '../error.ts'
import { SAML } from '../names.ts'
import type { XmlElement } from '../xml/reader.ts'
import { parseXmlIn } from '../xml/tree.ts'

/**
 * RSA-OAEP private keys, each bound to the hash it was imported with; or a function that finds them,
 * which is asked only where something is encrypted.
 */
export type DecryptionKeys = readonly CryptoKey[] | (() => Promise<readonly CryptoKey[]>)

export interface Decryption {
  readonly keys: DecryptionKeys
  /** Our entity ID. It selects our keys among those for several recipients. */
  readonly entityId: string
  /** Asked before decrypting what no verified signature covers; null: a signature covers it. */
  readonly mayTry: MayTry | null
}

/** @param wrappedKeys the SHA-256 (lower-case hex) of each wrapped key of the message. */
export type MayTry = (wrappedKeys: readonly string[]) => Promise<boolean>

/** The element that each container must decrypt to (Core §2.2.4, §2.3.4, §2.7.3.2). */
const contents: Readonly<Record<string, string>> = {
  EncryptedAssertion: 'Assertion',
  EncryptedID: 'NameID',
  EncryptedAttribute: 'Attribute',
}

export interface Opened {
  readonly content: XmlElement
  /** The container and its algorithms, to show to the operator. */
  readonly how: string
}

/** The one element inside the container, read with the namespaces in scope there. */
export async function openEncrypted(
  container: XmlElement,
  decryption: Decryption,
): Promise<Result<Opened, SamlError>> {
  const element = container.local
  const ours = typeof decryption.keys === 'function' ? await decryption.keys() : decryption.keys
  if (ours.length === 0) return err({ reason: 'no-decryption-key', element, hash: null })
  const ciphertext = readCiphertext(container, decryption.entityId)
  if (!ciphertext.ok) return ciphertext
  const { method, keys: wrapped, bytes } = ciphertext.value
  const pairs = wrapped.flatMap((each) =>
    ours.filter((key) => fits(key, each)).map((key) => ({ each, key })),
  )
  const hash = wrapped[0]?.hash ?? null
  if (pairs.length === 0) return err({ reason: 'no-decryption-key', element, hash })
  if (decryption.mayTry && !(await decryption.mayTry(await hashesOf(ciphertext.value)))) {
    return err({ reason: 'decryption-limit' })
  }
  const contentKey = await unwrap(pairs, method)
  const plaintext = await decryptContent(bytes, method, contentKey)
  // The bytes are parsed even when the padding is wrong: a faster answer would reveal it.
  const document = parseXmlIn(container, plaintext?.bytes ?? new Uint8Array(0))
  const content = document.ok && plaintext?.isWhole ? document.value : null
  if (content?.namespace !== SAML || content.local !== contents[element]) {
    return err({ reason: 'decryption-failed' })
  }
  return ok({ content, how: `${element}, ${method.name} ${method.bits}, RSA-OAEP ${hash}` })
}

function fits({ algorithm, type, usages }: CryptoKey, { hash, bytes }: WrappedKey): boolean {
  return (
    type === 'private' &&
    algorithm.name === 'RSA-OAEP' &&
    usages.includes('decrypt') &&
    'modulusLength' in algorithm &&
    // Without this, leading zeros would give the same key another hash, so `mayTry` would miss
    // repeats.
    algorithm.modulusLength === bytes.length * 8 &&
    'hash' in algorithm &&
    typeof algorithm.hash === 'object' &&
    algorithm.hash.name === hash
  )
}

const hashesOf = ({ keys }: Ciphertext): Promise<readonly string[]> =>
  Promise.all(keys.map(async ({ bytes }) => toHex(await sha256(bytes))))

/**
 * Tries every pair, even after one has worked, so that time reveals nothing. If none works, a
 * random key is returned, and decryption fails later.
 */
async function unwrap(
  pairs: readonly { readonly each: WrappedKey; readonly key: CryptoKey }[],
  { bits }: ContentMethod,
): Promise<Bytes> {
  // Made here and not an argument: nobody may know this key.
  let chosen = crypto.getRandomValues(new Uint8Array(bits / 8))
  for (const { each, key } of pairs) {
    const parameters = each.label ? { name: 'RSA-OAEP', label: each.label } : { name: 'RSA-OAEP' }
    const unwrapped = await crypto.subtle.decrypt(parameters, key, each.bytes).catch(() => null)
    if (unwrapped?.byteLength === bits / 8) chosen = new Uint8Array(unwrapped)
  }
  return chosen
}

interface Plaintext {
  readonly bytes: Bytes
  readonly isWhole: boolean
}

async function decryptContent(
  bytes: Bytes,
  { name }: ContentMethod,
  contentKey: Bytes,
): Promise<Plaintext | null> {
  const key = await crypto.subtle.importKey('raw', contentKey, name, false, ['encrypt', 'decrypt'])
  return name === 'AES-GCM' ? decryptGcm(bytes, key) : decryptCbc(bytes, key)
}

/** XML Encryption §5.2.4: 96 bits of IV, the ciphertext, then always a 128-bit tag. */
async function decryptGcm(bytes: Bytes, key: CryptoKey): Promise<Plaintext | null> {
  const parameters = { name: 'AES-GCM', iv: bytes.slice(0, 12), tagLength: 128 }
  if (bytes.length < 12 + 16) return null
  const opened = await crypto.subtle.decrypt(parameters, key, bytes.subarray(12)).catch(() => null)
  return opened && { bytes: new Uint8Array(opened), isWhole: true }
}

const BLOCK = 16

/**
 * XML Encryption §5.2.1 pads with random bytes and a length byte. WebCrypto accepts only PKCS#7
 * padding, so it would refuse this. The remedy: encrypt the empty string with the last block as IV.
 * The result is one block of pure PKCS#7 padding that continues the chain. WebCrypto removes that
 * block, and the code below removes the XML padding.
 */
async function decryptCbc(bytes: Bytes, key: CryptoKey): Promise<Plaintext | null> {
  if (bytes.length < 2 * BLOCK || bytes.length % BLOCK !== 0) return null
  const last = { name: 'AES-CBC', iv: bytes.slice(-BLOCK) }
  const ending = new Uint8Array(await crypto.subtle.encrypt(last, key, new Uint8Array(0)))
  const whole = concatBytes(bytes.subarray(BLOCK), ending)
  const parameters = { name: 'AES-CBC', iv: bytes.slice(0, BLOCK) }
  const opened = await crypto.subtle.decrypt(parameters, key, whole).catch(() => null)
  if (!opened) return null // unreachable
  const padded = new Uint8Array(opened)
  const padding = padded.at(-1) ?? 0
  const isWhole = padding >= 1 && padding <= BLOCK
  return { bytes: padded.slice(0, padded.length - (isWhole ? padding : 0)), isWhole }
}
