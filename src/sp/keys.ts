/**
 * Our keys towards the identity providers: one that they encrypt for, and one that signs our
 * requests. They are made when a connection is added, or else by cron: an RSA key takes longer than
 * all the rest of a sign-in. A request that needs a key that is missing all the same makes it. Only
 * the operator rotates them (cli/keys), because IdPs hold a copy of our certificate.
 */
import { encodeBase64, type Bytes } from '../lib/bytes.ts'
import { plusSeconds, secondsBetween, type Instant } from '../lib/instant.ts'
import { sealAnew, type Sealer } from '../lib/seal.ts'
import type { Hash } from '../saml/algorithms.ts'
import type { SpMetadata } from '../saml/metadata/sp.ts'
import { selfSigned } from '../saml/outgoing/self-signed.ts'
import type { RequestSignature, RequestSigner } from '../saml/outgoing/sign.ts'
import {
  addFirstGeneration,
  addSpKey,
  findGenerations,
  findNeeds,
  resealSpKey,
  type Generation,
  type SpKeyKind,
  type StoredSpKey,
} from './store.ts'

/** The purpose to pass to createSealer. */
export const SP_KEYS_PURPOSE = 'sp-keys'

const REREAD_SECONDS = 60
/** IdPs pin the certificate and mostly ignore its dates, so it is valid for a long time. */
const CERTIFICATE_SECONDS = 10 * 365 * 86_400

export interface SpKeys {
  /**
   * The decryption keys of all generations for `openResponse`, each imported once per OAEP hash.
   * Makes no keys.
   */
  decryptionKeys(now: Instant): Promise<readonly CryptoKey[]>
  /** The signing key of the current generation. Makes one if there is none. */
  signer(algorithm: RequestSignature, now: Instant): Promise<RequestSigner>
  /** The certificates for our metadata. Makes keys if there are none. */
  certificates(
    algorithm: RequestSignature,
    now: Instant,
  ): Promise<Pick<SpMetadata, 'signing' | 'encryption'>>
}

interface OpenedKey {
  readonly decryption: readonly CryptoKey[]
  readonly signing: CryptoKey | null
}

/** Caches the keys for REREAD_SECONDS, so most requests read nothing. */
export function createSpKeys(db: D1Database, sealer: Sealer): SpKeys {
  let cached: { readonly readAt: Instant; readonly generations: readonly Generation[] } | null =
    null
  const opened = new Map<string, OpenedKey | null>()

  async function read(now: Instant): Promise<readonly Generation[]> {
    if (cached && Math.abs(secondsBetween(cached.readAt, now)) < REREAD_SECONDS) {
      return cached.generations
    }
    const generations = await findGenerations(db)
    cached = { readAt: now, generations }
    return generations
  }

  /** All generations, with keys of the given kinds. */
  async function readOrMake(
    kinds: readonly SpKeyKind[],
    now: Instant,
  ): Promise<readonly Generation[]> {
    const known = await read(now)
    const wanted = wantedOf(known, kinds)
    if (wanted.size === 0) return known
    await makeKeys(db, sealer, wanted, now)
    cached = null
    return read(now)
  }

  async function open({ kind, sealedPrivateKey }: StoredSpKey): Promise<OpenedKey | null> {
    const before = opened.get(sealedPrivateKey)
    if (before !== undefined) return before
    const bytes = await sealer.open(sealedPrivateKey)
    const key = bytes.ok ? await importKey(kind, bytes.value) : null
    opened.set(sealedPrivateKey, key)
    return key
  }

  return {
    async decryptionKeys(now) {
      const stored = (await read(now)).flatMap(({ keys }) => keysOf(keys, 'encryption'))
      const keys = await Promise.all(stored.map(open))
      return keys.flatMap((key) => key?.decryption ?? [])
    },

    async signer(algorithm, now) {
      const current = (await readOrMake([algorithm], now)).find(({ state }) => state === 'current')
      const [stored] = keysOf(current?.keys ?? [], algorithm)
      const key = stored ? await open(stored) : null
      if (!stored || !key?.signing) {
        throw new Error('our signing key does not open: was it sealed under another secret?')
      }
      return { algorithm, key: key.signing, certificate: stored.certificate }
    },

    async certificates(algorithm, now) {
      const generations = await readOrMake(['encryption', algorithm], now)
      const certificatesOf = (kind: SpKeyKind) =>
        generations.flatMap(({ keys }) => keysOf(keys, kind).map(({ certificate }) => certificate))
      return {
        signing: certificatesOf(algorithm),
        // Only the newest: its key can already decrypt, so an IdP that reads our metadata moves to
        // it by itself.
        encryption: certificatesOf('encryption').slice(0, 1),
      }
    },
  }
}

/** Makes the keys that connections need, where they are missing. */
export async function makeSpKeys(
  db: D1Database,
  sealer: Sealer,
  algorithms: readonly RequestSignature[],
  now: Instant,
): Promise<void> {
  await makeKeys(db, sealer, wantedOf(await findGenerations(db), kindsFor(algorithms)), now)
}

/** What identity providers encrypt for, and what signs our messages to them. */
const kindsFor = (algorithms: readonly RequestSignature[]): readonly SpKeyKind[] =>
  algorithms.length === 0 ? [] : ['encryption', ...algorithms]

