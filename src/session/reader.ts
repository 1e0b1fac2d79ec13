/**
 * Finds the session of a request: cookie → session (KV) → standing (D1). The isolate caches both
 * for a short time.
 */
import { plusSeconds, type Instant } from '../lib/instant.ts'
import type { Meter } from '../lib/meter.ts'
import type { Result } from '../lib/result.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { isInWindow, type BoundCookies } from './bound-cookie.ts'
import { createSessionCache, type Remembered } from './cache.ts'
import { createKnownTokens } from './known-tokens.ts'
import { oneOf } from './one-of.ts'
import type { LiveSession, Session, SessionEnd, SessionReading } from './session.ts'
import { decideStanding, recordSeconds, type Standing } from './standing.ts'
import {
  findOpening,
  findStanding,
  noteAndFindStanding,
  touchSession,
} from './find-standing-store.ts'
import { findSession } from './store.ts'
import { hashToken, type SessionToken, type TokenHash } from './token.ts'

/** The parts of a visit that reading a session needs. */
export interface SessionVisit {
  readonly host: {
    readonly authority: string
    readonly deviceBinding: 'off' | 'offer' | 'require'
  }
  readonly now: Instant
  readonly meter: Meter
  readonly waitUntil: (work: Promise<unknown>) => void
}

export interface SessionStores {
  readonly kv: KVNamespace
  readonly db: D1Database
}

export interface SessionReader {
  (request: Request, visit: SessionVisit): Promise<SessionReading>
  /** Always asks D1, and does not count as activity of the user. */
  readonly again: (request: Request, visit: SessionVisit) => Promise<SessionReading>
  /**
   * The same without asking for the cookie of the device, which ends in minutes: for a request that
   * is open for longer, and for one that asks for the next cookie.
   */
  readonly stands: (request: Request, visit: SessionVisit) => Promise<SessionReading>
  /** Notes activity on an open connection, if that is due. Returns when the next is due. */
  readonly alive: (live: LiveSession, visit: SessionVisit) => Instant
  /**
   * Drops the session from this isolate's cache after it was ended here, so that it is refused at
   * once.
   */
  readonly forget: (hash: TokenHash) => void
}

/** Twice the usual delay that Cloudflare documents, one minute. */
const KV_SHOWS_WITHIN_SECONDS = 120

/**
 * A cached session costs no request to KV or D1. Two requests never share one pending read: a
 * Worker must not wait for the I/O of another request.
 *
 * @param revocationSeconds the maximum age of a cached standing that may let a session in.
 * @param shortestIdleSeconds of all hosts of the sign-ins; null: no host has an idle limit.
 */
