import { findWhyNot, type NotBegun } from '../directory/not-begun-store.ts'
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { fromStore, StoreUnavailable } from '../lib/store-error.ts'
import type { SessionStores, SessionVisit } from './reader.ts'
import type { Session } from './session.ts'
import { revokeSession } from './revoke-store.ts'
import { saveStanding, type NewSignIn } from './standing-store.ts'
import { findSession, removeSession, saveSession } from './store.ts'
import {
  ending,
  hasSessionsWithoutToken,
  openById,
  parseEnded,
  type EndedSession,
  type Ending,
  type Held,
} from './token-store.ts'
import { hashToken, newSessionToken, type SessionToken, type TokenHash } from './token.ts'

export interface Opening {
  readonly session: Session & { readonly signIn: string }
  /** The session's sign-in, if it is new; null: D1 has it. */
  readonly newSignIn: NewSignIn | null
  /**
   * Earlier sessions of the same browser. If the new session begins, D1 ends them in the same
   * transaction, and their sign-ins too, unless it is the sign-in of the new session.
   */
  readonly replaces: readonly TokenHash[]
}

/**
 * Stores the session under a new token and returns the token. If only KV or only D1 stores its
 * half, the session does not count, and nobody has the token.
 */
export async function openSession(
  stores: SessionStores,
  { session, newSignIn, replaces }: Opening,
  { waitUntil }: Pick<SessionVisit, 'waitUntil'>,
): Promise<Result<SessionToken, NotBegun>> {
  const { kv, db } = stores
  const { openedAt } = session
  const token = newSessionToken()
  const hash = await hashToken(token)
  const [saved] = await Promise.all([
    saveStanding(db, { session, hash, newSignIn, replaces }),
    saveSession(kv, hash, session, openedAt),
  ])
  if (!saved.ok) {
    waitUntil(removeWritten(kv, hash))
    return saved
  }
  await endOlderSessions(stores, saved.value, openedAt)
  return ok(token)
}

/** KV takes one write of a key in a second. */
const KV_PAUSE_SECONDS = 1

/** If this fails, KV itself removes the entry when the session would have expired. */
async function removeWritten(kv: KVNamespace, hash: TokenHash): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, KV_PAUSE_SECONDS * 1000))
  await removeSession(kv, hash).catch((fault: unknown) => {
    if (!(fault instanceof StoreUnavailable)) throw fault
  })
}

/**
 * Ends the sessions of these tokens in D1. KV may still hold them, but D1 decides.
 *
 * @throws StoreUnavailable when we do not know whether they have ended.
 */
export async function endSessions(
  stores: SessionStores,
  what: Ending,
): Promise<readonly EndedSession[]> {
  const { hashes, now } = what
  if (hashes.length === 0) return []
  const [found] = await fromStore('D1', 'ending sessions', () =>
    stores.db.batch([...ending(stores.db, what, null)]),
  )
  const ended = parseEnded(found)
  return [...ended, ...(await endOlderSessions(stores, unknownOf(hashes, ended), now))]
}

interface Replacing {
  readonly hashes: readonly TokenHash[]
  /** The session that takes their place. */
  readonly by: Held
  readonly now: Instant
}

/**
 * Ends the sessions of these tokens, and their sign-ins, for a session of the same browser that was
 * opened before. If that session is not open any more, nothing ends.
 */
export async function replaceSessions(
  stores: SessionStores,
  { hashes, by, now }: Replacing,
): Promise<Result<null, NotBegun>> {
  const { db } = stores
  // Another tab may have switched to a session of the same sign-in before.
  const scope = { kind: 'sign-in', why: 'replaced', except: by.signIn } as const
  const [found, , open] = await fromStore('D1', 'ending sessions', () =>
    db.batch([...ending(db, { hashes, scope, now }, by.id), openById(db, by.id, now)]),
  )
  if (open?.results.length !== 1) return err(await findWhyNot(db, by.userId))
  await endOlderSessions(stores, unknownOf(hashes, parseEnded(found)), now)
  return ok(null)
}

const unknownOf = (
  hashes: readonly TokenHash[],
  ended: readonly EndedSession[],
): readonly TokenHash[] => {
  const known = ended.map(({ hash }) => hash)
  return hashes.filter((hash) => !known.includes(hash))
}

/**
 * Sessions from before migration 8 have no token hash in D1, so KV must say which session a token
 * belongs to.
 */
async function endOlderSessions(
  { kv, db }: SessionStores,
  hashes: readonly TokenHash[],
  now: Instant,
): Promise<readonly EndedSession[]> {
  if (hashes.length === 0 || !(await hasSessionsWithoutToken(db, now))) return []
  return Promise.all(
    hashes.map(async (hash) => {
      const session = await findSession(kv, hash)
      // KV is eventually consistent: it may not show a session that exists.
      if (!session) throw new StoreUnavailable('KV', 'finding a session that is to end', null)
      await revokeSession(db, session.id, now)
      return { id: session.id, userId: session.userId, hash, signIn: null, wasSignedIn: false }
    }),
  )
}
