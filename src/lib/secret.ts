/** The text of the tokens that programs bring: a prefix, 256 random bits, and a checksum. */
import { encodeBase64Url, utf8, type Bytes } from './bytes.ts'

/** Secret scanners know it: docs/programs.md has the regular expression. */
export type SecretPrefix =
  | 'gatehouse_admin_'
  | 'gh_st_'
  | 'gh_at_'
  | 'gh_rt_'
  /** An authorization code, a device code, and the secret of a client. */
  | 'gh_ac_'
  | 'gh_dc_'
  | 'gh_cs_'

export const SECRET_BYTES = 32
const CHECKSUM_LENGTH = 6

/** @param random SECRET_BYTES of them. */
export function toSecretText(prefix: SecretPrefix, random: Bytes): string {
  const body = encodeBase64Url(random)
  return prefix + body + checksumOf(body)
}

/** Whether the text is such a token. A misspelt one is not, and nobody needs to look it up. */
export function isSecretText(prefix: SecretPrefix, text: string): boolean {
  const [, body, checksum] = /^([A-Za-z0-9_-]{43})([A-Za-z0-9]{6})$/.exec(rest(prefix, text)) ?? []
  return body !== undefined && checksumOf(body) === checksum
}

const rest = (prefix: string, text: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : ''

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
