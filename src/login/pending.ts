/**
 * The logins that a browser has begun. Each has its own sealed cookie, so tabs do not overwrite
 * each other's.
 */
import * as v from 'valibot'
import { decodeUtf8, utf8 } from '../lib/bytes.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'
import { latestFor, plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { DailySealer } from '../lib/seal.ts'
import { readSessionTokens } from '../session/cookie.ts'
import {
  hashTokens,
  parseSessionToken,
  parseTokenHash,
  type SessionToken,
  type TokenHash,
} from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import { anewOf, type Fresh } from './fresh.ts'
import { parseReturnTo, type ReturnTo } from './return-to.ts'

/** How the cookie's name begins; the id of the login follows. */
export const LOGIN_COOKIE = '__Host-gatehouse-login-'
/** The purpose that createDailySealer needs for these cookies. */
export const PENDING_PURPOSE = 'pending-logins'
export const PENDING_SECONDS = 3600

/** Limits for one browser, because it sends all these cookies with every request to the site. */
const MOST_LOGINS = 24
const MOST_BYTES = 12_000

export interface PendingLogin {
  /** RelayState: at most 80 bytes (Bindings §3.4.3). */
  readonly handle: string
  /** ID of the AuthnRequest. */
  readonly requestId: string
  readonly connection: string
  readonly returnTo: ReturnTo
  readonly startedAt: Instant
  /** The sessions whose cookies the browser sent when the login began. */
  readonly replaces: readonly TokenHash[]
  /**
   * Another site may have begun this login, so the person is asked before it replaces another
   * person's session.
   */
  readonly isForeign: boolean
  /**
   * AuthnContextClassRefs of the sign-in that a policy asks for, one of which the answer must have
   * (empty: any). The answer must also be of a new sign-in. null: no policy asks.
   */
  readonly anew: readonly string[] | null
  /** null: not answered yet. */
  readonly outcome: Outcome | null
}

export type Outcome =
  /**
   * The browser was given this session. If the same answer is posted again (Back button), the
   * browser is only sent on.
   */
  | { readonly kind: 'done'; readonly at: Instant; readonly session: TokenHash }
  /**
   * The session is open, but its token is only here: the person was asked whether to switch to it.
   */
  | {
      readonly kind: 'asked'
      readonly at: Instant
      readonly token: SessionToken
      readonly expiresAt: Instant
      /** The name of the session's person. */
      readonly name: string
    }

const HANDLE = /^gh-[A-Za-z0-9-]{36}$/
const PREFIX = 'gh-'

export const toHandle = (uuid: string): string => PREFIX + uuid
/** Whether a RelayState looks like the handle of a login that was started here. */
export const isHandle = (relayState: string): boolean => HANDLE.test(relayState)

type Began = Pick<
  PendingLogin,
  'handle' | 'requestId' | 'connection' | 'returnTo' | 'isForeign'
> & { readonly fresh: Fresh }

/** A login that begins now. It may replace the sessions that the browser has. */
export const toPending = async (
  headers: Headers,
  { now }: Pick<Visit, 'now'>,
  { handle, requestId, connection, returnTo, isForeign, fresh }: Began,
): Promise<PendingLogin> => ({
  handle,
  requestId,
  connection,
  returnTo,
  startedAt: now,
  replaces: await hashTokens(readSessionTokens(headers)),
  isForeign,
  anew: anewOf(fresh),
  outcome: null,
})

const instant = v.pipe(v.number(), v.transform(toInstant))
const tokenHash = v.custom<TokenHash>((text) => isText(text) && parseTokenHash(text) !== null)
const sessionToken = v.custom<SessionToken>(
  (text) => isText(text) && parseSessionToken(text) !== null,
)
const loginSchema = v.strictTuple([
  v.string(),
  v.string(),
  v.string(),
  instant,
  v.array(tokenHash),
  v.boolean(),
  v.nullable(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('done'), at: instant, session: tokenHash }),
      v.strictObject({
        kind: v.literal('asked'),
        at: instant,
        token: sessionToken,
        expiresAt: instant,
        name: v.string(),
      }),
    ]),
  ),
  v.optional(v.nullable(v.array(v.string())), null),
])

const isText = (value: unknown): value is string => typeof value === 'string'

type HostVisit = Pick<Visit, 'host' | 'now'>

/** Newest first. A cookie that cannot be opened, or is too old, is ignored. */
export async function readPending(
  headers: Headers,
  sealer: DailySealer,
  visit: HostVisit,
): Promise<readonly PendingLogin[]> {
  const cookies = readCookies(headers, LOGIN_COOKIE)
  const read = await Promise.all(cookies.map((cookie) => readLogin(cookie, sealer, visit)))
  const logins = new Map(read.flatMap((login) => (login ? [[login.handle, login] as const] : [])))
  return [...logins.values()].toSorted((a, b) => latest(b) - latest(a))
}

