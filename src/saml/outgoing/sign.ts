/** Signs our messages in a query (Bindings §3.4.4.1). */
import { encodeBase64, utf8 } from '../../lib/bytes.ts'

export const requestSignatures = ['rsa-sha256', 'ecdsa-sha256'] as const
export type RequestSignature = (typeof requestSignatures)[number]

export interface RequestSigner {
  readonly algorithm: RequestSignature
  readonly key: CryptoKey
  /**
   * Base64 DER. It is sent with the signature, so that an IdP that has two of our certificates
   * knows which one to use.
   */
  readonly certificate: string
}

/** What the URI of a signature algorithm begins with. */
export const SIGNATURE_PREFIX = 'http://www.w3.org/2001/04/xmldsig-more#'

/**
 * Appends SigAlg and Signature to the query. The signature covers the exact characters of the URL:
 * an IdP that decodes the query and encodes it again in another way could not verify it.
 */
export async function signQuery(query: string, signer: RequestSigner): Promise<string> {
  const signed = `${query}&SigAlg=${encodeQueryValue(SIGNATURE_PREFIX + signer.algorithm)}`
  return `${signed}&Signature=${encodeQueryValue(await signText(signed, signer))}`
}

/**
 * Leaves only unreserved characters unencoded (RFC 3986 §2.3), so that no URL parser on the way
 * changes the text that was signed.
 */
export const encodeQueryValue = (value: string): string =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** Base64. XMLDSig (RFC 4050 §3.3) wants r and s of ECDSA side by side, as WebCrypto gives them. */
export async function signText(text: string, { algorithm, key }: RequestSigner): Promise<string> {
  const parameters =
    algorithm === 'rsa-sha256' ? { name: 'RSASSA-PKCS1-v1_5' } : { name: 'ECDSA', hash: 'SHA-256' }
  return encodeBase64(new Uint8Array(await crypto.subtle.sign(parameters, key, utf8(text))))
}
