/** Reads the form that the IdP makes the browser post (Bindings §3.5.4). */
import { decodeBase64, decodeUtf8 } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'

export interface PostedResponse {
  readonly samlResponse: string
  /** null: the IdP sent no RelayState, or an empty one. */
  readonly relayState: string | null
}

export type FormFault = 'no-response' | 'field-twice' | 'not-a-response'

/** A repeated field is an error: one program would read the first value, another the last. */
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
 * Whether the response claims to answer a request. An unsolicited one has no InResponseTo (Profiles
 * §4.1.5). Nothing is verified here: use it only to choose what to do with a response that signs
 * nobody in.
 */
export function saysInResponseTo({ samlResponse }: PostedResponse): boolean {
  const bytes = decodeBase64(samlResponse)
  const text = bytes.ok ? decodeUtf8(bytes.value) : bytes
  return text.ok && /\sInResponseTo\s*=\s*["'][^"']/.test(text.value)
}