/** @param cookie the rest of name and value after LOGIN_COOKIE: `<id>=<sealed>`. */
async function readLogin(
  cookie: string,
  sealer: DailySealer,
  { host, now }: HostVisit,
): Promise<PendingLogin | null> {
  const at = cookie.indexOf('=')
  const handle = toHandle(cookie.slice(0, at))
  if (at < 0 || !isHandle(handle)) return null
  const opened = await sealer.open(cookie.slice(at + 1), contextOf(host, handle), now)
  const text = opened.ok ? decodeUtf8(opened.value) : opened
  if (!text.ok) return null
  const found = v.safeParse(v.pipe(v.string(), v.parseJson(), loginSchema), text.value)
  if (!found.success) return null
  const [requestId, connection, path, startedAt, replaces, isForeign, outcome, anew] = found.output
  const returnTo = parseReturnTo(path, host.url)
  const about = { handle, requestId, connection, returnTo, startedAt }
  const login = { ...about, replaces, isForeign, anew, outcome }
  const isTimely = startedAt <= latestFor(now) && now < plusSeconds(latest(login), PENDING_SECONDS)
  return isTimely ? login : null
}

/**
 * The Set-Cookie headers that keep this login, and drop the oldest logins beyond the limits. The
 * login that gave the browser its session stays: `isForeign` logins are compared with that session.
 *
 * @param others newest first.
 */
export async function keepLogin(
  login: PendingLogin,
  others: readonly PendingLogin[],
  sealer: DailySealer,
  { host, now }: HostVisit,
): Promise<readonly string[]> {
  const rest = others.filter(({ handle }) => handle !== login.handle)
  const giver = rest.find(({ outcome }) => outcome?.kind === 'done')
  const order = new Set([login, ...(giver ? [giver] : []), ...rest])
  let bytes = 0
  const dropped = [...order].filter((each, i) => {
    bytes += lengthOf(each)
    return i >= MOST_LOGINS || bytes > MOST_BYTES
  })
  const value = await sealer.seal(utf8(toJson(login)), contextOf(host, login.handle), now)
  return [setLogin(login.handle, value, PENDING_SECONDS), ...dropped.map(forgetLogin)]
}

export const forgetLogin = ({ handle }: PendingLogin): string => setLogin(handle, '', 0)

const setLogin = (handle: string, value: string, maxAgeSeconds: number): string =>
  setCookie({
    name: LOGIN_COOKIE + handle.slice(PREFIX.length),
    value,
    // None, because the IdP's answer is a POST from another site.
    sameSite: 'None',
    maxAgeSeconds,
  })

/** After the answer, the cookie keeps only the return address and the state of the session. */
export const withOutcome = (login: PendingLogin, outcome: Outcome): PendingLogin => ({
  ...login,
  requestId: '',
  outcome,
})

const ROUNDS = 3
const ROUNDS_WITHIN_SECONDS = 60

/**
 * Whether the browser was sent to this IdP three times within a minute, without an answer. Then a
 * response without our handle answers one of those requests, and the IdP does not return the
 * RelayState that it must return (Bindings §3.5.3). Another request would have the same end.
 */
export const isGoingRound = (
  logins: readonly PendingLogin[],
  connection: string,
  now: Instant,
): boolean =>
  logins.filter(
    (login) =>
      login.connection === connection &&
      login.outcome === null &&
      now < plusSeconds(login.startedAt, ROUNDS_WITHIN_SECONDS),
  ).length >= ROUNDS

/**
 * Whether the browser was given three sessions within a minute: it keeps none, or they do not
 * count.
 */
export const isGivenInVain = (logins: readonly PendingLogin[], now: Instant): boolean =>
  logins.filter(
    ({ outcome }) =>
      outcome?.kind === 'done' && now < plusSeconds(outcome.at, ROUNDS_WITHIN_SECONDS),
  ).length >= ROUNDS

/**
 * The sessions that this browser may have, as far as its logins show: those that it had when this
 * login began, and the newest that it was given since.
 */
export const sessionsBeside = (
  login: PendingLogin,
  logins: readonly PendingLogin[],
): readonly TokenHash[] => {
  const newest = logins.find(({ outcome }) => outcome?.kind === 'done')?.outcome
  return [...login.replaces, ...(newest?.kind === 'done' ? [newest.session] : [])]
}

export type PendingError = 'unknown-login' | 'other-connection'

/** Finds the login that an IdP's answer belongs to: begun in this browser, with this connection. */
export function takePending(
  relayState: string | null,
  logins: readonly PendingLogin[],
  connection: string,
): Result<PendingLogin, PendingError> {
  const found = logins.find(({ handle }) => handle === relayState)
  if (!found) return err('unknown-login')
  return found.connection === connection ? ok(found) : err('other-connection')
}

const latest = ({ startedAt, outcome }: Pick<PendingLogin, 'startedAt' | 'outcome'>): Instant =>
  outcome?.at ?? startedAt

const contextOf = ({ url }: Visit['host'], handle: string): string => `${url} ${handle}`

/**
 * Bytes of the login's cookie: base64url of the sealed text (28 bytes longer than the text), and
 * the name.
 */
const lengthOf = (login: PendingLogin): number =>
  Math.ceil(((utf8(toJson(login)).length + 28) * 4) / 3) + LOGIN_COOKIE.length + 40

const toJson = (login: PendingLogin): string =>
  JSON.stringify([
    login.requestId,
    login.connection,
    login.returnTo,
    login.startedAt,
    login.replaces,
    login.isForeign,
    login.outcome,
    ...(login.anew ? [login.anew] : []),
  ])
