/** Encrypts elements as identity providers do, or as attackers would: every part can be changed. */
import { concatBytes, decodeBase64, encodeBase64, utf8, type Bytes } from '../../src/lib/bytes.ts'

const XENC = 'http://www.w3.org/2001/04/xmlenc#'
const XENC11 = 'http://www.w3.org/2009/xmlenc11#'
const DS = 'http://www.w3.org/2000/09/xmldsig#'

export type OaepHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'
export const oaepHashes: readonly OaepHash[] = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']

/** An RSA key pair of the service provider. */
export interface SpKey {
  readonly spki: Bytes
  /** One per hash, as openResponse takes them. */
  readonly decryptionKeys: readonly CryptoKey[]
}

export async function createSpKey(modulusLength = 2048): Promise<SpKey> {
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256', modulusLength }
  const pair = (await crypto.subtle.generateKey(
    { ...algorithm, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ['encrypt', 'decrypt'],
  )) as CryptoKeyPair
  const spki = new Uint8Array(
    (await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer,
  )
  const pkcs8 = (await crypto.subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer
  return { spki, decryptionKeys: await importDecryptionKeys(pkcs8) }
}

export const importDecryptionKeys = (
  pkcs8: ArrayBuffer | Bytes,
  hashes: readonly OaepHash[] = oaepHashes,
): Promise<CryptoKey[]> =>
  Promise.all(
    hashes.map((hash) =>
      crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSA-OAEP', hash }, false, ['decrypt']),
    ),
  )

export function decodePem(pem: string): Bytes {
  const bytes = decodeBase64(pem.replace(/-----[^-]+-----/g, ''))
  if (!bytes.ok) throw new Error('a PEM is base64 in a frame')
  return bytes.value
}

export type ContentAlgorithm = `aes${128 | 192 | 256}-${'gcm' | 'cbc'}`
export const contentAlgorithms: readonly ContentAlgorithm[] = [
  'aes128-gcm',
  'aes192-gcm',
  'aes256-gcm',
  'aes128-cbc',
  'aes192-cbc',
  'aes256-cbc',
]

export interface EncryptOptions {
  readonly content?: ContentAlgorithm
  /** The algorithm identifier. mgf1p: rsa-oaep-mgf1p; oaep: the newer rsa-oaep. */
  readonly transport?: 'mgf1p' | 'oaep'
  readonly hash?: OaepHash
  /** Omits DigestMethod and MGF; both default to SHA-1. */
  readonly impliesHash?: boolean
  readonly label?: string
  readonly place?: 'key-info' | 'sibling' | 'retrieval'
  readonly recipient?: string
  /** XML of further EncryptedKeys before or after ours. */
  readonly keysBefore?: string
  readonly keysAfter?: string
  readonly type?: string | null
  /** Changes the IV and the ciphertext. */
  readonly editContent?: (bytes: Bytes) => Bytes
  /** Changes the wrapped key. */
  readonly editKey?: (bytes: Bytes) => Bytes
  /** Replaces XML Encryption's random padding. CBC only. */
  readonly pad?: (bytes: Bytes) => Bytes
  /** Changes the XML of the whole element. */
  readonly edit?: (xml: string) => string
}

/** The plaintext, encrypted in `<saml:EncryptedAssertion>` or another container. */
export async function encrypt(
  plaintext: string | Bytes,
  sp: Pick<SpKey, 'spki'>,
  options: EncryptOptions = {},
  container = 'EncryptedAssertion',
): Promise<string> {
  const content = options.content ?? 'aes256-gcm'
  const [bits, isGcm] = [Number(content.slice(3, 6)), content.endsWith('gcm')]
  const contentKey = crypto.getRandomValues(new Uint8Array(bits / 8))
  const bytes = typeof plaintext === 'string' ? utf8(plaintext) : plaintext
  const sealed = isGcm
    ? await encryptGcm(bytes, contentKey)
    : await encryptCbc((options.pad ?? padRandomly)(bytes), contentKey)
  const value = encodeBase64(options.editContent?.(sealed) ?? sealed)
  const key = await encryptedKey(contentKey, sp, options)
  const keys = (options.keysBefore ?? '') + key + (options.keysAfter ?? '')
  const inKeyInfo = { 'key-info': keys, sibling: '', retrieval: RETRIEVAL }[
    options.place ?? 'key-info'
  ]
  const beside = (options.place ?? 'key-info') === 'key-info' ? '' : keys
  const type = options.type === undefined ? `${XENC}Element` : options.type
  const xml =
    `<saml:${container} xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="${XENC}"${type === null ? '' : ` Type="${type}"`}>` +
    `<xenc:EncryptionMethod Algorithm="${isGcm ? XENC11 : XENC}${content}"/>` +
    (inKeyInfo === '' ? '' : `<ds:KeyInfo xmlns:ds="${DS}">${inKeyInfo}</ds:KeyInfo>`) +
    `<xenc:CipherData><xenc:CipherValue>${value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>${beside}</saml:${container}>`
  return options.edit?.(xml) ?? xml
}

const RETRIEVAL = `<ds:RetrievalMethod Type="${XENC}EncryptedKey" URI="#_key"/>`

export async function encryptedKey(
  contentKey: Bytes,
  sp: Pick<SpKey, 'spki'>,
  options: EncryptOptions = {},
): Promise<string> {
  const hash = options.hash ?? 'SHA-1'
  const label = options.label === undefined ? null : utf8(options.label)
  const key = await crypto.subtle.importKey('spki', sp.spki, { name: 'RSA-OAEP', hash }, false, [
    'encrypt',
  ])
  const parameters = label ? { name: 'RSA-OAEP', label } : { name: 'RSA-OAEP' }
  const wrapped = new Uint8Array(await crypto.subtle.encrypt(parameters, key, contentKey))
  const isOld = (options.transport ?? 'mgf1p') === 'mgf1p'
  const digest = `<ds:DigestMethod xmlns:ds="${DS}" Algorithm="${digestUris[hash]}"/>`
  const mask = isOld
    ? ''
    : `<xenc11:MGF xmlns:xenc11="${XENC11}" Algorithm="${XENC11}mgf1${hash.toLowerCase().replace('-', '')}"/>`
  const oaepParams = label ? `<xenc:OAEPparams>${encodeBase64(label)}</xenc:OAEPparams>` : ''
  const recipient = options.recipient === undefined ? '' : ` Recipient="${options.recipient}"`
  const id = options.place === 'retrieval' ? ' Id="_key"' : ''
  const value = encodeBase64(options.editKey?.(wrapped) ?? wrapped)
  return (
    `<xenc:EncryptedKey xmlns:xenc="${XENC}"${id}${recipient}>` +
    `<xenc:EncryptionMethod Algorithm="${isOld ? `${XENC}rsa-oaep-mgf1p` : `${XENC11}rsa-oaep`}">${oaepParams}${options.impliesHash ? '' : digest + mask}</xenc:EncryptionMethod>` +
    `<xenc:CipherData><xenc:CipherValue>${value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`
  )
}

const digestUris: Readonly<Record<OaepHash, string>> = {
  'SHA-1': `${DS}sha1`,
  'SHA-256': `${XENC}sha256`,
  'SHA-384': 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  'SHA-512': `${XENC}sha512`,
}

async function encryptGcm(bytes: Bytes, contentKey: Bytes): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const key = await crypto.subtle.importKey('raw', contentKey, 'AES-GCM', false, ['encrypt'])
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes)
  return concatBytes(iv, new Uint8Array(sealed))
}

/** Cuts off the padding block that WebCrypto adds. */
async function encryptCbc(padded: Bytes, contentKey: Bytes): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(16))
  const key = await crypto.subtle.importKey('raw', contentKey, 'AES-CBC', false, ['encrypt'])
  const sealed = await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, padded)
  return concatBytes(iv, new Uint8Array(sealed).slice(0, padded.length))
}

/** XML Encryption §5.2.1: random bytes, then one byte with the number of added bytes. */
function padRandomly(bytes: Bytes): Bytes {
  const count = 16 - (bytes.length % 16)
  const chance = crypto.getRandomValues(new Uint8Array(count - 1))
  return concatBytes(bytes, chance, Uint8Array.of(count))
}

/** Padding whose last byte is `last`. */
export const padWith =
  (last: number) =>
  (bytes: Bytes): Bytes => {
    const padded = padRandomly(bytes)
    padded[padded.length - 1] = last
    return padded
  }
