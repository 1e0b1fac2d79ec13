import { selfSigned, toPem } from '../../tools/signing/certificate.ts'

/** The key and certificate that the identity provider signs with, as PEM. */
export interface IdpKey {
  readonly key: string
  readonly cert: string
}

/** A new key at each start, because a demo has nothing worth protecting. */
export async function createIdpKey(): Promise<IdpKey> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: 'SHA-256',
  }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('no key pair') // unreachable: RSA keys come in pairs
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  if (!(pkcs8 instanceof ArrayBuffer)) throw new Error('no PKCS #8') // unreachable
  const certificate = await selfSigned(keys, { commonName: 'Northwind ID' })
  return {
    key: toPem('PRIVATE KEY', Buffer.from(pkcs8).toString('base64')),
    cert: toPem('CERTIFICATE', certificate),
  }
}
