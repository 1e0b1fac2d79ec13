/** The keys of a stream, read again: by cron, and when a token names one that is not known. */
import type { Instant } from '../lib/instant.ts'
import { secondsBetween } from '../lib/instant.ts'
import { createLru } from '../lib/lru.ts'
import type { MetadataReach } from '../upkeep/fetch.ts'
import { chooseKeys, type PublicJwk, type Wanted } from './keys.ts'
import { ASK_SECONDS, claimKeys, saveFault, saveKeys } from './store.ts'
import type { Stream } from './stream.ts'
import { readKeys } from './transmitter.ts'

export interface KeyDeps {
  readonly db: D1Database
  readonly reach: MetadataReach
}

export type Choose = (
  stream: Stream,
  wanted: Wanted,
  now: Instant,
) => Promise<readonly PublicJwk[] | 'later'>

/**
 * One per isolate. A flood of tokens that name unknown keys costs one write of D1 in five minutes,
 * and one request to the transmitter in five minutes from all isolates together.
 */
export function createChoose({ db, reach }: KeyDeps): Choose {
  const asked = createLru<string, Instant>(100)

  return async (stream, wanted, now) => {
    const known = chooseKeys(stream.jwks, wanted)
    if (known.length > 0 || stream.jwksUrl === null) return known
    const last = asked.find(stream.id)
    // The keys may have changed since: the transmitter is to send it again.
    if (last !== null && Math.abs(secondsBetween(last, now)) < ASK_SECONDS) return 'later'
    asked.save(stream.id, now)
    if (!(await claimKeys(db, stream.id, now))) return 'later'
    const keys = await refreshKeys(stream, { db, reach }, now)
    return keys ? chooseKeys(keys, wanted) : 'later'
  }
}

/** null: they could not be read, and the earlier ones stay. */
export async function refreshKeys(
  { id, issuer, jwksUrl }: Stream,
  { db, reach }: KeyDeps,
  now: Instant,
): Promise<readonly PublicJwk[] | null> {
  if (jwksUrl === null) return null
  const keys = await readKeys({ jwksUrl, issuer }, reach)
  if (keys.ok) await saveKeys(db, id, keys.value, now)
  else await saveFault(db, id, keys.error)
  return keys.ok ? keys.value : null
}
