/** The secret that a program authenticates with at the API. */
import { hashText, type Bytes } from '../lib/bytes.ts'
import { isSecretText, toSecretText } from '../lib/secret.ts'

declare const token: unique symbol

export type AdminToken = string & { readonly [token]: true }

const PREFIX = 'gatehouse_admin_'

export const toAdminToken = (random: Bytes): AdminToken =>
  toSecretText(PREFIX, random) as AdminToken

export const parseAdminToken = (text: string): AdminToken | null =>
  isSecretText(PREFIX, text) ? (text as AdminToken) : null

/** No salt and no key stretching: 256 random bits cannot be guessed. */
export const hashAdminToken = (secret: AdminToken): Promise<string> => hashText(secret)
