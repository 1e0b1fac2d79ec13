/**
 * Tokens of transmitters, which another library signs (`@tsndr/cloudflare-worker-jwt`), so that our own
 * JOSE library is not the only witness. Runs in workerd and in Node.
 */
import { sign } from '@tsndr/cloudflare-worker-jwt'
import type { PublicJwk } from '../../src/signals/keys.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'

export const ISSUER = 'https://tr.example.com'
export const AUDIENCE = 'https://sp.example.com/caep'
export const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
export const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'
export const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/'
export const seconds = (at: Date | number): number => Math.floor(Number(at) / 1000)
export const nowSeconds = (): number => seconds(Date.now())

export interface Signer {
  readonly kid: string
  readonly alg: string
  readonly key: CryptoKey
  readonly jwk: PublicJwk
}

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
}

export async function createSigner(kid = 'key-1', alg = 'RS256', bits = 2048): Promise<Signer> {
  const algorithm = alg.startsWith('ES')
    ? { name: 'ECDSA', namedCurve: alg === 'ES384' ? 'P-384' : 'P-256' }
    : { ...RSA, hash: `SHA-${alg.slice(2)}`, modulusLength: bits }
  const pair = (await crypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const { kty, n, e, crv, x, y } = (await crypto.subtle.exportKey(
    'jwk',
    pair.publicKey,
  )) as JsonWebKey
  const parts = kty === 'RSA' ? { n, e } : { crv, x, y }
  const jwk = Object.fromEntries(
    Object.entries({ kty, kid, alg, ...parts }).filter(([, part]) => part !== undefined),
  )
  return { kid, alg, key: pair.privateKey, jwk: { kty, ...jwk } }
}

export type Fields = Readonly<Record<string, unknown>>

export const signToken = async (
  signer: Pick<Signer, 'alg' | 'key'>,
  header: Fields,
  payload: Fields,
): Promise<string> => {
  const token = await sign(payload, signer.key, {
    algorithm: signer.alg,
    header: { ...header },
  })
  keepSecret(token.split('.')[2])
  return token
}

let count = 0
/** A SET as the final version of Shared Signals has it (§4.1). A claim that is undefined is left out. */
export const setOf = (
  signer: Signer,
  type: string,
  {
    event = {},
    claims = {},
    header = {},
  }: { event?: Fields; claims?: Fields; header?: Fields } = {},
): Promise<string> =>
  signToken(
    signer,
    { typ: 'secevent+jwt', kid: signer.kid, ...header },
    {
      iss: ISSUER,
      jti: `set-${++count}`,
      iat: nowSeconds(),
      aud: AUDIENCE,
      sub_id: { format: 'email', email: 'ada@example.com' },
      events: { [type]: event },
      ...claims,
    },
  )
