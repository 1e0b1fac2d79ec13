/** The bindings as URLs and form fields (Bindings §3.4, §3.5). */
import { decodeBase64, decodeUtf8, encodeBase64, utf8 } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { encodeQueryValue, signQuery, type RequestSigner } from './sign.ts'

/**
 * HTTP-Redirect with DEFLATE (§3.4.4.1). What the IdP's URL already asks stays, and is not signed.
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

/** HTTP-POST (§3.5.4). */
export const postFields = (
  xml: string,
  relayState: string,
): { readonly SAMLRequest: string; readonly RelayState: string } => ({
  SAMLRequest: encodeBase64(utf8(xml)),
  RelayState: relayState,
})

export interface PostedResponse {
  readonly samlResponse: string
  /** Null when the IdP sends none or an empty one. */
  readonly relayState: string | null
}

export type FormFault = 'no-response' | 'field-twice' | 'not-a-response'

/** A field given twice is an error: two programs would read two different ones. */
export function readPostedForm(body: string): Result<PostedResponse, FormFault> {
  const form = new URLSearchParams(body)
  const names = [...form.keys()]
  if (new Set(names).size < names.length) return err('field-twice')
  if (form.has('SAMLRequest')) return err('not-a-response')
  const samlResponse = form.get('SAMLResponse')
  if (!samlResponse) return err('no-response')
  return ok({ samlResponse, relayState: form.get('RelayState') || null })
}

/**
 * Whether a response says that it answers a request. One that nobody asked for must not (Profiles
 * §4.1.5). Nothing is verified here: it tells what to do with an answer that signs nobody in anyway.
 */
export function saysInResponseTo({ samlResponse }: PostedResponse): boolean {
  const bytes = decodeBase64(samlResponse)
  const text = bytes.ok ? decodeUtf8(bytes.value) : bytes
  return text.ok && /\sInResponseTo\s*=\s*["'][^"']/.test(text.value)
}

async function deflate(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
