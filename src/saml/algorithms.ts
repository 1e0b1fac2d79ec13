/**
 * The algorithms that Gatehouse accepts. An algorithm outside these tables is refused: no HMAC, no
 * MD5, no `none`.
 */

export interface SignatureMethod {
  readonly name: 'RSASSA-PKCS1-v1_5' | 'ECDSA'
  readonly hash: Hash
}

export type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

const signatureMethods: ReadonlyMap<string, SignatureMethod> = new Map([
  [
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ],
  [
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' },
  ],
  [
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
  ],
  ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', { name: 'ECDSA', hash: 'SHA-256' }],
  ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384', { name: 'ECDSA', hash: 'SHA-384' }],
  ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512', { name: 'ECDSA', hash: 'SHA-512' }],
  // Accepted only under `allowSha1`.
  ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' }],
])

const digestMethods: ReadonlyMap<string, Hash> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'SHA-256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'SHA-384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'SHA-512'],
  // Accepted only under `allowSha1`.
  ['http://www.w3.org/2000/09/xmldsig#sha1', 'SHA-1'],
])

export const signatureMethodOf = (uri: string): SignatureMethod | null =>
  signatureMethods.get(uri) ?? null

export const digestMethodOf = (uri: string): Hash | null => digestMethods.get(uri) ?? null

/** An algorithm that encrypts content (XML Encryption §5.2). */
export interface ContentMethod {
  readonly name: 'AES-GCM' | 'AES-CBC'
  readonly bits: 128 | 192 | 256
}

/**
 * In the order in which our metadata lists them, preferred first. No 3DES: its 64-bit blocks are
 * too short.
 */
export const contentMethods: ReadonlyMap<string, ContentMethod> = new Map([
  ['http://www.w3.org/2009/xmlenc11#aes256-gcm', { name: 'AES-GCM', bits: 256 }],
  ['http://www.w3.org/2009/xmlenc11#aes192-gcm', { name: 'AES-GCM', bits: 192 }],
  ['http://www.w3.org/2009/xmlenc11#aes128-gcm', { name: 'AES-GCM', bits: 128 }],
  ['http://www.w3.org/2001/04/xmlenc#aes256-cbc', { name: 'AES-CBC', bits: 256 }],
  ['http://www.w3.org/2001/04/xmlenc#aes192-cbc', { name: 'AES-CBC', bits: 192 }],
  ['http://www.w3.org/2001/04/xmlenc#aes128-cbc', { name: 'AES-CBC', bits: 128 }],
])

/**
 * The two identifiers of RSA-OAEP (XML Encryption §5.5.2). The older one always masks with
 * MGF1-SHA-1, whatever its digest; the newer one names both. RSA PKCS#1 v1.5 is missing on purpose:
 * its padding errors leak the plaintext (Bleichenbacher 1998), and WebCrypto does not have it.
 */
export const RSA_OAEP_MGF1P = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p'
export const RSA_OAEP = 'http://www.w3.org/2009/xmlenc11#rsa-oaep'

const oaepDigests: ReadonlyMap<string, Hash> = new Map([
  ...digestMethods,
  ['http://www.w3.org/2001/04/xmlenc#sha384', 'SHA-384'],
])

const maskFunctions: ReadonlyMap<string, Hash> = new Map([
  ['http://www.w3.org/2009/xmlenc11#mgf1sha1', 'SHA-1'],
  ['http://www.w3.org/2009/xmlenc11#mgf1sha256', 'SHA-256'],
  ['http://www.w3.org/2009/xmlenc11#mgf1sha384', 'SHA-384'],
  ['http://www.w3.org/2009/xmlenc11#mgf1sha512', 'SHA-512'],
])

/** SHA-1 is accepted here without `allowSha1`: OAEP does not depend on collision resistance. */
export const oaepDigestOf = (uri: string): Hash | null => oaepDigests.get(uri) ?? null

export const maskFunctionOf = (uri: string): Hash | null => maskFunctions.get(uri) ?? null
