/** Who comes: cookie → session (KV) → standing (D1), remembered in the isolate for a short while. */
import { plusSeconds, type Instant } from '../lib/instant.ts'
import type { Result } from '../lib/result.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { createSessionCache, type Remembered } from './cache.ts'
import { readSessionTokens } from './cookie.ts'
import type { LiveSession, Session, SessionEnd, SessionReading } from './session.ts'
import { isTouchDue, decideStanding, type Standing } from './standing.ts'
import { findStanding, touchSession } from './standing-store.ts'
import { findSession } from './store.ts'
import { findOpening } from './token-store.ts'
import { hashToken, type SessionToken, type TokenHash } from './token.ts'

/** The part of a visit that a session depends on. */
export interface SessionVisit {
  readonly host: { readonly authority: string }
  readonly now: Instant
  readonly waitUntil: (work: Promise<unknown>) => void
}

export interface SessionStores {
  readonly kv: KVNamespace
  readonly db: D1Database
}

export interface SessionReader {
  (request: Request, visit: SessionVisit): Promise<SessionReading>
  /** While a request is being answered: asks D1 in any case, and is no sign of life. */
  readonly again: (request: Request, visit: SessionVisit) => Promise<SessionReading>
  /** What a session that was let in sends is a sign of life. Gives when it is known to have lived last. */
  readonly alive: (live: LiveSession, visit: SessionVisit) => Instant
  /** A session that was ended here is refused here at once. */
  readonly forget: (hash: TokenHash) => void
}

/** Twice what Cloudflare names as usual, a minute. */
const KV_SHOWS_WITHIN_SECONDS = 120

/**
 * A warm request asks neither KV nor D1. Reads under way are not shared: a Worker must not wait
 * for another request's I/O.
 *
 * @param revocationSeconds how old a standing may be that lets somebody in.
 */
export function createSessionReader({
  kv,
  db,
  revocationSeconds,
}: SessionStores & { readonly revocationSeconds: number }): SessionReader {
  const cache = createSessionCache()
  const hashes = new WeakMap<Session, TokenHash>()

  async function readSession(token: SessionToken, visit: SessionVisit): Promise<SessionReading> {
    const claim = await readClaim(token, visit)
    if (claim.kind !== 'claim') return claim
    const { hash, session, remembered } = claim
    if (remembered && letsIn(remembered, visit.now)) return arrive(hash, remembered, visit)
    const standing = await lookUp(hash, session, visit.now)
    if (!standing.ok) return ended(standing.error, session)
    return arrive(hash, { session, standing: standing.value, readAt: visit.now }, visit)
  }

  async function readAgain(token: SessionToken, visit: SessionVisit): Promise<SessionReading> {
    const claim = await readClaim(token, visit)
    if (claim.kind !== 'claim') return claim
    const standing = await lookUp(claim.hash, claim.session, visit.now)
    if (!standing.ok) return ended(standing.error, claim.session)
    return live(claim.session, standing.value, visit.now)
  }

  /** What KV says never changes, so it may be remembered for longer than a standing. */
  async function readClaim(
    token: SessionToken,
    { host, now }: SessionVisit,
  ): Promise<Claim | Refusal> {
    const hash = await hashToken(token)
    const remembered = cache.find(hash)
    const session = remembered?.session ?? (await findSession(kv, hash))
    if (!session) {
      await refuseToGuess(hash, host.authority, now)
      return ended('unknown')
    }
    if (session.site !== host.authority) return ended('other-site')
    if (!remembered) hashes.set(session, hash)
    return { kind: 'claim', hash, session, remembered }
  }

  /** Whoever has just signed in must not be sent to sign in again, because KV does not show it yet. */
  async function refuseToGuess(hash: TokenHash, site: string, now: Instant): Promise<void> {
    const openedAt = await findOpening(db, hash, site)
    if (openedAt === null || now >= plusSeconds(openedAt, KV_SHOWS_WITHIN_SECONDS)) return
    throw new StoreUnavailable('KV', 'finding a session that was just opened', null)
  }

  async function lookUp(
    hash: TokenHash,
    session: Session,
    now: Instant,
  ): Promise<Result<Standing, SessionEnd>> {
    const standing = decideStanding(session, await findStanding(db, session), now)
    if (!standing.ok) cache.remove(hash)
    return standing
  }

  /** What is remembered turns nobody away: the last request may have come to another isolate. */
  const letsIn = ({ session, standing, readAt }: Remembered, now: Instant): boolean =>
    // In both directions: a clock that is set back must not make a standing last.
    Math.abs(now - readAt) < revocationSeconds * 1000 && decideStanding(session, standing, now).ok

  function arrive(hash: TokenHash, found: Remembered, visit: SessionVisit): SessionReading {
    const { session, standing, readAt } = found
    if (isTouchDue(session, standing, visit.now)) note(hash, found, visit)
    else cache.save(hash, found)
    return live(session, standing, readAt)
  }

  function note(hash: TokenHash, found: Remembered, { now, waitUntil }: SessionVisit): void {
    cache.save(hash, { ...found, standing: { ...found.standing, lastSeenAt: now } })
    // Not noted: the next request looks again, and tries again.
    waitUntil(touchSession(db, found.session.id, now).catch(() => cache.remove(hash)))
  }

  function alive({ session }: LiveSession, visit: SessionVisit): Instant {
    const { now, waitUntil } = visit
    const hash = hashes.get(session)
    const found = hash === undefined ? null : cache.find(hash)
    if (hash === undefined || !found) {
      // Not put into the cache again: it may have been ended meanwhile.
      waitUntil(touchSession(db, session.id, now).catch(() => undefined))
      return now
    }
    if (!isTouchDue(session, found.standing, now)) return found.standing.lastSeenAt
    note(hash, found, visit)
    return now
  }

  return Object.assign(oneOf(readSession), { again: oneOf(readAgain), alive, forget: cache.remove })
}

/**
 * Of several tokens the one counts that is of a live session. Where two are, either may be an
 * attacker's, so neither counts.
 */
const oneOf =
  (read: (token: SessionToken, visit: SessionVisit) => Promise<SessionReading>) =>
  async ({ headers }: Request, visit: SessionVisit): Promise<SessionReading> => {
    const [token, ...others] = readSessionTokens(headers)
    if (token === undefined) return { kind: 'none' }
    const first = await read(token, visit)
    if (others.length === 0) return first
    const all = [first, ...(await Promise.all(others.map((other) => read(other, visit))))]
    const [found, second] = all.filter(({ kind }) => kind === 'live')
    return second ? { kind: 'none' } : (found ?? first)
  }

/** A session that the visitor has the token of. Whether it counts is not known yet. */
interface Claim {
  readonly kind: 'claim'
  readonly hash: TokenHash
  readonly session: Session
  readonly remembered: Remembered | null
}
type Refusal = Exclude<SessionReading, { readonly kind: 'live' }>

const live = (session: Session, { groups }: Standing, readAt: Instant): SessionReading => ({
  kind: 'live',
  live: {
    session,
    groups: groups ? groups.map(({ displayName }) => displayName) : session.groups,
    groupIds: groups ? groups.map(({ id }) => id) : [],
    readAt,
  },
})
const ended = (reason: SessionEnd, session: Session | null = null): Refusal => ({
  kind: 'ended',
  reason,
  session,
})
