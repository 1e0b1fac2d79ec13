/** Signs our requests: in a query (Bindings §3.4.4.1) and in a form (Core §5.4). */
import { encodeBase64, sha256, utf8 } from '../../lib/bytes.ts'
import { canonicalize } from '../xml/c14n.ts'
import { DS, ENVELOPED_SIGNATURE, EXC_C14N } from '../names.ts'
import { writeXml } from '../xml/writer.ts'
import { parseXml } from '../xml/reader.ts'

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

const URI_PREFIX = 'http://www.w3.org/2001/04/xmldsig-more#'

/**
 * Appends SigAlg and Signature to the query. The signature covers the exact characters of the URL:
 * an IdP that decodes the query and encodes it again in another way could not verify it.
 */
export async function signQuery(query: string, signer: RequestSigner): Promise<string> {
  const signed = `${query}&SigAlg=${encodeQueryValue(URI_PREFIX + signer.algorithm)}`
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

/**
 * The ds:Signature to put into the document, as an object for `writeXml`. `id` is the ID of the
 * document's root.
 */
export async function envelopedSignature(
  xml: string,
  id: string,
  signer: RequestSigner,
): Promise<Readonly<Record<string, unknown>>> {
  const digest = await sha256(utf8(toCanonical(xml)))
  const signedInfo = {
    'ds:CanonicalizationMethod': { '@Algorithm': EXC_C14N },
    'ds:SignatureMethod': { '@Algorithm': URI_PREFIX + signer.algorithm },
    'ds:Reference': {
      '@URI': `#${id}`,
      'ds:Transforms': {
        'ds:Transform': [{ '@Algorithm': ENVELOPED_SIGNATURE }, { '@Algorithm': EXC_C14N }],
      },
      'ds:DigestMethod': { '@Algorithm': 'http://www.w3.org/2001/04/xmlenc#sha256' },
      'ds:DigestValue': encodeBase64(digest),
    },
  }
  // SignedInfo is canonicalized on its own. Exclusive canonicalization gives the same bytes for it
  // here and inside the Signature.
  const alone = writeXml({ 'ds:SignedInfo': { '@xmlns:ds': DS, ...signedInfo } })
  return {
    '@xmlns:ds': DS,
    'ds:SignedInfo': signedInfo,
    'ds:SignatureValue': await signText(toCanonical(alone), signer),
    'ds:KeyInfo': { 'ds:X509Data': { 'ds:X509Certificate': signer.certificate } },
  }
}

/** Base64. XMLDSig (RFC 4050 §3.3) wants r and s of ECDSA side by side, as WebCrypto gives them. */
async function signText(text: string, { algorithm, key }: RequestSigner): Promise<string> {
  const parameters =
    algorithm === 'rsa-sha256' ? { name: 'RSASSA-PKCS1-v1_5' } : { name: 'ECDSA', hash: 'SHA-256' }
  return encodeBase64(new Uint8Array(await crypto.subtle.sign(parameters, key, utf8(text))))
}

function toCanonical(xml: string): string {
  const document = parseXml(utf8(xml))
  // Only possible when a stored value has a character that XML does not allow.
  if (!document.ok) throw new Error(`what is to be signed is no XML: ${document.error}`)
  return canonicalize(document.value, { withComments: false, inclusivePrefixes: [], omit: null })
}
