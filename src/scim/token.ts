import { encodeBase64Url, hashText, type Bytes } from '../lib/bytes.ts'

declare const token: unique symbol

/**
 * The secret that a directory authenticates with: 256 random bits after a prefix that secret
 * scanners recognize.
 */
export type ScimToken = string & { readonly [token]: true }

export const SCIM_TOKEN_BYTES = 32
const PREFIX = 'gatehouse_scim_'

export const toScimToken = (random: Bytes): ScimToken =>
  `${PREFIX}${encodeBase64Url(random)}` as ScimToken

export const parseScimToken = (text: string): ScimToken | null =>
  /^gatehouse_scim_[A-Za-z0-9_-]{43}$/.test(text) ? (text as ScimToken) : null

/** No salt and no key stretching: 256 random bits cannot be guessed. */
export const hashScimToken = (secret: ScimToken): Promise<string> => hashText(secret)
