import type { Instant } from '../lib/instant.ts'
import { createLru } from '../lib/lru.ts'
import type { LiveSession } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import type { KeyRing } from './keys.ts'
import { identityHeaders, type HeaderPair } from './profiles.ts'
import { isFresh, signToken } from './token.ts'

/** The identity headers that this site's origin receives for a live session. */
export type Identify = (live: LiveSession, visit: SiteVisit) => Promise<readonly HeaderPair[]>

const REMEMBERED_SESSIONS = 1000

/**
 * Signs one token per session and `tokenSeconds`, not one per request. Signs again when the user's
 * groups change.
 */
export function createIdentify(keys: KeyRing): Identify {
  const remembered = createLru<string, Remembered>(REMEMBERED_SESSIONS)

  return async (live, { site, now }) => {
    const name = `${site.authority} ${live.session.id}`
    const known = remembered.find(name)
    if (
      known &&
      isFresh(known.issuedAt, site.tokenSeconds, now) &&
      sameNames(known.groups, live.groups)
    ) {
      return known.headers
    }
    const token = await signToken(await keys.signingKey(now), site, live, now)
    const headers = identityHeaders(site.headers, token, live)
    remembered.save(name, { issuedAt: now, groups: live.groups, headers })
    return headers
  }
}

interface Remembered {
  readonly issuedAt: Instant
  readonly groups: readonly string[]
  readonly headers: readonly HeaderPair[]
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((name, i) => name === b[i]))
