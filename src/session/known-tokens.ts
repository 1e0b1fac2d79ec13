import type { Instant } from '../lib/instant.ts'
import type { SessionToken, TokenHash } from './token.ts'

/**
 * The hashes of tokens whose standing this isolate has just read. To hash a token takes longer than
 * everything else that finds a warm session.
 *
 * A token opens nothing by being here: it leads to its hash, as a digest does, and the session and its
 * standing are looked up by that.
 */
export interface KnownTokens {
  /** null: the hash must be made. */
  readonly hashOf: (token: SessionToken, now: Instant) => TokenHash | null
  /** When the standing of its session was read. Tokens that are kept too long are then forgotten. */
  readonly keep: (token: SessionToken, hash: TokenHash, now: Instant) => void
  readonly forget: (hash: TokenHash) => void
}

/** @param seconds how long a token is kept: as long as a standing counts. */
export function createKnownTokens(seconds: number): KnownTokens {
  /** A Map iterates in the order in which its keys were set, so the first was kept longest ago. */
  const known = new Map<SessionToken, { readonly hash: TokenHash; readonly at: Instant }>()
  const tokens = new Map<TokenHash, SessionToken>()

  // abs: if the clock is set back, nothing is kept for longer.
  const isOld = (at: Instant, now: Instant): boolean => Math.abs(now - at) >= seconds * 1000

  function forget(hash: TokenHash): void {
    const token = tokens.get(hash)
    if (token === undefined) return
    tokens.delete(hash)
    known.delete(token)
  }

  return {
    hashOf(token, now) {
      const found = known.get(token)
      return found && !isOld(found.at, now) ? found.hash : null
    },
    keep(token, hash, now) {
      forget(hash)
      known.set(token, { hash, at: now })
      tokens.set(hash, token)
      for (const each of known.values()) {
        if (!isOld(each.at, now)) break
        forget(each.hash)
      }
    },
    forget,
  }
}
