/** The JSON objects in a compact JWS (RFC 7515 §3.1). */
import { decodeBase64Url, decodeUtf8 } from './bytes.ts'
import { isRecord, parseJson } from './json.ts'

const MOST_DEPTH = 12

/** A part of the JWS; null: it is no JSON object in base64url. */
export function decodeObject(encoded: string): Readonly<Record<string, unknown>> | null {
  const bytes = decodeBase64Url(encoded)
  return bytes.ok ? readObject(bytes.value) : null
}

/** The payload of a JWS; null: it is no JSON object. */
export function readObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  const text = decodeUtf8(bytes)
  const json = text.ok ? parseJson(text.value, MOST_DEPTH) : text
  return json.ok && isRecord(json.value) ? json.value : null
}
