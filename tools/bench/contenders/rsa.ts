/** Not a library: the one RSA operation that nobody who decrypts a response can do without. */
import { decodeBase64, decodeUtf8, type Bytes } from '../../../src/lib/bytes.ts'
import { decodePem, importDecryptionKeys } from '../../signing/encryptor.ts'
import type { Open } from '../message.ts'

let last: { readonly posted: string; readonly key: CryptoKey; readonly wrapped: Bytes } | null =
  null

export const open: Open = async (posted, { decryptionKey }) => {
  if (decryptionKey === null) throw new Error('there is nothing to decrypt')
  if (last?.posted !== posted) last = { posted, ...(await read(posted, decryptionKey)) }
  const contentKey = await crypto.subtle.decrypt({ name: 'RSA-OAEP' }, last.key, last.wrapped)
  return String(contentKey.byteLength)
}

async function read(posted: string, pem: string) {
  const bytes = decodeBase64(posted)
  const xml = bytes.ok ? decodeUtf8(bytes.value) : bytes
  // The key's own CipherValue comes before that of the content.
  const [, value = '?'] = (xml.ok && /CipherValue>([^<]*)</.exec(xml.value)) || []
  const wrapped = decodeBase64(value)
  const [key] = await importDecryptionKeys(decodePem(pem), ['SHA-1'])
  if (!wrapped.ok || !key) throw new Error('the message has no wrapped key')
  return { key, wrapped: wrapped.value }
}
