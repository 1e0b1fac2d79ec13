/** The key and the certificate of a server for TLS that no authority has signed. */
import { selfSigned, toPem } from '../../tools/signing/certificate.ts'

export async function createSelfSigned(
  commonName = 'localhost',
): Promise<{ readonly key: string; readonly cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('no key pair')
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  if (!(key instanceof ArrayBuffer)) throw new Error('no PKCS #8')
  return {
    key: toPem('PRIVATE KEY', Buffer.from(key).toString('base64')),
    cert: toPem('CERTIFICATE', await selfSigned(keys, { commonName })),
  }
}
