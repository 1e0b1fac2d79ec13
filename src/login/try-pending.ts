/**
 * The tests of connections that a browser has begun. They have cookies, handles and a sealing
 * context of their own, so no answer to a test can finish a login, and no answer to a login a test.
 */
import * as v from 'valibot'
import { decodeUtf8, utf8 } from '../lib/bytes.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import type { DailySealer } from '../lib/seal.ts'
import type { Visit } from '../site/visit.ts'

const TEST_COOKIE = '__Host-gatehouse-test-'
const TEST_SECONDS = 900

export interface PendingTest {
  /** RelayState. */
  readonly handle: string
  /** ID of the AuthnRequest. */
  readonly requestId: string
  readonly connection: string
  readonly startedAt: Instant
  /** The id that the attempt will have. */
  readonly id: string
}

const HANDLE = /^gt-[A-Za-z0-9-]{36}$/
const PREFIX = 'gt-'

export const toTestHandle = (uuid: string): string => PREFIX + uuid
export const isTestHandle = (relayState: string): boolean => HANDLE.test(relayState)

const schema = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictTuple([v.string(), v.string(), v.number(), v.string()]),
)

type HostVisit = Pick<Visit, 'host' | 'now'>

/** null: this browser has begun no test of this handle, or too long ago. */
export async function readTest(
  headers: Headers,
  handle: string,
  sealer: DailySealer,
  { host, now }: HostVisit,
): Promise<PendingTest | null> {
  const [cookie = ''] = readCookies(headers, `${nameOf(handle)}=`)
  const opened = await sealer.open(cookie, contextOf(host, handle), now)
  const text = opened.ok ? decodeUtf8(opened.value) : opened
  const found = text.ok ? v.safeParse(schema, text.value) : null
  if (!found?.success) return null
  const [requestId, connection, startedAt, id] = found.output
  return now < plusSeconds(toInstant(startedAt), TEST_SECONDS)
    ? { handle, requestId, connection, startedAt: toInstant(startedAt), id }
    : null
}

/** The Set-Cookie header that keeps the test. */
export async function keepTest(
  { handle, requestId, connection, startedAt, id }: PendingTest,
  sealer: DailySealer,
  { host, now }: HostVisit,
): Promise<string> {
  const json = JSON.stringify([requestId, connection, startedAt, id])
  return setTest(handle, await sealer.seal(utf8(json), contextOf(host, handle), now), TEST_SECONDS)
}

export const forgetTest = ({ handle }: PendingTest): string => setTest(handle, '', 0)

const setTest = (handle: string, value: string, maxAgeSeconds: number): string =>
  // None, because the IdP's answer is a POST from another site.
  setCookie({ name: nameOf(handle), value, sameSite: 'None', maxAgeSeconds })

const nameOf = (handle: string): string => TEST_COOKIE + handle.slice(PREFIX.length)
const contextOf = ({ url }: Visit['host'], handle: string): string => `test ${url} ${handle}`
