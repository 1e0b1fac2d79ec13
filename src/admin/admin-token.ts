/** The secret that a program authenticates with at the API. */
import { encodeBase64Url, hashText, utf8, type Bytes } from '../lib/bytes.ts'

declare const token: unique symbol

/**
 * A prefix that secret scanners know, 256 random bits, and a checksum. A scanner can tell by the
 * checksum that a text is such a token, without asking anybody.
 */
export type AdminToken = string & { readonly [token]: true }

export const ADMIN_TOKEN_BYTES = 32
const PREFIX = 'gatehouse_admin_'
const CHECKSUM_LENGTH = 6

export function toAdminToken(random: Bytes): AdminToken {
  const body = encodeBase64Url(random)
  return (PREFIX + body + checksumOf(body)) as AdminToken
}

export function parseAdminToken(text: string): AdminToken | null {
  const [, body, checksum] =
    /^gatehouse_admin_([A-Za-z0-9_-]{43})([A-Za-z0-9]{6})$/.exec(text) ?? []
  return body !== undefined && checksumOf(body) === checksum ? (text as AdminToken) : null
}

/** No salt and no key stretching: 256 random bits cannot be guessed. */
export const hashAdminToken = (secret: AdminToken): Promise<string> => hashText(secret)

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The CRC-32 of the random part, in six digits of base 62. It protects nothing. */
function checksumOf(body: string): string {
  let left = crc32(utf8(body))
  let digits = ''
  while (digits.length < CHECKSUM_LENGTH) {
    digits = (DIGITS[left % 62] ?? '') + digits
    left = Math.floor(left / 62)
  }
  return digits
}

/** As in ISO 3309, gzip and PNG. */
function crc32(bytes: Bytes): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return ~sum >>> 0
}
