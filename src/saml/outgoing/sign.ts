/** Signs what we send: requests in a query (Bindings §3.4.4.1) and in a form (Core §5.4). */
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
  /** Base64 DER; told beside the signature, so that an IdP that has two knows which. */
  readonly certificate: string
}

const URI_PREFIX = 'http://www.w3.org/2001/04/xmldsig-more#'

/**
 * The query with SigAlg and Signature behind it. What is signed are the octets as they will stand in
 * the URL: an IdP that encodes them anew, in its own way, would get others.
 */
export async function signQuery(query: string, signer: RequestSigner): Promise<string> {
  const signed = `${query}&SigAlg=${encodeQueryValue(URI_PREFIX + signer.algorithm)}`
  return `${signed}&Signature=${encodeQueryValue(await signText(signed, signer))}`
}

/** Of unreserved characters alone (RFC 3986 §2.3), so that no URL parser on the way writes it anew. */
export const encodeQueryValue = (value: string): string =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** A ds:Signature for a document whose root has that ID, to stand in it; for `writeXml`. */
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
  // Exclusive canonicalization: alone, with its namespace, it is what it will be in its place.
  const alone = writeXml({ 'ds:SignedInfo': { '@xmlns:ds': DS, ...signedInfo } })
  return {
    '@xmlns:ds': DS,
    'ds:SignedInfo': signedInfo,
    'ds:SignatureValue': await signText(toCanonical(alone), signer),
    'ds:KeyInfo': { 'ds:X509Data': { 'ds:X509Certificate': signer.certificate } },
  }
}

/** Base64. ECDSA as XMLDSig wants it (RFC 4050 §3.3): r and s side by side, as WebCrypto gives them. */
async function signText(text: string, { algorithm, key }: RequestSigner): Promise<string> {
  const parameters =
    algorithm === 'rsa-sha256' ? { name: 'RSASSA-PKCS1-v1_5' } : { name: 'ECDSA', hash: 'SHA-256' }
  return encodeBase64(new Uint8Array(await crypto.subtle.sign(parameters, key, utf8(text))))
}

function toCanonical(xml: string): string {
  const document = parseXml(utf8(xml))
  // A character that XML cannot hold, in what an operator stored.
  if (!document.ok) throw new Error(`what is to be signed is no XML: ${document.error}`)
  return canonicalize(document.value, { withComments: false, inclusivePrefixes: [], omit: null })
}
