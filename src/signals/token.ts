/** Signed tokens (RFC 7515, RFC 7519): what they say exists only where their signature holds. */
import { compactVerify } from 'jose/jws/compact/verify'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import { decodeObject, readObject } from '../lib/jws.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseAlgorithm, type Algorithm, type PublicJwk, type Wanted } from './keys.ts'

export type Claims = Readonly<Record<string, unknown>>

export type TokenFault =
  /** It is no compact JWS, or its header or payload is no JSON object. */
  | 'malformed'
  /** Its header has another `typ` (RFC 8725 §3.11). */
  | 'type'
  | 'algorithm'
  /** No key that the issuer publishes is the one that it names. */
  | 'unknown-key'
  | 'signature'

export interface Unverified extends Wanted {
  readonly text: string
}

/** The header alone, which chooses the key and nothing else. */
export function readHeader(text: string, type: string): Result<Unverified, TokenFault> {
  const parts = text.split('.')
  const [encoded = ''] = parts
  const header = parts.length === 3 ? decodeObject(encoded) : null
  if (!header) return err('malformed')
  const { typ, kid, alg } = header
  // RFC 7515 §4.1.9: `application/` may be left out.
  const isType = typeof typ === 'string' && typ.toLowerCase().replace(/^application\//, '') === type
  if (!isType) return err('type')
  const known: Algorithm | null = parseAlgorithm(alg)
  if (known === null) return err('algorithm')
  return ok({ text, alg: known, kid: typeof kid === 'string' ? kid : null })
}

/** What the token says before its signature was verified: for choosing where to look for keys. */
export const peekIssuer = ({ text }: Unverified): unknown =>
  decodeObject(text.split('.')[1] ?? '')?.['iss']

export async function verifyToken(
  { text, alg }: Unverified,
  keys: readonly (CryptoKey | PublicJwk)[],
): Promise<Result<Claims, TokenFault>> {
  if (keys.length === 0) return err('unknown-key')
  for (const key of keys) {
    // jose throws where the signature or the key is wrong.
    const verified = await compactVerify(text, key, { algorithms: [alg] }).catch(() => null)
    if (!verified) continue
    const claims = readObject(verified.payload)
    return claims ? ok(claims) : err('malformed')
  }
  return err('signature')
}

export type ClaimFault =
  | 'issuer'
  | 'audience'
  /** `iat` or `jti` is missing, or is no time and no name. */
  | 'no-identity'
  | 'expired'
  /** By its `iat` or `nbf`, it is from the future. */
  | 'not-yet'

export interface Expected {
  readonly issuer: string
  /** One of these. */
  readonly audience: readonly string[]
  readonly now: Instant
}

export interface Identity {
  readonly jti: string
  readonly issuedAt: Instant
  /** null: it does not expire. */
  readonly expiresAt: Instant | null
}

/** How far the clock of an issuer may be away from ours. */
export const SKEW_SECONDS = 60
const MOST_ID = 512

export function checkClaims(
  { iss, aud, iat, exp, nbf, jti }: Claims,
  { issuer, audience, now }: Expected,
): Result<Identity, ClaimFault> {
  if (iss !== issuer) return err('issuer')
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audiences.some((each) => audience.some((own) => own === each))) return err('audience')
  const [issuedAt, expiresAt, notBefore] = [iat, exp, nbf].map(readTime)
  const isNamed = typeof jti === 'string' && jti !== '' && jti.length <= MOST_ID
  if (!isNamed || !issuedAt || (exp !== undefined && !expiresAt)) return err('no-identity')
  if (nbf !== undefined && !notBefore) return err('no-identity')
  if (expiresAt && expiresAt <= plusSeconds(now, -SKEW_SECONDS)) return err('expired')
  const soonest = plusSeconds(now, SKEW_SECONDS)
  if (issuedAt > soonest || (notBefore && notBefore > soonest)) return err('not-yet')
  return ok({ jti, issuedAt, expiresAt: expiresAt ?? null })
}

/** 2100: a later one is a mistake. */
const LATEST_SECONDS = 4_102_444_800

/** NumericDate (RFC 7519 §2). null: it is none. */
export const readTime = (value: unknown): Instant | null =>
  typeof value === 'number' && value > 0 && value < LATEST_SECONDS
    ? toInstant(Math.floor(value * 1000))
    : null