export function createSessionReader({
  kv,
  db,
  revocationSeconds,
  shortestIdleSeconds,
  boundCookies,
}: SessionStores & {
  readonly revocationSeconds: number
  readonly shortestIdleSeconds: number | null
  readonly boundCookies: BoundCookies
}): SessionReader {
  const tokens = createKnownTokens(revocationSeconds)
  const cache = createSessionCache(tokens.forget)
  const hashes = new WeakMap<Session, TokenHash>()

  async function readSession(
    token: SessionToken,
    visit: SessionVisit,
    request: Request,
  ): Promise<SessionReading> {
    const claim = knownClaim(token, visit) ?? (await readClaim(token, visit))
    if (claim.kind !== 'claim') return claim
    const { hash, session, remembered } = claim
    if (remembered && letsIn(remembered, visit.now)) {
      const mayBeNew = remembered.standing.boundAt === null && visit.host.deviceBinding !== 'off'
      // The browser has bound it since this isolate looked.
      const isNew = mayBeNew && (await hasCookie(request, session, visit))
      // Most requests are not to be noted, and wait for nothing here.
      if (!isNew && visit.now < dueAfter(remembered.standing.lastSeenAt, session))
        return live(remembered)
      if (!isNew) return arrive(hash, remembered, visit, request)
    }
    const isDue = isNoteDue(claim, request, visit.now)
    const isOfDevice = isDue && (await mayBeOfDevice(request, session, visit))
    const noting = { now: visit.now, isOfDevice, shortestIdleSeconds }
    const found = await visit.meter.step(
      'd1',
      async () =>
        (isDue ? await noteAndFindStanding(db, session, noting) : null) ??
        (await findStanding(db, session)),
    )
    const standing = keepOrForget(hash, session, found, visit.now)
    if (!standing.ok) return ended(standing.error, session)
    const read = { session, standing: standing.value, readAt: visit.now }
    cache.save(hash, read)
    tokens.keep(token, hash, visit.now)
    return arrive(hash, read, visit, request)
  }

  async function readAgain(token: SessionToken, visit: SessionVisit): Promise<SessionReading> {
    const claim = await readClaim(token, visit)
    if (claim.kind !== 'claim') return claim
    const found = await visit.meter.step('d1', () => findStanding(db, claim.session))
    const standing = keepOrForget(claim.hash, claim.session, found, visit.now)
    if (!standing.ok) return ended(standing.error, claim.session)
    return live({ session: claim.session, standing: standing.value, readAt: visit.now })
  }

  /** Of a session that was warm here a moment ago, without waiting for anything. */
  function knownClaim(token: SessionToken, { host, now }: SessionVisit): Claim | null {
    const hash = tokens.hashOf(token, now)
    const remembered = hash && cache.find(hash)
    if (!hash || !remembered || remembered.session.site !== host.authority) return null
    return { kind: 'claim', hash, session: remembered.session, remembered }
  }

  /** A session in KV never changes, so it may be cached for longer than its standing. */
  async function readClaim(
    token: SessionToken,
    { host, now, meter }: SessionVisit,
  ): Promise<Claim | Refusal> {
    const hash = await hashToken(token)
    const remembered = cache.find(hash)
    const session = remembered?.session ?? (await meter.step('kv', () => findSession(kv, hash)))
    if (!session) {
      await refuseToGuess(hash, host.authority, now)
      return ended('unknown')
    }
    if (session.site !== host.authority) return ended('other-site')
    if (!remembered) hashes.set(session, hash)
    return { kind: 'claim', hash, session, remembered }
  }

  /**
   * A user who has just signed in must not be sent to sign in again only because KV does not show
   * the session yet.
   */
  async function refuseToGuess(hash: TokenHash, site: string, now: Instant): Promise<void> {
    const openedAt = await findOpening(db, hash, site)
    if (openedAt === null || now >= plusSeconds(openedAt, KV_SHOWS_WITHIN_SECONDS)) return
    throw new StoreUnavailable('KV', 'finding a session that was just opened', null)
  }

  /** When a request is to be noted: as often as the host with the shortest idle limit needs it. */
  const dueAfter = (lastSeenAt: Instant, { idleSeconds }: Session): Instant =>
    plusSeconds(lastSeenAt, recordSeconds(idleSeconds, shortestIdleSeconds))

  /**
   * Whether this request is to be noted, as far as this isolate knows. Other isolates may have noted
   * one. An isolate that has not seen the session takes the first request of a page to be due, and
   * the others that come with it not to be.
   */
  function isNoteDue({ session, remembered }: Claim, { headers }: Request, now: Instant): boolean {
    if (session.signIn === null || now >= session.expiresAt) return false
    if (remembered) return now >= dueAfter(remembered.standing.lastSeenAt, session)
    const beginsPage = headers.get('Sec-Fetch-Mode') === 'navigate'
    return beginsPage && now >= dueAfter(session.openedAt, session)
  }

  function keepOrForget(
    hash: TokenHash,
    session: Session,
    found: Standing | null,
    now: Instant,
  ): Result<Standing, SessionEnd> {
    const standing = decideStanding(session, found, now)
    if (!standing.ok) cache.remove(hash)
    return standing
  }

  /**
   * A cached standing never refuses anyone: another isolate may have seen a later request of the
   * same session.
   */
  const letsIn = ({ session, standing, readAt }: Remembered, now: Instant): boolean =>
    // abs: if the clock is set back, a cached standing must not live longer.
    Math.abs(now - readAt) < revocationSeconds * 1000 && decideStanding(session, standing, now).ok

  async function arrive(
    hash: TokenHash,
    found: Remembered,
    visit: SessionVisit,
    request: Request,
  ): Promise<SessionReading> {
    const { session, standing } = found
    if (visit.now >= dueAfter(standing.lastSeenAt, session)) {
      const isBound = standing.boundAt !== null
      if (!isBound || (await mayBeOfDevice(request, session, visit))) note(hash, found, visit)
    }
    return live(found)
  }

  function note(hash: TokenHash, found: Remembered, { now, waitUntil }: SessionVisit): void {
    const standing = { ...found.standing, lastSeenAt: now }
    // Not cached again if it is gone: the session may have been ended in the meantime.
    if (cache.find(hash)) cache.save(hash, { ...found, standing })
    // The write failed: forget the entry, so that the next request asks D1 and tries again.
    waitUntil(touchSession(db, found.session, now).catch(() => cache.remove(hash)))
  }

  function alive({ session }: LiveSession, visit: SessionVisit): Instant {
    const { now, waitUntil } = visit
    const hash = hashes.get(session)
    const found = hash === undefined ? null : cache.find(hash)
    if (hash === undefined || !found) {
      // Not cached again: the session may have been ended in the meantime.
      waitUntil(touchSession(db, session, now).catch(() => undefined))
      return dueAfter(now, session)
    }
    const due = dueAfter(found.standing.lastSeenAt, session)
    if (now < due) return due
    note(hash, found, visit)
    return dueAfter(now, session)
  }

  const hasCookie = async (
    request: Request,
    { id }: Session,
    { host, now }: SessionVisit,
  ): Promise<boolean> => host.deviceBinding !== 'off' && boundCookies.isFresh(request, id, now)

  /** Whether a session that is bound to a device counts for this request. */
  const mayBeOfDevice = async (
    request: Request,
    session: Session,
    visit: SessionVisit,
  ): Promise<boolean> => needsNoCookie(session, visit) || hasCookie(request, session, visit)

  /** A session that is bound to a device counts only with the cookie that this device gets. */
  const withDevice =
    (read: (request: Request, visit: SessionVisit) => Promise<SessionReading>) =>
    async (request: Request, visit: SessionVisit): Promise<SessionReading> => {
      const reading = await read(request, visit)
      if (reading.kind !== 'live' || reading.live.boundAt === null) return reading
      const { session } = reading.live
      if (await hasCookie(request, session, visit)) return reading
      // It counts, but nothing shows that it comes from its device.
      return needsNoCookie(session, visit)
        ? { kind: 'live', live: { ...reading.live, boundAt: null } }
        : ended('no-device', session)
    }

  return Object.assign(withDevice(oneOf(readSession)), {
    again: withDevice(oneOf(readAgain)),
    stands: oneOf(readAgain),
    alive,
    forget: cache.remove,
  })
}

const needsNoCookie = (session: Session, { host, now }: SessionVisit): boolean =>
  host.deviceBinding === 'off' || isInWindow(session, now)

/** A session whose token the visitor has. Its standing is not checked yet. */
interface Claim {
  readonly kind: 'claim'
  readonly hash: TokenHash
  readonly session: Session
  readonly remembered: Remembered | null
}
type Refusal = Exclude<SessionReading, { readonly kind: 'live' }>

const live = ({
  session,
  standing: { groups, lastSeenAt, boundAt },
  readAt,
}: Remembered): SessionReading => ({
  kind: 'live',
  live: {
    session,
    via: null,
    groups: groups ? groups.map(({ displayName }) => displayName) : session.groups,
    groupIds: groups ? groups.map(({ id }) => id) : null,
    lastSeenAt,
    readAt,
    boundAt,
  },
})
const ended = (reason: SessionEnd, session: Session | null = null): Refusal => ({
  kind: 'ended',
  reason,
  session,
})
