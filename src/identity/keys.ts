import {
  decodeBase64,
  decodeUtf8,
  encodeBase64,
  encodeBase64Url,
  sha256,
  utf8,
  type Bytes,
} from '../lib/bytes.ts'
import { plusSeconds, secondsBetween, toInstant, type Instant } from '../lib/instant.ts'
import { sealAnew, type Sealer } from '../lib/seal.ts'
import { addKey, findKeys, removeUnpublishedKeys, replaceSealed, type StoredKey } from './store.ts'

/** The purpose to pass to createSealer. */
export const SIGNING_KEYS_PURPOSE = 'signing-keys'

export const ALGORITHM = 'ES256'
/** ES256 (RFC 7518 §3.4). */
export const SIGNING = { name: 'ECDSA', hash: 'SHA-256' }
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }

/** How long origins and caches may keep the JWKS. */
export const JWKS_MAX_AGE_SECONDS = 3600
const SIGNS_FOR_SECONDS = 30 * 86_400
// Both are much longer than a cached JWKS, the life of a token and REREAD_SECONDS together.
const PUBLISHED_BEFORE_SECONDS = 86_400
const PUBLISHED_AFTER_SECONDS = 86_400
const REREAD_SECONDS = 300

export interface SigningKey {
  readonly kid: string
  readonly key: CryptoKey
}

export interface KeyRing {
  /** The newest key whose time has come. Makes one if there is none. */
  signingKey(now: Instant): Promise<SigningKey>
  /**
   * Every key that may have signed a token that is still valid, and the key that will sign next.
   */
  publicKeys(now: Instant): Promise<readonly JsonWebKeyWithKid[]>
}

/** Caches the keys for REREAD_SECONDS, so most requests read nothing. */
export function createKeyRing(db: D1Database, sealer: Sealer): KeyRing {
  let cached: { readonly readAt: Instant; readonly keys: readonly OpenedKey[] } | null = null

  async function read(now: Instant): Promise<readonly OpenedKey[]> {
    if (cached && Math.abs(secondsBetween(cached.readAt, now)) < REREAD_SECONDS) return cached.keys
    const keys = await readOrMakeKeys(db, sealer, now)
    cached = { readAt: now, keys }
    return keys
  }

  return {
    signingKey: async (now) => chooseKey(await read(now), now),
    publicKeys: async (now) => (await read(now)).map((key) => key.publicJwk),
  }
}

/**
 * For cron, about hourly. A key is published a day before it signs and a day after its successor
 * begins to sign. Also seals the keys anew under the current secret.
 *
 * @param newest opens only what the current secret sealed.
 */
export async function rotateKeys(
  db: D1Database,
  sealer: Sealer,
  newest: Sealer,
  now: Instant,
): Promise<void> {
  await removeUnpublishedKeys(db, now)
  await sealKeysAnew(db, sealer, newest, now)
  const [last] = await readOrMakeKeys(db, sealer, now)
  if (!last) return
  const nextFrom = plusSeconds(now, PUBLISHED_BEFORE_SECONDS)
  if (secondsBetween(last.signsFrom, nextFrom) < SIGNS_FOR_SECONDS) return
  const key = await makeKey(sealer, nextFrom)
  const unless = { after: last.signsFrom, except: [] }
  await addKey(db, key, { unless, overlapSeconds: PUBLISHED_AFTER_SECONDS, now })
}

/**
 * Otherwise the key that signs would be lost with the previous secret, and a new one would sign
 * before origins have fetched it.
 */
async function sealKeysAnew(
  db: D1Database,
  sealer: Sealer,
  newest: Sealer,
  now: Instant,
): Promise<void> {
  for (const { sealedPrivateKey } of await findKeys(db, now)) {
    const anew = await sealAnew(sealedPrivateKey, sealer, newest)
    if (anew !== null) await replaceSealed(db, sealedPrivateKey, anew)
  }
}

interface OpenedKey {
  readonly kid: string
  readonly publicJwk: JsonWebKeyWithKid
  readonly signsFrom: Instant
  /** null: sealed with a secret that we no longer have. The key stays published but cannot sign. */
  readonly key: CryptoKey | null
}

async function readOrMakeKeys(
  db: D1Database,
  sealer: Sealer,
  now: Instant,
): Promise<readonly OpenedKey[]> {
  const stored = await openKeys(await findKeys(db, now), sealer)
  if (stored.some((key) => key.key)) return stored
  const unless = { after: toInstant(0), except: stored.map((key) => key.kid) }
  const terms = { unless, overlapSeconds: PUBLISHED_AFTER_SECONDS, now }
  await addKey(db, await makeKey(sealer, now), terms)
  return openKeys(await findKeys(db, now), sealer)
}

/**
 * Falls back to a key whose time has not come: another isolate's clock ran ahead when it made the
 * key.
 */
function chooseKey(keys: readonly OpenedKey[], now: Instant): SigningKey {
  const usable = keys.flatMap(({ kid, key, signsFrom }) => (key ? [{ kid, key, signsFrom }] : []))
  const chosen = usable.find((key) => key.signsFrom <= now) ?? usable.at(-1)
  if (!chosen) throw new Error('no signing key although one was just stored') // unreachable
  return chosen
}

async function makeKey(sealer: Sealer, signsFrom: Instant): Promise<StoredKey> {
  const pair = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('unreachable: a pair was asked for')
  const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', pair.privateKey)
  if (!('kty' in jwk) || !(pkcs8 instanceof ArrayBuffer)) throw new Error('unreachable: as asked')
  // RFC 7638 §3.2: the key id is the hash of exactly these members in this order.
  const members = { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
  const kid = encodeBase64Url(await sha256(utf8(JSON.stringify(members))))
  return {
    kid,
    publicJwk: JSON.stringify({ ...members, kid, alg: ALGORITHM, use: 'sig' }),
    sealedPrivateKey: await sealer.seal(toPem(new Uint8Array(pkcs8))),
    signsFrom,
  }
}

const toPem = (pkcs8: Bytes): Bytes =>
  utf8(`-----BEGIN PRIVATE KEY-----\n${encodeBase64(pkcs8)}\n-----END PRIVATE KEY-----`)

/** The text comes from our own sealed value, so anything else is a bug and throws. */
async function importPem(pem: string): Promise<CryptoKey> {
  const pkcs8 = decodeBase64(pem.replace(/-----[^-]*-----/g, ''))
  if (!pkcs8.ok) throw new Error('a signing key of ours is not PEM')
  return crypto.subtle.importKey('pkcs8', pkcs8.value, CURVE, false, ['sign'])
}

const openKeys = (stored: readonly StoredKey[], sealer: Sealer): Promise<OpenedKey[]> =>
  Promise.all(
    stored.map(async ({ kid, publicJwk, sealedPrivateKey, signsFrom }) => {
      const opened = await sealer.open(sealedPrivateKey)
      const pem = opened.ok ? decodeUtf8(opened.value) : opened
      const key = pem.ok ? await importPem(pem.value) : null
      return { kid, publicJwk: JSON.parse(publicJwk), signsFrom, key }
    }),
  )
