import type { Instant } from '../lib/instant.ts'
import { createLru, type Lru } from '../lib/lru.ts'
import type { Session } from './session.ts'
import type { Standing } from './standing.ts'
import type { TokenHash } from './token.ts'

/** A session together with its standing, which was good when it was read. */
export interface Remembered {
  readonly session: Session
  readonly standing: Standing
  readonly readAt: Instant
}

export type SessionCache = Lru<TokenHash, Remembered>

/** About a sixteenth of an isolate's 128 MB; most sessions take one or two kilobytes. */
const MAX_CHARACTERS = 8_000_000

/**
 * Never holds a refusal: a session that is not in the cache is read from KV and D1.
 *
 * @param gone is called with the hash of each session that is removed or pushed out.
 */
export function createSessionCache(
  gone: (hash: TokenHash) => void,
  maxCharacters: number = MAX_CHARACTERS,
): SessionCache {
  const entries = createLru<TokenHash, { readonly remembered: Remembered; readonly size: number }>(
    maxCharacters,
    ({ size }) => size,
    gone,
  )
  return {
    find: (hash) => entries.find(hash)?.remembered ?? null,
    save(hash, remembered) {
      const known = entries.find(hash)
      const { session, standing } = remembered
      const isSame =
        known?.remembered.session === session &&
        known.remembered.standing.groups === standing.groups
      const size =
        known && isSame
          ? known.size
          : JSON.stringify(session).length + JSON.stringify(standing.groups ?? '').length
      entries.save(hash, { remembered, size })
    },
    remove: entries.remove,
  }
}
