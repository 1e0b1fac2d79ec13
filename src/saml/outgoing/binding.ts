/** Puts a message into a binding: a URL (Bindings §3.4) or the fields of a form (§3.5). */
import { encodeBase64, utf8 } from '../../lib/bytes.ts'
import { encodeQueryValue, signQuery, type RequestSigner } from './sign.ts'

/**
 * HTTP-Redirect with DEFLATE (§3.4.4.1). Query parameters that `location` already has are kept; the
 * signature does not cover them.
 *
 * @param relayState null: none.
 * @param signer null: the request is not signed.
 */
export const redirectUrl = async (
  location: string,
  xml: string,
  relayState: string | null,
  signer: RequestSigner | null,
): Promise<string> => withQuery(location, `SAMLRequest=${await toQuery(xml, relayState)}`, signer)

/** As `redirectUrl`, for an answer of ours: a LogoutResponse. */
export const redirectResponseUrl = async (
  location: string,
  xml: string,
  relayState: string | null,
  signer: RequestSigner | null,
): Promise<string> => withQuery(location, `SAMLResponse=${await toQuery(xml, relayState)}`, signer)

/** The form fields of HTTP-POST (§3.5.4). @param relayState null: none. */
export const postFields = (
  xml: string,
  relayState: string | null,
): { readonly SAMLRequest: string; readonly RelayState?: string } => ({
  SAMLRequest: encodeBase64(utf8(xml)),
  ...(relayState === null ? {} : { RelayState: relayState }),
})

/** As `postFields`, for an answer of ours: a LogoutResponse. */
export const postResponseFields = (
  xml: string,
  relayState: string | null,
): { readonly SAMLResponse: string; readonly RelayState?: string } => ({
  SAMLResponse: encodeBase64(utf8(xml)),
  ...(relayState === null ? {} : { RelayState: relayState }),
})

async function toQuery(xml: string, relayState: string | null): Promise<string> {
  const message = encodeQueryValue(encodeBase64(await deflate(xml)))
  return relayState === null ? message : `${message}&RelayState=${encodeQueryValue(relayState)}`
}

async function withQuery(
  location: string,
  unsigned: string,
  signer: RequestSigner | null,
): Promise<string> {
  const query = signer ? await signQuery(unsigned, signer) : unsigned
  const url = new URL(location)
  url.hash = ''
  url.search = url.search === '' ? query : `${url.search}&${query}`
  return url.href
}

async function deflate(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
