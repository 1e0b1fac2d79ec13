/** Finds the owner of a program's token: hash → rows of D1, or this isolate's memory of them. */
import { plusSeconds, secondsBetween, toInstant, type Instant } from '../lib/instant.ts'
import type { Limits } from '../lib/limits.ts'
import { createLru } from '../lib/lru.ts'
import type { SessionVisit } from '../session/reader.ts'
import type { LiveSession, SessionEnd, SessionReading } from '../session/session.ts'
import type { Brought, Credential, CredentialFault } from './credential.ts'
import { hashProgramToken, type TokenKind } from './token.ts'

/** Tokens of one kind, in the store. */
export interface TokenSource {
  /** One statement. null: no token has this hash. */
  readonly find: (hash: string, now: Instant) => Promise<Found | null>
  /** Notes that the token was used. */
  readonly touch: (live: LiveSession, now: Instant) => Promise<void>
}

/** What the rows of a token say. */
export interface Found {
  /** Its `session.id` names the token. Its `session.expiresAt` is the end of this secret. */
  readonly live: LiveSession
  /** Why it counts no more; null: it counts. */
  readonly end: SessionEnd | null
}

export type ProgramFault = SessionEnd | CredentialFault | 'wrong-id'

export type ProgramReading =
  | { readonly kind: 'live'; readonly live: LiveSession }
  | {
      readonly kind: 'refused'
      readonly reason: ProgramFault
      /** The token that counts no more; null: not known. */
      readonly live: LiveSession | null
    }
  /** The client has sent too many tokens that this isolate does not know. */
  | { readonly kind: 'limited' }

export interface Arrival {
  readonly request: Request
  readonly credential: Credential
}

export interface ProgramReader {
  (arrival: Arrival, visit: SessionVisit): Promise<ProgramReading>
  /** During a long request: always asks D1, and is no use of the token. */
  readonly again: (arrival: Arrival, visit: SessionVisit) => Promise<SessionReading>
  /** Notes a message on an open WebSocket, if that is due. Returns when the next is due. */
  readonly alive: (live: LiveSession, visit: SessionVisit) => Instant
  /** After a change that was made here: the next request of each program asks D1. */
  readonly forget: () => void
}

/** The last use of a token is on record to so many seconds. */
const TOUCH_SECONDS = 600
const TOKENS_KEPT = 2000

export interface ProgramTerms {
  readonly limits: Limits
  /** How long a token is remembered at most. */
  readonly revocationSeconds: number
}

/**
 * A token that is remembered costs no request to D1. Two requests never share one pending read.
 */
export function createProgramReader(
  sources: Readonly<Record<TokenKind, TokenSource | null>>,
  { limits, revocationSeconds }: ProgramTerms,
): ProgramReader {
  let remembered = createLru<string, LiveSession>(TOKENS_KEPT)
  /** When this isolate noted a use of each token. */
  const noted = createLru<string, Instant>(TOKENS_KEPT)

  async function read(
    { request, credential }: Arrival,
    visit: SessionVisit,
  ): Promise<ProgramReading> {
    if (credential.kind === 'faulty') return refused(credential.fault)
    const { now } = visit
    const hash = await hashProgramToken(credential.token)
    const known = remembered.find(hash)
    if (known && counts(known, now)) return arrive(credential, hash, known, visit)
    // A program that was let in lately does not wait for others at its address.
    if (!known && (await limits('program', request, now))) return { kind: 'limited' }
    const found = await find(credential.kind, hash, visit)
    if (found && found.end === null) return arrive(credential, hash, found.live, visit)
    remembered.remove(hash)
    return found?.end ? refused(found.end, found.live) : refused('unknown')
  }

  const find = (kind: TokenKind, hash: string, { now, meter }: SessionVisit) =>
    meter.step('d1', () => sources[kind]?.find(hash, now) ?? Promise.resolve(null))

  const counts = ({ session, readAt }: LiveSession, now: Instant): boolean =>
    // abs: if the clock is set back, a remembered result must not live longer.
    Math.abs(secondsBetween(readAt, now)) < revocationSeconds && now < session.expiresAt

  function arrive(
    { id, kind }: Brought,
    hash: string,
    live: LiveSession,
    visit: SessionVisit,
  ): ProgramReading {
    if (id !== null && id !== live.session.id) return refused('wrong-id', live)
    remembered.save(hash, live)
    note(kind, live, visit)
    return { kind: 'live', live }
  }

  function note(kind: TokenKind, live: LiveSession, { now, waitUntil }: SessionVisit): Instant {
    const { id } = live.session
    const last = toInstant(Math.max(live.lastSeenAt, noted.find(id) ?? 0))
    if (secondsBetween(last, now) < TOUCH_SECONDS) return plusSeconds(last, TOUCH_SECONDS)
    noted.save(id, now)
    waitUntil(Promise.resolve(sources[kind]?.touch(live, now)).catch(() => noted.remove(id)))
    return plusSeconds(now, TOUCH_SECONDS)
  }

  async function again({ credential }: Arrival, visit: SessionVisit): Promise<SessionReading> {
    if (credential.kind === 'faulty') return { kind: 'none' }
    const hash = await hashProgramToken(credential.token)
    const found = await find(credential.kind, hash, visit)
    if (found?.end === null) return { kind: 'live', live: found.live }
    remembered.remove(hash)
    return { kind: 'ended', reason: found?.end ?? 'unknown', session: found?.live.session ?? null }
  }

  const alive = (live: LiveSession, visit: SessionVisit): Instant =>
    note(live.via?.kind === 'oauth' ? 'access' : 'service', live, visit)

  return Object.assign(read, {
    again,
    alive,
    forget: () => void (remembered = createLru(TOKENS_KEPT)),
  })
}

const refused = (reason: ProgramFault, live: LiveSession | null = null): ProgramReading => ({
  kind: 'refused',
  reason,
  live,
})
