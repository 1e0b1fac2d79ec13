/** The cookies of sessions that began by a link: of the console, and of a hand-over. */
import { HANDED_SECONDS } from '../admin/handover-store.ts'
import { ENTERED_SECONDS } from '../admin/link-store.ts'
import { encodeBase64Url, hashText } from '../lib/bytes.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'
import { readForm } from './form.ts'

export interface EntryCookie {
  readonly name: string
  readonly seconds: number
}

export const consoleEntry: EntryCookie = {
  name: '__Host-gatehouse-admin',
  seconds: ENTERED_SECONDS,
}
export const handoverEntry: EntryCookie = {
  name: '__Host-gatehouse-handover',
  seconds: HANDED_SECONDS,
}

const shape = /^[A-Za-z0-9_-]{43}$/

export interface Entering {
  /** Of the link. */
  readonly codeHash: string
  /** Of the session that begins if the link still works. */
  readonly sessionHash: string
  /** For `Set-Cookie`. */
  readonly cookie: string
}

/** What the button on the page of a link asks for; null: it has no code of a link. */
export async function readEntering(
  { name, seconds }: EntryCookie,
  request: Request,
): Promise<Entering | null> {
  const form = await readForm(request)
  const codeHash = await hashCode(form.ok ? (form.value.get('code')?.[0] ?? '') : '')
  if (codeHash === null) return null
  // Made here and not an argument: a session that can be guessed protects nothing.
  const value = encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)))
  return {
    codeHash,
    sessionHash: await hashText(value),
    cookie: setCookie({ name, value, sameSite: 'Lax', maxAgeSeconds: seconds }),
  }
}

/** The hash of the cookie; null: there is none, or more than one. */
export async function readEntry({ name }: EntryCookie, headers: Headers): Promise<string | null> {
  const [value, ...others] = readCookies(headers, `${name}=`)
  return value !== undefined && others.length === 0 && shape.test(value) ? hashText(value) : null
}

export const clearedEntry = ({ name }: EntryCookie): string =>
  setCookie({ name, value: '', sameSite: 'Lax', maxAgeSeconds: 0 })

/** The hash of a link's code; null: the text is none. */
export const hashCode = (text: string): Promise<string> | null =>
  shape.test(text) ? hashText(text) : null
