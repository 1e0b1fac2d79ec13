import type { Instant } from '../lib/instant.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import type { SessionStores } from './reader.ts'
import type { Session } from './session.ts'
import { revokeSession, saveStanding } from './standing-store.ts'
import { findSession, saveSession } from './store.ts'
import { hasSessionsWithoutToken, revokeByToken, type EndedSession } from './token-store.ts'
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
  await Promise.all(unknown.map((each) => endOlderSession(stores, each, openedAt)))
  return token
}

/**
 * Ends the session of that token, if there is one, in D1: that is what counts. KV may go on showing it.
 *
 * @throws StoreUnavailable when it is not known that the session has ended.
 */
export const endSession = async (
  stores: SessionStores,
  hash: TokenHash,
  now: Instant,
): Promise<EndedSession | null> =>
  (await revokeByToken(stores.db, hash, now)) ?? (await endOlderSession(stores, hash, now))

/** D1 has no token of a session from before migration 8; only KV says which one it is. */
async function endOlderSession(
  { kv, db }: SessionStores,
  hash: TokenHash,
  now: Instant,
): Promise<EndedSession | null> {
  const session = await findSession(kv, hash)
  if (session) {
    await revokeSession(db, session.id, now)
    return session
  }
  // KV may show none although there is one.
  if (!(await hasSessionsWithoutToken(db, now))) return null
  throw new StoreUnavailable('KV', 'finding a session that is to end', null)
}
