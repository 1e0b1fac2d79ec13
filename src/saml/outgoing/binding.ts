/** Puts a request into a binding: a URL (Bindings §3.4) or the fields of a form (§3.5). */
import { encodeBase64, utf8 } from '../../lib/bytes.ts'
import { encodeQueryValue, signQuery, type RequestSigner } from './sign.ts'

/**
 * HTTP-Redirect with DEFLATE (§3.4.4.1). Query parameters that `ssoUrl` already has are kept; the
 * signature does not cover them.
 *
 * @param signer null: the request is not signed.
 */
export async function redirectUrl(
  ssoUrl: string,
  xml: string,
  relayState: string,
  signer: RequestSigner | null,
): Promise<string> {
  const request = encodeQueryValue(encodeBase64(await deflate(xml)))
  const unsigned = `SAMLRequest=${request}&RelayState=${encodeQueryValue(relayState)}`
  const query = signer ? await signQuery(unsigned, signer) : unsigned
  const url = new URL(ssoUrl)
  url.hash = ''
  url.search = url.search === '' ? query : `${url.search}&${query}`
  return url.href
}

/** The form fields of HTTP-POST (§3.5.4). */
export const postFields = (
  xml: string,
  relayState: string,
): { readonly SAMLRequest: string; readonly RelayState: string } => ({
  SAMLRequest: encodeBase64(utf8(xml)),
  RelayState: relayState,
})

async function deflate(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
