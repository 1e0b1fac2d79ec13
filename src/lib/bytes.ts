import { err, ok, type Result } from './result.ts'

export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** TextEncoder gives a buffer of its own, which its type does not say. */
export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes

/** Strict UTF-8: refuses overlong forms and surrogates; keeps a BOM. */
export function decodeUtf8(bytes: Uint8Array): Result<string, 'not-utf8'> {
  try {
    return ok(strictDecoder.decode(bytes))
  } catch {
    return err('not-utf8')
  }
}

/**
 * Base64 with padding (RFC 4648 §4). CR, LF, tab and space are ignored, because IdPs wrap lines at
 * 64 or 76 characters. Unused bits must be zero, so that each value has only one spelling.
 */
export function decodeBase64(text: string): Result<Bytes, 'not-base64'> {
  // The runtime would ignore a form feed too.
  if (text.includes('\f')) return err('not-base64')
  try {
    return 'fromBase64' in Uint8Array
      ? ok(Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' }))
      : decodeByAtob(text)
  } catch {
    return err('not-base64')
  }
}

/** For Node 24, which runs tests and the command line, and has neither fromBase64 nor toBase64. */
function decodeByAtob(text: string): Result<Bytes, 'not-base64'> {
  const binary = atob(text)
  // atob accepts missing padding and nonzero spare bits; btoa writes the one correct spelling.
  if (btoa(binary) !== text.replace(/[\r\n\t ]/g, '')) return err('not-base64')
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return ok(bytes)
}

export function encodeBase64(bytes: Uint8Array): string {
  if ('fromBase64' in Uint8Array) return bytes.toBase64()
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Base64url (RFC 4648 §5) without padding. */
export const encodeBase64Url = (bytes: Uint8Array): string =>
  encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export function decodeBase64Url(text: string): Result<Bytes, 'not-base64'> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return err('not-base64')
  const padding = '='.repeat((4 - (text.length % 4)) % 4)
  return decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/') + padding)
}

export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/**
 * Compares in constant time, so that the time does not reveal where the first difference is. The
 * lengths are not secret.
 */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  a.forEach((byte, i) => (difference |= byte ^ (b[i] ?? 0)))
  return difference === 0
}

/** SHA-256 in base64url: how storage names a secret that it must not hold. */
export const hashText = async (text: string): Promise<string> =>
  encodeBase64Url(await sha256(utf8(text)))

export const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

export function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}
