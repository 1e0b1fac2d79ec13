/** The public keys of an issuer, from its JWKS (RFC 7517) or from the certificates of a connection. */
import { isRecord, parseJson } from '../lib/json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseCertificate } from '../saml/certificate.ts'

/** Asymmetric ones only (RFC 7518 §3.1, RFC 9864). No other algorithm exists here. */
const algorithms = {
  RS256: 'RSA',
  RS384: 'RSA',
  RS512: 'RSA',
  PS256: 'RSA',
  PS384: 'RSA',
  PS512: 'RSA',
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
  Ed25519: 'Ed25519',
} as const
export type Algorithm = keyof typeof algorithms

export const parseAlgorithm = (name: unknown): Algorithm | null =>
  Object.keys(algorithms).find((each): each is Algorithm => each === name) ?? null

export interface PublicJwk {
  readonly kty: string
  readonly kid?: string
  readonly alg?: string
  readonly crv?: string
  readonly n?: string
  readonly e?: string
  readonly x?: string
  readonly y?: string
}

export type KeysFault = 'not-a-key-set' | 'no-key' | 'too-many-keys'

const MOST_KEYS = 20
const MOST_TEXT = 2000

/**
 * Keys of kinds that we do not use are passed over, as RFC 7517 §5 says, and so are keys that are not
 * for signatures. Nothing else of a key is kept: a private part that is published by mistake is not.
 */
export function parseKeys(text: string): Result<readonly PublicJwk[], KeysFault> {
  const json = parseJson(text, 10)
  const set = json.ok && isRecord(json.value) ? json.value['keys'] : null
  if (!Array.isArray(set)) return err('not-a-key-set')
  const keys = set.flatMap((each: unknown) => readKey(each) ?? [])
  if (keys.length > MOST_KEYS) return err('too-many-keys')
  return keys.length === 0 ? err('no-key') : ok(keys)
}

function readKey(value: unknown): PublicJwk | null {
  if (!isRecord(value) || (value['use'] !== undefined && value['use'] !== 'sig')) return null
  const kind = kindOf(value)
  if (kind === null) return null
  const names = ['kty', 'kid', 'alg', 'crv', ...(kind === 'RSA' ? ['n', 'e'] : ['x', 'y'])]
  const parts = names.flatMap((name): readonly (readonly [string, string])[] => {
    const part = value[name]
    return typeof part === 'string' && part.length <= MOST_TEXT ? [[name, part]] : []
  })
  return { kty: '', ...Object.fromEntries(parts) }
}

type Kind = (typeof algorithms)[Algorithm]

/** null: no key that we use, such as a symmetric one. */
function kindOf({ kty, crv }: Readonly<Record<string, unknown>>): Kind | null {
  if (kty === 'RSA') return 'RSA'
  const curve = Object.values(algorithms).find((kind) => kind === crv) ?? null
  if (curve === 'Ed25519') return kty === 'OKP' ? curve : null
  return kty === 'EC' ? curve : null
}

export interface Wanted {
  readonly alg: Algorithm
  /** null: the token names no key. */
  readonly kid: string | null
}

/** The keys that may have made a signature. RFC 7515 §4.1.4: `kid` is a hint, and may be missing. */
export const chooseKeys = (
  keys: readonly PublicJwk[],
  { alg, kid }: Wanted,
): readonly PublicJwk[] =>
  keys.filter(
    (key) =>
      kindOf({ ...key }) === algorithms[alg] &&
      (key.alg === undefined || key.alg === alg) &&
      (kid === null || key.kid === kid),
  )

/** As WebCrypto imports them. A certificate that cannot be read has no key. */
export async function keysOfCertificates(
  certificates: readonly string[],
  alg: Algorithm,
): Promise<readonly CryptoKey[]> {
  const keys = certificates.map(async (text) => {
    const certificate = parseCertificate(text)
    if (!certificate.ok) return []
    const { key, spki } = certificate.value
    if ((key.kind === 'rsa' ? 'RSA' : key.curve) !== algorithms[alg]) return []
    return [await crypto.subtle.importKey('spki', spki, importOf(alg), false, ['verify'])]
  })
  return (await Promise.all(keys)).flat()
}

function importOf(alg: Algorithm) {
  const kind = algorithms[alg]
  if (kind !== 'RSA') return { name: 'ECDSA', namedCurve: kind }
  const hash = `SHA-${alg.slice(2)}`
  return { name: alg.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash }
}
