/** The logins that a browser has under way, in one sealed cookie of its own. */
import * as v from 'valibot'
import { decodeUtf8, utf8 } from '../lib/bytes.ts'
import { readCookies, setCookie } from '../lib/cookie.ts'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Sealer } from '../lib/seal.ts'
import { parseTokenHash, type TokenHash } from '../session/token.ts'
import { parseReturnTo, type ReturnTo } from './return-to.ts'

export const PENDING_COOKIE = '__Host-gatehouse-login'
/** What createSealer is to be given. */
export const PENDING_PURPOSE = 'pending-logins'
export const PENDING_SECONDS = 3600
/** Browsers take 4096 bytes, name and attributes included. */
const MAX_COOKIE_LENGTH = 3500
/** Of several cookies of the name. */
const MOST_TRIED = 4

export interface PendingLogin {
  /** RelayState: at most 80 bytes (Bindings §3.4.3). */
  readonly handle: string
  /** ID of the AuthnRequest. */
  readonly requestId: string
  readonly connection: string
  readonly returnTo: ReturnTo
  readonly startedAt: Instant
  /** The session that this login is to take the place of. */
  readonly replaces: TokenHash | null
  /** Answered: whoever comes by again, by the back button, is only sent on. */
  readonly isDone: boolean
}

const HANDLE = /^gh-[A-Za-z0-9-]{36}$/

export const toHandle = (uuid: string): string => `gh-${uuid}`
/** Whether a RelayState is of a login that was started here, or looks like it. */
export const isHandle = (relayState: string): boolean => HANDLE.test(relayState)

const pendingSchema = v.array(
  v.strictTuple([
    v.string(),
    v.string(),
    v.string(),
    v.string(),
    v.number(),
    v.nullable(v.string()),
    v.boolean(),
  ]),
)

/** Newest first. A cookie that is not ours, or is too old to open, is none. */
export async function readPending(
  headers: Headers,
  sealer: Sealer,
  siteUrl: string,
  now: Instant,
): Promise<readonly PendingLogin[]> {
  const cookies = readCookies(headers, `${PENDING_COOKIE}=`).slice(0, MOST_TRIED)
  const tried = await Promise.all(cookies.map((cookie) => sealer.open(cookie)))
  const opened = tried.find(({ ok: isOurs }) => isOurs) ?? err('not-ours')
  const text = opened.ok ? decodeUtf8(opened.value) : opened
  const parsed = text.ok
    ? v.safeParse(v.pipe(v.string(), v.parseJson(), pendingSchema), text.value)
    : null
  if (!parsed?.success) return []
  return parsed.output
    .map(([handle, requestId, connection, path, startedAt, replaces, isDone]) => ({
      handle,
      requestId,
      connection,
      returnTo: parseReturnTo(path, siteUrl),
      startedAt: toInstant(startedAt),
      replaces: replaces === null ? null : parseTokenHash(replaces),
      isDone,
    }))
    .filter(({ startedAt }) => startedAt <= now && now < plusSeconds(startedAt, PENDING_SECONDS))
}

/** The Set-Cookie header that keeps them: as many of the newest as a cookie holds. */
export async function keepPending(
  logins: readonly PendingLogin[],
  sealer: Sealer,
): Promise<string> {
  for (let kept = logins; ; kept = kept.slice(0, -1)) {
    const value = kept.length === 0 ? '' : await sealer.seal(utf8(toJson(kept)))
    if (value.length > MAX_COOKIE_LENGTH) continue
    return setCookie({
      name: PENDING_COOKIE,
      value,
      // The IdP's answer is a POST from another site.
      sameSite: 'None',
      maxAgeSeconds: value === '' ? 0 : PENDING_SECONDS,
    })
  }
}

/** `done` has no more to remember but where it went. */
export const markDone = (
  logins: readonly PendingLogin[],
  done: PendingLogin,
): readonly PendingLogin[] =>
  logins.map((login) =>
    login.handle === done.handle ? { ...login, replaces: null, isDone: true } : login,
  )

const ROUNDS = 3
const ROUNDS_WITHIN_SECONDS = 60

/**
 * Whether the browser was sent round that often, that shortly ago: then what comes without a handle
 * is the IdP's answer to that, without the RelayState it owes us (Bindings §3.5.3), and asking again
 * would go on for ever.
 */
export const isGoingRound = (
  logins: readonly PendingLogin[],
  connection: string,
  now: Instant,
): boolean =>
  logins.filter(
    (login) =>
      login.connection === connection &&
      !login.isDone &&
      now < plusSeconds(login.startedAt, ROUNDS_WITHIN_SECONDS),
  ).length >= ROUNDS

export type PendingError = 'unknown-login' | 'other-connection'

/** The login that an answer belongs to, in this browser and at this connection. */
export function takePending(
  relayState: string | null,
  logins: readonly PendingLogin[],
  connection: string,
): Result<PendingLogin, PendingError> {
  const found = logins.find(({ handle }) => handle === relayState)
  if (!found) return err('unknown-login')
  return found.connection === connection ? ok(found) : err('other-connection')
}

const toJson = (logins: readonly PendingLogin[]): string =>
  JSON.stringify(
    logins.map((login) => [
      login.handle,
      login.requestId,
      login.connection,
      login.returnTo,
      login.startedAt,
      login.replaces,
      login.isDone,
    ]),
  )
