import { concatBytes, decodeBase64Url, encodeBase64Url, utf8, type Bytes } from './bytes.ts'
import type { Instant } from './instant.ts'
import { err, ok, type Result } from './result.ts'

/**
 * GATEHOUSE_SECRET, and the one before it while it is being rotated. What is sealed now is sealed
 * under the first; what was sealed under either opens.
 */
export interface SealingSecrets {
  readonly current: Bytes
  readonly previous: Bytes | null
}

/** Seals private keys and the like: little, rarely, and for as long as the secret lasts. */
export interface Sealer {
  /** Plaintext → base64url of a fresh nonce and AES-256-GCM. */
  seal(plaintext: Bytes): Promise<string>
  open(sealed: string): Promise<Result<Bytes, 'not-ours'>>
}

/**
 * Seals what any visitor is given, as often as they ask. One key for all time would in the end repeat
 * a nonce, which opens all that was sealed under it; so each day has its own key. What is sealed opens
 * on that day and the next.
 */
export interface DailySealer {
  /** @param context where this counts: it opens with the same context only. */
  seal(plaintext: Bytes, context: string, now: Instant): Promise<string>
  open(sealed: string, context: string, now: Instant): Promise<Result<Bytes, 'not-ours'>>
}

const NONCE_BYTES = 12
const DAY_MILLISECONDS = 86_400_000

/** @param purpose separates keys: what is sealed for one purpose does not open for another. */
export async function createSealer(secrets: SealingSecrets, purpose: string): Promise<Sealer> {
  const current = await deriveKey(secrets.current, purpose)
  const previous = secrets.previous ? await deriveKey(secrets.previous, purpose) : null
  const keys = [() => current, ...(previous ? [() => previous] : [])]
  const additionalData = utf8(purpose)
  return {
    seal: (plaintext) => sealWith(current, plaintext, additionalData),
    open: (sealed) => openWith(keys, sealed, additionalData),
  }
}

/** @param purpose as above. */
export function createDailySealer(secrets: SealingSecrets, purpose: string): DailySealer {
  const { current, previous } = secrets
  const known = new Map<string, CryptoKey>()

  async function keyOf(secret: Bytes, day: number): Promise<CryptoKey> {
    const name = `${secret === current} ${day}`
    const key = known.get(name) ?? (await deriveKey(secret, `${purpose} ${day}`))
    // Two secrets on two days; what is older is of no use.
    if (known.size >= 4 && !known.has(name)) known.clear()
    known.set(name, key)
    return key
  }

  const dayOf = (now: Instant): number => Math.floor(now / DAY_MILLISECONDS)
  const additionalDataOf = (context: string): Bytes => utf8(`${purpose} ${context}`)
  return {
    seal: async (plaintext, context, now) =>
      sealWith(await keyOf(current, dayOf(now)), plaintext, additionalDataOf(context)),
    open(sealed, context, now) {
      const keys = [current, ...(previous ? [previous] : [])].flatMap((secret) =>
        [dayOf(now), dayOf(now) - 1].map((day) => () => keyOf(secret, day)),
      )
      return openWith(keys, sealed, additionalDataOf(context))
    },
  }
}

async function sealWith(key: CryptoKey, plaintext: Bytes, additionalData: Bytes): Promise<string> {
  // The nonce is not an argument: a caller that repeats one would give the key away.
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const algorithm = { name: 'AES-GCM', iv, additionalData }
  const sealed = await crypto.subtle.encrypt(algorithm, key, plaintext)
  return encodeBase64Url(concatBytes(iv, new Uint8Array(sealed)))
}

/** @param keys each is made only when those before it do not open. */
async function openWith(
  keys: readonly (() => CryptoKey | Promise<CryptoKey>)[],
  sealed: string,
  additionalData: Bytes,
): Promise<Result<Bytes, 'not-ours'>> {
  const bytes = decodeBase64Url(sealed)
  if (!bytes.ok || bytes.value.length <= NONCE_BYTES) return err('not-ours')
  const algorithm = { name: 'AES-GCM', iv: bytes.value.slice(0, NONCE_BYTES), additionalData }
  const ciphertext = bytes.value.slice(NONCE_BYTES)
  for (const keyOf of keys) {
    const key = await keyOf()
    try {
      return ok(new Uint8Array(await crypto.subtle.decrypt(algorithm, key, ciphertext)))
    } catch {
      // Of another key, or nobody's.
    }
  }
  return err('not-ours')
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
