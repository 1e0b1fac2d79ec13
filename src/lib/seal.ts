import { concatBytes, decodeBase64Url, encodeBase64Url, utf8, type Bytes } from './bytes.ts'
import { err, ok, type Result } from './result.ts'

/**
 * GATEHOUSE_SECRET, and the one before it while it is being rotated. What is sealed now is sealed
 * under the first; what was sealed under either opens.
 */
export interface SealingSecrets {
  readonly current: Bytes
  readonly previous: Bytes | null
}

/** Seals small things (a cookie, a private key) so that only this deployment opens them. */
export interface Sealer {
  /** Plaintext → base64url of a fresh nonce and AES-256-GCM. */
  seal(plaintext: Bytes): Promise<string>
  open(sealed: string): Promise<Result<Bytes, 'not-ours'>>
}

const NONCE_BYTES = 12

/** @param purpose separates keys: what is sealed for one purpose does not open for another. */
export async function createSealer(secrets: SealingSecrets, purpose: string): Promise<Sealer> {
  const current = await deriveKey(secrets.current, purpose)
  const previous = secrets.previous ? await deriveKey(secrets.previous, purpose) : null
  const additionalData = utf8(purpose)

  async function openWith(key: CryptoKey, bytes: Bytes): Promise<Bytes | null> {
    const iv = bytes.slice(0, NONCE_BYTES)
    try {
      const algorithm = { name: 'AES-GCM', iv, additionalData }
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, bytes.slice(NONCE_BYTES)))
    } catch {
      return null
    }
  }

  return {
    async seal(plaintext) {
      // The nonce is not an argument: a caller that repeats one would give the key away.
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
      const algorithm = { name: 'AES-GCM', iv, additionalData }
      const sealed = await crypto.subtle.encrypt(algorithm, current, plaintext)
      return encodeBase64Url(concatBytes(iv, new Uint8Array(sealed)))
    },

    async open(sealed) {
      const bytes = decodeBase64Url(sealed)
      if (!bytes.ok || bytes.value.length <= NONCE_BYTES) return err('not-ours')
      const plaintext =
        (await openWith(current, bytes.value)) ??
        (previous ? await openWith(previous, bytes.value) : null)
      return plaintext ? ok(plaintext) : err('not-ours')
    },
  }
}

async function deriveKey(secret: Bytes, purpose: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(`gatehouse ${purpose}`) },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
}
