/** The algorithms there are. What is not in these tables does not exist: no HMAC, no MD5, no `none`. */

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
  // Passes only under `allowSha1`.
  ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' }],
])

const digestMethods: ReadonlyMap<string, Hash> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'SHA-256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'SHA-384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'SHA-512'],
  // Passes only under `allowSha1`.
  ['http://www.w3.org/2000/09/xmldsig#sha1', 'SHA-1'],
])

export const signatureMethodOf = (uri: string): SignatureMethod | null =>
  signatureMethods.get(uri) ?? null

export const digestMethodOf = (uri: string): Hash | null => digestMethods.get(uri) ?? null
