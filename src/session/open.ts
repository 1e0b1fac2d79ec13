import type { Instant } from '../lib/instant.ts'
import { fromStore, StoreUnavailable } from '../lib/store-error.ts'
import type { SessionStores } from './reader.ts'
import type { Session } from './session.ts'
import { revokeSession, saveStanding } from './standing-store.ts'
import { findSession, saveSession } from './store.ts'
import { ending, hasSessionsWithoutToken, parseEnded, type EndedSession } from './token-store.ts'
import {
  hashToken,
  TOKEN_BYTES,
  toSessionToken,
  type SessionToken,
  type TokenHash,
} from './token.ts'

/**
 * Stores the session and gives the token that it is under, always a new one. If only one half is
 * stored, nobody holds the token, and neither half counts without the other.
 *
 * @param user as provisioned: if their sessions are ended after that, so is this one.
 * @param replaces sessions of the same browser, which end in D1 as this one begins.
 */
export async function openSession(
  stores: SessionStores,
  session: Session,
  user: { readonly sessionsValidFrom: Instant },
  replaces: readonly TokenHash[] = [],
): Promise<SessionToken> {
  const { kv, db } = stores
  const { openedAt } = session
  const { sessionsValidFrom } = user
  const token = toSessionToken(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)))
  const hash = await hashToken(token)
  const [unknown] = await Promise.all([
    saveStanding(db, { session, hash, sessionsValidFrom, replaces }),
    saveSession(kv, hash, session, openedAt),
  ])
  await endOlderSessions(stores, unknown, openedAt)
  return token
}

/**
 * Ends the sessions of those tokens in D1, which decides; KV may go on showing them.
 *
 * @throws StoreUnavailable when it is not known that they have ended.
 */
export async function endSessions(
  stores: SessionStores,
  hashes: readonly TokenHash[],
  now: Instant,
): Promise<readonly EndedSession[]> {
  if (hashes.length === 0) return []
  const ended = parseEnded(
    await fromStore('D1', 'ending sessions', () => ending(stores.db, hashes, now).run()),
  )
  const known = ended.map(({ hash }) => hash)
  const unknown = hashes.filter((hash) => !known.includes(hash))
  return [...ended, ...(await endOlderSessions(stores, unknown, now))]
}

/** D1 has no token of a session from before migration 8; only KV says which one it is. */
async function endOlderSessions(
  { kv, db }: SessionStores,
  hashes: readonly TokenHash[],
  now: Instant,
): Promise<readonly EndedSession[]> {
  if (hashes.length === 0 || !(await hasSessionsWithoutToken(db, now))) return []
  return Promise.all(
    hashes.map(async (hash) => {
      const session = await findSession(kv, hash)
      // KV may show none although there is one.
      if (!session) throw new StoreUnavailable('KV', 'finding a session that is to end', null)
      await revokeSession(db, session.id, now)
      return { id: session.id, userId: session.userId, hash }
    }),
  )
}
