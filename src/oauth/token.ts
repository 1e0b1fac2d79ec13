/**
 * Codes and tokens: a prefix that secret scanners know, 256 random bits, and a checksum. Storage has
 * only their hashes.
 */
import { decodeBase64Url, encodeBase64Url, hashText, type Bytes } from '../lib/bytes.ts'
import { isSecretText, SECRET_BYTES, toSecretText } from '../lib/secret.ts'

const FAMILY_BYTES = 16
/** 256 bits in base64url. */
const BODY_LENGTH = 43

const ACCESS = 'gh_at_'
const REFRESH = 'gh_rt_'
const CODE = 'gh_ac_'
const DEVICE = 'gh_dc_'

/** Made here and not an argument: a chosen secret could be guessed. */
const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length))

export const newAccessToken = (): string => toSecretText(ACCESS, random(SECRET_BYTES))
export const newCode = (): string => toSecretText(CODE, random(SECRET_BYTES))
export const newDeviceCode = (): string => toSecretText(DEVICE, random(SECRET_BYTES))

/** The hash of a code of either kind; null: it is none. */
export const hashCode = (text: string, kind: 'code' | 'device'): Promise<string> | null =>
  isSecretText(kind === 'code' ? CODE : DEVICE, text) ? hashText(text) : null

/** null: it is no access token. */
export const hashAccess = (text: string): Promise<string> | null =>
  isSecretText(ACCESS, text) ? hashText(text) : null

/**
 * All refresh tokens of a grant begin with the same 128 random bits. So a token that was used before
 * is recognised, for as long as the grant lasts, and no list of them is kept.
 */
export interface RefreshToken {
  readonly text: string
  readonly hash: string
  readonly familyHash: string
}

export const newRefreshToken = (): Promise<RefreshToken> => toRefreshToken(random(SECRET_BYTES))

/** The next one of the family. */
export function nextRefreshToken(text: string): Promise<RefreshToken> {
  const bytes = random(SECRET_BYTES)
  bytes.set(familyOf(text))
  return toRefreshToken(bytes)
}

/** null: it is no refresh token. */
export async function parseRefreshToken(text: string): Promise<RefreshToken | null> {
  return isSecretText(REFRESH, text) ? withHashes(text) : null
}

const toRefreshToken = (bytes: Bytes): Promise<RefreshToken> =>
  withHashes(toSecretText(REFRESH, bytes))

const withHashes = async (text: string): Promise<RefreshToken> => ({
  text,
  hash: await hashText(text),
  familyHash: await hashText(encodeBase64Url(familyOf(text))),
})

function familyOf(text: string): Bytes {
  const bytes = decodeBase64Url(text.slice(REFRESH.length, REFRESH.length + BODY_LENGTH))
  return (bytes.ok ? bytes.value : random(SECRET_BYTES)).slice(0, FAMILY_BYTES)
}

/** No vowels, so no words; and no letter twice in other clothes (RFC 8628 §6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const USER_CODE_LENGTH = 8

/** `BDWP-HQPK` */
export function newUserCode(): string {
  let code = ''
  while (code.length < USER_CODE_LENGTH) {
    // Each letter is as likely as any other: what 20 does not divide is thrown away.
    for (const byte of random(16)) {
      if (byte < 240 && code.length < USER_CODE_LENGTH) code += LETTERS[byte % LETTERS.length] ?? ''
    }
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** Case, spaces and hyphens do not count; null: it is no user code. */
export function parseUserCode(text: string): string | null {
  const code = text.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return new RegExp(`^[${LETTERS}]{${USER_CODE_LENGTH}}$`).test(code)
    ? `${code.slice(0, 4)}-${code.slice(4)}`
    : null
}
