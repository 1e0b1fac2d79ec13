import { SignJWT } from 'jose'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import type { LiveSession } from '../session/session.ts'
import type { Site } from '../site/site.ts'
import { ALGORITHM, type SigningKey } from './keys.ts'
import { groupsToTell } from './told.ts'

/** Seconds that an origin's clock may be behind ours. */
const NOT_BEFORE_SECONDS = 30

/** A signed token about the user of this session. Its audience is this site's origin only. */
export function signToken(
  { kid, key }: SigningKey,
  site: Site,
  { session, groups }: LiveSession,
  now: Instant,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000)
  const told = groupsToTell(groups)
  return new SignJWT({
    ...(session.email === null ? {} : { email: session.email }),
    ...(session.displayName === null ? {} : { name: session.displayName }),
    preferred_username: session.userName,
    connection: session.connection,
    ...(told ? { groups: [...told] } : { groups_omitted: groups.length }),
  })
    .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
    .setIssuer(site.url)
    .setAudience(site.url)
    .setSubject(session.userId)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt - NOT_BEFORE_SECONDS)
    .setExpirationTime(issuedAt + site.tokenSeconds)
    .sign(key)
}

/**
 * Whether enough of the token's life is left: a quarter of it, but no more than a minute is
 * required.
 */
export const isFresh = (issuedAt: Instant, tokenSeconds: number, now: Instant): boolean => {
  const age = secondsBetween(issuedAt, now)
  return age >= 0 && age <= tokenSeconds - Math.min(60, tokenSeconds / 4)
}
