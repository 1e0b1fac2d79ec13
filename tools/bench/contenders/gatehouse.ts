import { decodeBase64 } from '../../../src/lib/bytes.ts'
import { rememberCertificates } from '../../../src/connection/remember-certificates.ts'
import { openResponse } from '../../../src/saml/index.ts'
import type { Open } from '../message.ts'

/** As in an isolate of Gatehouse. */
const prepareCertificate = rememberCertificates()

/** Imported once, as a Worker does at start-up. */
const decryptionKeys = new Map<string, readonly CryptoKey[]>()

export const open: Open = async (posted, message) => {
  const opened = await openResponse(posted, {
    idp: {
      entityId: message.idpEntityId,
      certificates: [message.certificate],
      prepareCertificate,
    },
    sp: {
      entityId: message.spEntityId,
      acsUrl: message.acsUrl,
      decryptionKeys: message.decryptionKey ? await imported(message.decryptionKey) : [],
    },
    inResponseTo: message.inResponseTo,
    now: new Date(),
  })
  if (!opened.ok) throw new Error(opened.error.reason)
  return opened.value.nameId ?? ''
}

async function imported(pem: string): Promise<readonly CryptoKey[]> {
  const known = decryptionKeys.get(pem)
  if (known) return known
  const pkcs8 = decodeBase64(pem.replaceAll(/-----[^-]+-----/g, ''))
  if (!pkcs8.ok) throw new Error('a PEM is base64 in a frame')
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' }
  const keys = [await crypto.subtle.importKey('pkcs8', pkcs8.value, algorithm, false, ['decrypt'])]
  decryptionKeys.set(pem, keys)
  return keys
}
