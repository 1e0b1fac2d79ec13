/** XML Encryption for the service provider. Anybody who has read its metadata can do this. */
import { concatBytes, encodeBase64, utf8, type Bytes } from '../../src/lib/bytes.ts'
import { encryptPkcs1 } from './rsa.ts'
import { DS, SAML } from './text.ts'

const XENC = 'http://www.w3.org/2001/04/xmlenc#'
const XENC11 = 'http://www.w3.org/2009/xmlenc11#'

export interface Encryption {
  readonly cipher?: 'aes256-cbc' | 'aes256-gcm'
  readonly transport?: 'rsa-oaep-mgf1p' | 'rsa-1_5'
  /** Replaces the correct padding of the last CBC block. */
  readonly padding?: (length: number) => Bytes
  /** Changes the ciphertext before it is written. */
  readonly editCipher?: (bytes: Bytes) => Bytes
  readonly element?: 'EncryptedAssertion' | 'EncryptedID' | 'EncryptedAttribute'
}

/** An EncryptedAssertion with this plaintext, for the owner of `publicKey`. */
export async function encrypted(
  text: string,
  publicKey: CryptoKey,
  encryption: Encryption = {},
): Promise<string> {
  const { cipher = 'aes256-gcm', transport = 'rsa-oaep-mgf1p' } = encryption
  const name = cipher === 'aes256-gcm' ? 'AES-GCM' : 'AES-CBC'
  const raw = crypto.getRandomValues(new Uint8Array(32))
  const key = await crypto.subtle.importKey('raw', raw, name, false, ['encrypt'])
  const sealed =
    name === 'AES-GCM' ? await seal(key, utf8(text)) : await chain(key, utf8(text), encryption)
  const data = encryption.editCipher?.(sealed) ?? sealed
  const wrapped =
    transport === 'rsa-1_5' ? await encryptPkcs1(publicKey, raw) : await oaep(publicKey, raw)
  const uri = cipher === 'aes256-gcm' ? `${XENC11}aes256-gcm` : `${XENC}aes256-cbc`
  const element = encryption.element ?? 'EncryptedAssertion'
  return (
    `<saml:${element} xmlns:saml="${SAML}"><xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element">` +
    `<xenc:EncryptionMethod Algorithm="${uri}"/><ds:KeyInfo xmlns:ds="${DS}"><xenc:EncryptedKey>` +
    `<xenc:EncryptionMethod Algorithm="${XENC}${transport}">${transport === 'rsa-1_5' ? '' : `<ds:DigestMethod Algorithm="${DS}sha1"/>`}</xenc:EncryptionMethod>` +
    `${cipherData(wrapped)}</xenc:EncryptedKey></ds:KeyInfo>${cipherData(data)}</xenc:EncryptedData></saml:${element}>`
  )
}

const cipherData = (bytes: Bytes): string =>
  `<xenc:CipherData><xenc:CipherValue>${encodeBase64(bytes)}</xenc:CipherValue></xenc:CipherData>`

async function seal(key: CryptoKey, text: Bytes): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return concatBytes(
    iv,
    new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text)),
  )
}

/**
 * XML Encryption §5.2.1: random padding whose last byte is its length. The padding block that
 * WebCrypto adds is cut off.
 */
async function chain(key: CryptoKey, text: Bytes, { padding }: Encryption): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(16))
  const length = 16 - (text.length % 16)
  const filling = crypto.getRandomValues(new Uint8Array(length))
  filling[length - 1] = length
  const whole = concatBytes(text, padding?.(length) ?? filling)
  const blocks = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, whole))
  return concatBytes(iv, blocks.slice(0, -16))
}

async function oaep(publicKey: CryptoKey, message: Bytes): Promise<Bytes> {
  const spki = await crypto.subtle.exportKey('spki', publicKey)
  if (!(spki instanceof ArrayBuffer)) throw new Error('an SPKI is a buffer')
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' }
  const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['encrypt'])
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'RSA-OAEP' }, key, message))
}
