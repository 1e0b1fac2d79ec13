/**
 * What a sign-out at an identity provider keeps, sealed: a ticket in the address from a site to the
 * login host, and a cookie of the login host until the identity provider has answered.
 */
import * as v from 'valibot'
import { decodeUtf8, utf8 } from '../lib/bytes.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'
import { latestFor, plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import type { DailySealer } from '../lib/seal.ts'
import type { Visit } from '../site/visit.ts'
import type { Onward } from './onward.ts'

/** The purpose that createDailySealer needs. */
export const LOGOUT_PURPOSE = 'logout'
const COOKIE = '__Host-gatehouse-logout'
const TICKET_SECONDS = 60
const COOKIE_SECONDS = 900

/** Where the person may go on after sign-out. Both were judged before they were sealed. */
export interface Next {
  /** What the site asked for; null: nothing that is allowed. */
  readonly onward: Onward | null
  /** The page to sign in again at. */
  readonly back: string
}

export interface Ticket extends Next {
  /** A sign-in that has ended: a stolen ticket ends nothing. */
  readonly signIn: string
}

/**
 * What the identity provider has said. `none`: it offers no single logout. `silent`: nothing so far.
 * `unverified`: something that is not proven to come from it.
 */
export const outcomes = ['none', 'silent', 'unverified', 'all', 'partial', 'failed'] as const
export type Outcome = (typeof outcomes)[number]

export interface Leaving extends Next {
  /** ID of our LogoutRequest. */
  readonly requestId: string
  readonly connection: string
  /** The name of the connection. */
  readonly provider: string
  readonly outcome: Outcome
}

// Only text that `parseOnward` made is sealed.
const sealedOnward = v.nullable(v.custom<Onward>((text) => typeof text === 'string'))
const ticketSchema = v.strictTuple([v.string(), sealedOnward, v.string(), v.number()])
const leavingSchema = v.strictTuple([
  v.string(),
  v.string(),
  v.string(),
  v.picklist(outcomes),
  sealedOnward,
  v.string(),
  v.number(),
])

type HostVisit = Pick<Visit, 'host' | 'now'>

/** @param login the URL of the login host, which alone may open it. */
export const sealTicket = (
  { signIn, onward, back }: Ticket,
  login: string,
  sealer: DailySealer,
  now: Instant,
): Promise<string> =>
  sealer.seal(utf8(JSON.stringify([signIn, onward, back, now])), `ticket ${login}`, now)

export async function openTicket(
  sealed: string,
  sealer: DailySealer,
  { host, now }: HostVisit,
): Promise<Ticket | null> {
  const opened = await sealer.open(sealed, `ticket ${host.url}`, now)
  const found = parse(opened, ticketSchema)
  if (!found) return null
  const [signIn, onward, back, at] = found
  return isYoung(at, TICKET_SECONDS, now) ? { signIn, onward, back } : null
}

/** null: this browser has begun no sign-out at an identity provider, or too long ago. */
export async function readLeaving(
  headers: Headers,
  sealer: DailySealer,
  { host, now }: HostVisit,
): Promise<Leaving | null> {
  const [cookie = ''] = readCookies(headers, `${COOKIE}=`)
  const opened = await sealer.open(cookie, `leaving ${host.url}`, now)
  const found = parse(opened, leavingSchema)
  if (!found) return null
  const [requestId, connection, provider, outcome, onward, back, at] = found
  return isYoung(at, COOKIE_SECONDS, now)
    ? { requestId, connection, provider, outcome, onward, back }
    : null
}

/** The Set-Cookie header that keeps it. */
export async function keepLeaving(
  { requestId, connection, provider, outcome, onward, back }: Leaving,
  sealer: DailySealer,
  { host, now }: HostVisit,
): Promise<string> {
  const json = JSON.stringify([requestId, connection, provider, outcome, onward, back, now])
  const value = await sealer.seal(utf8(json), `leaving ${host.url}`, now)
  // None, because the identity provider's answer may be a POST from another site.
  return setCookie({ name: COOKIE, value, sameSite: 'None', maxAgeSeconds: COOKIE_SECONDS })
}

function parse<T>(
  opened: Awaited<ReturnType<DailySealer['open']>>,
  schema: v.GenericSchema<unknown, T>,
): T | null {
  const text = opened.ok ? decodeUtf8(opened.value) : opened
  const found = text.ok ? v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text.value) : null
  return found?.success ? found.output : null
}

const isYoung = (at: number, seconds: number, now: Instant): boolean =>
  at <= latestFor(now) && now < plusSeconds(toInstant(at), seconds)
