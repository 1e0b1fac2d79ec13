/** The fields of the form that an IdP has the browser post (Bindings §3.5.4). */
import { decodeBase64, decodeUtf8 } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'

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
