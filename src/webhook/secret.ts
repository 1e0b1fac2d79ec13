/** The secret of a webhook, and the signature that it makes (Standard Webhooks 1.0, symmetric). */
import { encodeBase64, utf8, type Bytes } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'

/** Standard Webhooks wants 24 to 64 bytes. */
export const SECRET_BYTES = 32

/** As the receiver is told it. */
export const showSecret = (secret: Bytes): string => `whsec_${encodeBase64(secret)}`

export interface Signed {
  readonly id: string
  readonly body: string
  /** One; or during a rotation the new and the old one. */
  readonly secrets: readonly Bytes[]
}

/** The headers of a message. The time is that of the attempt, so that a receiver can refuse old ones. */
export async function signatureHeaders(
  { id, body, secrets }: Signed,
  now: Instant,
): Promise<Readonly<Record<string, string>>> {
  const timestamp = String(Math.floor(now / 1000))
  const content = utf8(`${id}.${timestamp}.${body}`)
  const signatures = await Promise.all(
    secrets.map(async (secret) => {
      const hmac = { name: 'HMAC', hash: 'SHA-256' }
      const key = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign'])
      const signature = await crypto.subtle.sign('HMAC', key, content)
      return `v1,${encodeBase64(new Uint8Array(signature))}`
    }),
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}
