import { readAllSessionTokens } from '../session/cookie.ts'
import { hasOpenSession } from '../session/token-store.ts'
import { hashTokens } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import type { LogoutDeps } from './deps.ts'

/** D1 says it: what this isolate remembers may be older than the end of the sign-in. */
export async function isSignedIn(
  headers: Headers,
  { host, now }: Visit,
  { stores: { db } }: LogoutDeps,
): Promise<boolean> {
  const hashes = await hashTokens(readAllSessionTokens(headers))
  return hashes.length > 0 && hasOpenSession(db, { hashes, site: host.authority }, now)
}