interface Tending {
  readonly sealer: Sealer
  readonly newest: Sealer
  readonly usual: RequestSignature
}

/**
 * For cron. Makes missing keys, of the next generation too, and seals keys again that an older
 * secret sealed, so that the operator can remove the older secret.
 *
 * @param newest opens only what the current secret sealed.
 * @param usual the algorithm of a connection that names none.
 */
export async function tendSpKeys(
  db: D1Database,
  { sealer, newest, usual }: Tending,
  now: Instant,
): Promise<void> {
  const { generations, algorithms } = await findNeeds(db, usual)
  await makeKeys(db, sealer, wantedOf(generations, kindsFor(algorithms)), now)
  for (const { sealedPrivateKey } of generations.flatMap(({ keys }) => keys)) {
    const anew = await sealAnew(sealedPrivateKey, sealer, newest)
    if (anew !== null) await resealSpKey(db, sealedPrivateKey, anew)
  }
}

/**
 * The decryption keys of these generations, one entry per stored key; null: it cannot be opened
 * with our secret.
 */
export const openDecryptionKeys = (
  generations: readonly Generation[],
  sealer: Sealer,
): Promise<readonly (readonly CryptoKey[] | null)[]> =>
  Promise.all(
    generations
      .flatMap(({ keys }) => keysOf(keys, 'encryption'))
      .map(async ({ sealedPrivateKey }) => {
        const bytes = await sealer.open(sealedPrivateKey)
        return bytes.ok ? (await importKey('encryption', bytes.value)).decryption : null
      }),
  )

const keysOf = (keys: readonly StoredSpKey[], kind: SpKeyKind): readonly StoredSpKey[] =>
  keys.filter((key) => key.kind === kind)

/**
 * Empty, or the kinds of which some generation lacks one: the given ones, and those of the current
 * generation.
 */
function wantedOf(
  generations: readonly Generation[],
  kinds: readonly SpKeyKind[],
): ReadonlySet<SpKeyKind> {
  const inUse = generations.flatMap(({ state, keys }) =>
    state === 'current' ? keys.map(({ kind }) => kind) : [],
  )
  const wanted = new Set([...kinds, ...inUse])
  const isMade =
    generations.length > 0 && generations.every((each) => !missing(each, wanted).length)
  return isMade ? new Set() : wanted
}

/** The last generation gets no new keys. */
const missing = (
  { state, keys }: Generation,
  kinds: ReadonlySet<SpKeyKind>,
): readonly SpKeyKind[] =>
  state === 'last' ? [] : [...kinds].filter((kind) => keysOf(keys, kind).length === 0)

/** Makes keys of these kinds where they are missing; none: does nothing. */
async function makeKeys(
  db: D1Database,
  sealer: Sealer,
  wanted: ReadonlySet<SpKeyKind>,
  now: Instant,
): Promise<void> {
  if (wanted.size === 0) return
  // Before any key, so that no key is made where D1 cannot write.
  await addFirstGeneration(db, now)
  for (const each of await findGenerations(db)) {
    for (const kind of missing(each, wanted)) {
      const key = await makeKey(kind, each.generation, sealer, now)
      await addSpKey(db, each.generation, key, now)
    }
  }
}

async function makeKey(
  kind: SpKeyKind,
  generation: number,
  sealer: Sealer,
  now: Instant,
): Promise<StoredSpKey> {
  const rsa = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  }
  const algorithm = kind === 'ecdsa-sha256' ? { name: 'ECDSA', namedCurve: 'P-256' } : rsa
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('unreachable: a pair was asked for')
  const certificate = await selfSigned(
    {
      commonName: `Gatehouse ${kind === 'encryption' ? 'encryption' : 'signing'} ${generation}`,
      spki: await exported('spki', pair.publicKey),
      notBefore: now,
      notAfter: plusSeconds(now, CERTIFICATE_SECONDS),
      // Made here and not an argument: it only has to differ between certificates.
      serial: crypto.getRandomValues(new Uint8Array(15)),
    },
    pair.privateKey,
  )
  return {
    kind,
    certificate: encodeBase64(certificate),
    sealedPrivateKey: await sealer.seal(await exported('pkcs8', pair.privateKey)),
  }
}

async function exported(format: 'spki' | 'pkcs8', key: CryptoKey): Promise<Bytes> {
  const bytes = await crypto.subtle.exportKey(format, key)
  if (!(bytes instanceof ArrayBuffer)) throw new Error('unreachable: no JWK was asked for')
  return new Uint8Array(bytes)
}

const oaepHashes: readonly Hash[] = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']

/**
 * WebCrypto binds an RSA key to a hash at import, and the IdP chooses the hash: import the key once
 * per hash.
 */
async function importKey(kind: SpKeyKind, pkcs8: Bytes): Promise<OpenedKey> {
  if (kind === 'encryption') {
    const imports = oaepHashes.map((hash) =>
      crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSA-OAEP', hash }, false, ['decrypt']),
    )
    return { decryption: await Promise.all(imports), signing: null }
  }
  const algorithm =
    kind === 'ecdsa-sha256'
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign'])
  return { decryption: [], signing: key }
}
