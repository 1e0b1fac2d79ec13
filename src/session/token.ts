import { encodeBase64Url, hashText, type Bytes } from '../lib/bytes.ts'

declare const token: unique symbol
declare const hash: unique symbol

/** The secret in the session cookie: 256 random bits in base64url. Only the browser has it. */
export type SessionToken = string & { readonly [token]: true }
/** The SHA-256 of the token. Storage holds only this. */
export type TokenHash = string & { readonly [hash]: true }

export const TOKEN_BYTES = 32

/** A new one. Made here and not an argument: a chosen token could be guessed. */
export const newSessionToken = (): SessionToken =>
  toSessionToken(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)))

export const toSessionToken = (random: Bytes): SessionToken =>
  encodeBase64Url(random) as SessionToken

export const parseSessionToken = (text: string): SessionToken | null =>
  /^[A-Za-z0-9_-]{43}$/.test(text) ? (text as SessionToken) : null

/** No salt and no key stretching: 256 random bits cannot be guessed. */
export const hashToken = async (secret: SessionToken): Promise<TokenHash> =>
  (await hashText(secret)) as TokenHash

export const hashTokens = (secrets: readonly SessionToken[]): Promise<readonly TokenHash[]> =>
  Promise.all(secrets.map(hashToken))

export const parseTokenHash = (text: string): TokenHash | null =>
  /^[A-Za-z0-9_-]{43}$/.test(text) ? (text as TokenHash) : null
