/** Answers to programs that push signals or ask for revocations. */
import { ownHeaders } from '../lib/own-headers.ts'

type Headers = Readonly<Record<string, string>>

/** RFC 8935 §2.3: a language for the description is required. */
export const refuseSet = (
  status: number,
  [code, description]: readonly [string, string],
  headers: Headers = {},
): Response =>
  Response.json(
    { err: code, description },
    { status, headers: { ...ownHeaders, 'Content-Language': 'en', ...headers } },
  )

/** The draft defines no body; this one is for people who look for the fault. */
export const refuseRevocation = (
  status: number,
  error: string,
  message: string,
  headers: Headers = {},
): Response => Response.json({ error, message }, { status, headers: { ...ownHeaders, ...headers } })

export const empty = (status: number): Response =>
  new Response(null, { status, headers: ownHeaders })

/** RFC 6750 §3. */
export const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="Gatehouse"' }
export const INVALID_TOKEN = {
  'WWW-Authenticate': 'Bearer realm="Gatehouse", error="invalid_token"',
}
