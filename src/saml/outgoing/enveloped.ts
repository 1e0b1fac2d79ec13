/** Signs our messages in a form (Core §5.4). */
import { encodeBase64, sha256, utf8 } from '../../lib/bytes.ts'
import { DS, ENVELOPED_SIGNATURE, EXC_C14N } from '../names.ts'
import { canonicalize } from '../xml/c14n.ts'
import { parseXml } from '../xml/reader.ts'
import { writeXml } from '../xml/writer.ts'
import { SIGNATURE_PREFIX, signText, type RequestSigner } from './sign.ts'

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
    'ds:SignatureMethod': { '@Algorithm': SIGNATURE_PREFIX + signer.algorithm },
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

function toCanonical(xml: string): string {
  const document = parseXml(utf8(xml))
  // Only possible when a stored value has a character that XML does not allow.
  if (!document.ok) throw new Error(`what is to be signed is no XML: ${document.error}`)
  return canonicalize(document.value, { withComments: false, inclusivePrefixes: [], omit: null })
}
