/** The cookie of a session that began by a one-time link. */
import { encodeBase64Url, hashText, type Bytes } from '../lib/bytes.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'
import { ENTERED_SECONDS } from '../admin/link-store.ts'

const NAME = '__Host-gatehouse-admin'
const shape = /^[A-Za-z0-9_-]{43}$/

export interface NewEntry {
  readonly sessionHash: string
  /** For `Set-Cookie`. */
  readonly cookie: string
}

/** @param random 32 bytes. */
export async function newEntry(random: Bytes): Promise<NewEntry> {
  const value = encodeBase64Url(random)
  return {
    sessionHash: await hashText(value),
    cookie: setCookie({ name: NAME, value, sameSite: 'Lax', maxAgeSeconds: ENTERED_SECONDS }),
  }
}

/** The hash of the cookie; null: there is none, or more than one. */
export async function readEntry(headers: Headers): Promise<string | null> {
  const [value, ...others] = readCookies(headers, `${NAME}=`)
  return value !== undefined && others.length === 0 && shape.test(value) ? hashText(value) : null
}

export const clearedEntry = setCookie({ name: NAME, value: '', sameSite: 'Lax', maxAgeSeconds: 0 })

/** The hash of a link's code; null: the text is none. */
export const hashCode = (text: string): Promise<string> | null =>
  shape.test(text) ? hashText(text) : null
