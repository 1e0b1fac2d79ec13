/** A device as a browser has one: it makes the JWTs of Device Bound Session Credentials. */
import { encodeBase64Url, utf8 } from '../../src/lib/bytes.ts'

export interface Device {
  readonly jwk: Readonly<Record<string, unknown>>
  /** @param header in place of the one that Chromium 156 sends. */
  sign(
    claims: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ): Promise<string>
}

export async function createDevice(): Promise<Device> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('no pair')
  const exported = await crypto.subtle.exportKey('jwk', pair.publicKey)
  if (!('x' in exported)) throw new Error('no JWK')
  const { kty, crv, x, y } = exported
  return {
    jwk: { kty, crv, x, y },
    async sign(claims, header = {}) {
      const head = { alg: 'ES256', typ: 'dbsc+jwt', ...header }
      const signed = [head, claims]
        .map((part) => encodeBase64Url(utf8(JSON.stringify(part))))
        .join('.')
      const signature = await crypto.subtle.sign(
        { name: 'ECDSA', hash: 'SHA-256' },
        pair.privateKey,
        utf8(signed),
      )
      return `${signed}.${encodeBase64Url(new Uint8Array(signature))}`
    },
  }
}

/** The challenge in a `Secure-Session-Registration` or `Secure-Session-Challenge` header. */
export const challengeIn = (header: string | null): string =>
  /challenge="([^"]+)"|^"([^"]+)"/
    .exec(header ?? '')
    ?.slice(1)
    .find(Boolean) ?? ''
