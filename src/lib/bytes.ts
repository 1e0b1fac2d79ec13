import { err, ok, type Result } from './result.ts'

export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Bytes => encoder.encode(text).slice()

/** Bytes → text. Refuses what is not UTF-8 (overlong forms and surrogates too); keeps a BOM. */
export function decodeUtf8(bytes: Uint8Array): Result<string, 'not-utf8'> {
  try {
    return ok(strictDecoder.decode(bytes))
  } catch {
    return err('not-utf8')
  }
}

/**
 * Base64 of RFC 4648 §4 with padding, line breaks allowed between characters and nothing else
 * (what is posted by real IdPs is wrapped at 64 or 76). Spare bits must be zero: one text per value.
 */
export function decodeBase64(text: string): Result<Bytes, 'not-base64'> {
  let binary: string
  try {
    binary = atob(text)
  } catch {
    return err('not-base64')
  }
  // atob forgives what is missing or to spare, but writes it as it should be.
  const strict = btoa(binary)
  const same = strict === text || strict === text.replace(/[\r\n\t ]/g, '')
  return same ? ok(fromBinaryString(binary)) : err('not-base64')
}

export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  }
  return btoa(binary)
}

/** RFC 4648 §5, without padding. */
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

/** Compares without telling by time where the first difference is. Lengths are not secret. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  a.forEach((byte, i) => (difference |= byte ^ (b[i] ?? 0)))
  return difference === 0
}

export const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

export function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}

/** What atob gives: a character for each byte. */
function fromBinaryString(binary: string): Bytes {
  // Where all are ASCII, as in most XML, that is UTF-8, and takes a third of the time.
  const ascii = utf8(binary)
  if (ascii.length === binary.length) return ascii
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
