import { knownCertificates } from '../../../src/connection/known-certificates.ts'
import { rememberCertificates } from '../../../src/connection/remember-certificates.ts'
import { openResponse } from '../../../src/saml/index.ts'
import { decodePem, importDecryptionKeys } from '../../signing/encryptor.ts'
import type { Open } from '../message.ts'

/** As in an isolate of Gatehouse. */
const prepareCertificate = rememberCertificates(knownCertificates())

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
  const keys = await importDecryptionKeys(decodePem(pem), ['SHA-1'])
  decryptionKeys.set(pem, keys)
  return keys
}
