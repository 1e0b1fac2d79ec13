import type { Instant } from '../lib/instant.ts'
import type { Session } from './session.ts'
import type { Standing } from './standing.ts'
import type { TokenHash } from './token.ts'

/** A session, and a standing that was good when it was read. */
export interface Remembered {
  readonly session: Session
  readonly standing: Standing
  readonly readAt: Instant
}

export interface SessionCache {
  readonly find: (hash: TokenHash) => Remembered | null
  readonly save: (hash: TokenHash, remembered: Remembered) => void
  readonly remove: (hash: TokenHash) => void
}

/** Of an isolate's 128 MB; most sessions are a kilobyte or two. */
const MAX_CHARACTERS = 8_000_000

/** Keeps what was used last, as much as fits. Never a refusal: whoever is let in again is let in. */
export function createSessionCache(maxCharacters: number = MAX_CHARACTERS): SessionCache {
  const entries = new Map<TokenHash, { remembered: Remembered; size: number }>()
  let characters = 0

  function remove(hash: TokenHash): void {
    characters -= entries.get(hash)?.size ?? 0
    entries.delete(hash)
  }

  return {
    find(hash) {
      const entry = entries.get(hash)
      if (!entry) return null
      entries.delete(hash)
      entries.set(hash, entry)
      return entry.remembered
    },

    save(hash, remembered) {
      const known = entries.get(hash)
      const { session, standing } = remembered
      const isSame =
        known?.remembered.session === session &&
        known.remembered.standing.groups === standing.groups
      const size =
        known && isSame
          ? known.size
          : JSON.stringify(session).length + JSON.stringify(standing.groups ?? '').length
      remove(hash)
      entries.set(hash, { remembered, size })
      characters += size
      for (const oldest of entries.keys()) {
        if (characters <= maxCharacters) break
        remove(oldest)
      }
    },

    remove,
  }
}
