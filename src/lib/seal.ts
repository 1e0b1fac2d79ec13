import { concatBytes, decodeBase64Url, encodeBase64Url, utf8, type Bytes } from './bytes.ts'
import { latestFor, type Instant } from './instant.ts'
import { err, ok, type Result } from './result.ts'

/**
 * GATEHOUSE_SECRET, and during a rotation the previous one. New data is sealed with `current`; data
 * sealed with either one can be opened.
 */
export interface SealingSecrets {
  readonly current: Bytes
  readonly previous: Bytes | null
}

/** Seals a few long-lived values, such as private keys. They can be opened as long as the secret is kept. */
export interface Sealer {
  /** Returns base64url of a fresh nonce followed by the AES-256-GCM ciphertext. */
  seal(plaintext: Bytes): Promise<string>
  open(sealed: string): Promise<Result<Bytes, 'not-ours'>>
}

/**
 * Seals values for visitors, who can ask for any number of them. With a single key a random nonce
 * would repeat one day, and a repeated nonce breaks AES-GCM for every value under that key. So
 * there is one key per day. A value can be opened on its day and on the next, and a minute before
 * its day, because clocks differ.
 */
export interface DailySealer {
  /** @param context binds the value: it can be opened only with the same context. */
  seal(plaintext: Bytes, context: string, now: Instant): Promise<string>
  open(sealed: string, context: string, now: Instant): Promise<Result<Bytes, 'not-ours'>>
}

const NONCE_BYTES = 12
const DAY_MILLISECONDS = 86_400_000

/** @param purpose separates keys: a value sealed for one purpose cannot be opened for another. */
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

/**
 * A value sealed again, under the current secret, so that the operator can remove the previous one.
 *
 * @param newest opens only what the current secret sealed.
 * @returns null: it is sealed so already, or it does not open.
 */
export async function sealAnew(
  sealed: string,
  sealer: Sealer,
  newest: Sealer,
): Promise<string | null> {
  if ((await newest.open(sealed)).ok) return null
  const opened = await sealer.open(sealed)
  return opened.ok ? newest.seal(opened.value) : null
}

/** @param purpose as above. */
export function createDailySealer(secrets: SealingSecrets, purpose: string): DailySealer {
  const { current, previous } = secrets
  const known = new Map<string, CryptoKey>()

  async function keyOf(secret: Bytes, day: number): Promise<CryptoKey> {
    const name = `${secret === current} ${day}`
    const key = known.get(name) ?? (await deriveKey(secret, `${purpose} ${day}`))
    // Two secrets on three days make six keys; older keys are not needed.
    if (known.size >= 6 && !known.has(name)) known.clear()
    known.set(name, key)
    return key
  }

  const dayOf = (now: Instant): number => Math.floor(now / DAY_MILLISECONDS)
  const additionalDataOf = (context: string): Bytes => utf8(`${purpose} ${context}`)
  return {
    seal: async (plaintext, context, now) =>
      sealWith(await keyOf(current, dayOf(now)), plaintext, additionalDataOf(context)),
    open(sealed, context, now) {
      // Another isolate's clock may have reached the next day.
      const days = new Set([dayOf(now), dayOf(now) - 1, dayOf(latestFor(now))])
      const keys = [current, ...(previous ? [previous] : [])].flatMap((secret) =>
        [...days].map((day) => () => keyOf(secret, day)),
      )
      return openWith(keys, sealed, additionalDataOf(context))
    },
  }
}

async function sealWith(key: CryptoKey, plaintext: Bytes, additionalData: Bytes): Promise<string> {
  // Made here and not an argument: a repeated nonce would reveal the key stream.
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const algorithm = { name: 'AES-GCM', iv, additionalData }
  const sealed = await crypto.subtle.encrypt(algorithm, key, plaintext)
  return encodeBase64Url(concatBytes(iv, new Uint8Array(sealed)))
}

/** @param keys tried in order; each is derived only if the ones before it failed. */
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
      // Sealed with another key, or not by us.
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
