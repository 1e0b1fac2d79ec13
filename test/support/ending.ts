import type { Instant } from '../../src/lib/instant.ts'
import { endSignInsOf, type SignInCount } from '../../src/session/ending-store.ts'

/** Ends all sign-ins of the person, as an operator does. */
export const endSessionsOf = (db: D1Database, userId: string, now: Instant): Promise<SignInCount> =>
  endSignInsOf(db, { of: { kind: 'user', userId }, why: 'revoked', now })
