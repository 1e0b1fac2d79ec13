import { encodeBase64Url, utf8 } from '../lib/bytes.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import type { LiveSession, Via } from '../session/session.ts'
import type { Site } from '../site/site.ts'
import { ALGORITHM, SIGNING, type SigningKey } from './keys.ts'
import { groupsToTell } from './told.ts'

/** Seconds that an origin's clock may be behind ours. */
const NOT_BEFORE_SECONDS = 30

/** A signed token about the user of this session. Its audience is this site's origin only. */
export function signToken(
  signingKey: SigningKey,
  site: Site,
  { session, via, groups }: LiveSession,
  now: Instant,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000)
  const told = groupsToTell(groups)
  return toJws(signingKey, {
    iss: site.url,
    aud: site.url,
    sub: session.userId,
    iat: issuedAt,
    nbf: issuedAt - NOT_BEFORE_SECONDS,
    exp: issuedAt + site.tokenSeconds,
    ...(session.email === null ? {} : { email: session.email }),
    ...(session.displayName === null ? {} : { name: session.displayName }),
    preferred_username: session.userName,
    connection: session.connection,
    ...(via ? { gatehouse_via: via.kind, client_id: clientIdOf(via) } : {}),
    ...(told ? { groups: told } : { groups_omitted: groups.length }),
  })
}

/** The name of a service token, or the id of an OAuth client (RFC 8693 §4.3). */
export const clientIdOf = (via: Via): string => (via.kind === 'service' ? via.name : via.client)

/** RFC 7515 §3.1. WebCrypto gives an ECDSA signature as a JWS has it (RFC 7518 §3.4). */
async function toJws({ kid, key }: SigningKey, claims: object): Promise<string> {
  const parts = [{ alg: ALGORITHM, kid, typ: 'JWT' }, claims]
  const signed = parts.map((part) => encodeBase64Url(utf8(JSON.stringify(part)))).join('.')
  const signature = await crypto.subtle.sign(SIGNING, key, utf8(signed))
  return `${signed}.${encodeBase64Url(new Uint8Array(signature))}`
}

/**
 * Whether enough of the token's life is left: a quarter of it, but no more than a minute is
 * required.
 */
export const isFresh = (issuedAt: Instant, tokenSeconds: number, now: Instant): boolean => {
  const age = secondsBetween(issuedAt, now)
  return age >= 0 && age <= tokenSeconds - Math.min(60, tokenSeconds / 4)
}
