import type { Instant } from '../lib/instant.ts'
import type { SessionStores } from './reader.ts'
import type { Session } from './session.ts'
import { revokeSession, saveStanding } from './standing-store.ts'
import { findSession, removeSession, saveSession } from './store.ts'
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
 */
export async function openSession(
  { kv, db }: SessionStores,
  session: Session,
  user: { readonly sessionsValidFrom: Instant },
): Promise<SessionToken> {
  const token = toSessionToken(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)))
  const hash = await hashToken(token)
  await Promise.all([
    saveSession(kv, hash, session, session.openedAt),
    saveStanding(db, session, user.sessionsValidFrom),
  ])
  return token
}

/** Ends the session under that hash, if there is one. D1 first: that is what counts. */
export async function endSession(
  { kv, db }: SessionStores,
  hash: TokenHash,
  now: Instant,
): Promise<Session | null> {
  const session = await findSession(kv, hash)
  if (!session) return null
  await revokeSession(db, session.id, now)
  await removeSession(kv, hash)
  return session
}
