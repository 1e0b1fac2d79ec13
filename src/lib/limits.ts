/**
 * Limits how often one client may cause work without a session or a token that counts. The limit
 * saves work. It protects no secret, because all tokens are random.
 */
import { secondsBetween, type Instant } from './instant.ts'
import { createLru } from './lru.ts'
import {
  ARRIVE_PATH,
  BACK_PATH,
  CONSOLE_PATH,
  HANDOVER_PATH,
  isSamlPath,
  LOGIN_PATH,
  TEST_PATH,
} from './paths.ts'
import { clientOf } from './whence.ts'

/** Each kind of request has counts of its own, so none of them stops another. */
export type Limited =
  /** Begins a sign-in. */
  | 'login'
  /** What a browser carries from an identity provider, and our metadata. */
  | 'saml'
  /** May bring a code that counts once: of a link, or from the login host to a site. */
  | 'code'
  /** Has a token that this isolate does not know as valid. */
  | 'token'
  /** Brings a token to a site that this isolate does not know as valid. */
  | 'program'
  /** Asks for the descriptions of the SCIM service, which need no token. */
  | 'scim'
  /** Is of a client of OAuth, for tokens, a registration or a device. */
  | 'oauth'

/**
 * What browsers ask without a session is limited before anything is read. What an identity provider
 * calls itself is not: its customers share its addresses, so any of them could hold back a sign-out.
 */
export function limitOf(pathname: string): Limited | null {
  if (pathname === LOGIN_PATH) return 'login'
  if (codePaths.includes(pathname)) return 'code'
  return isSamlPath(pathname) ? 'saml' : null
}

const codePaths: readonly string[] = [
  ARRIVE_PATH,
  BACK_PATH,
  TEST_PATH,
  `${CONSOLE_PATH}/enter`,
  `${HANDOVER_PATH}/enter`,
]

/** Counts the request. True: its client has sent too many. */
export type Limits = (limited: Limited, request: Request, now: Instant) => Promise<boolean>

/** The period of the binding in wrangler.toml. The binding does not say how much of it is left. */
export const LIMIT_SECONDS = 60
/** What one isolate allows in the period where the binding is missing or fails. */
const MOST_HERE = 2000
const CLIENTS_KEPT = 5000
/** The binding answers at once, or the visitor waits for nothing. */
const PATIENCE_MILLISECONDS = 1000

/** @param binding null: wrangler.toml has none. Then each isolate counts for itself. */
export function createLimits(binding: RateLimit | null): Limits {
  const countHere = createCounter()
  return async (limited, request, now) => {
    const client = clientOf(request)
    // Cloudflare names the client of every request. Without a name, all clients would be one.
    if (client === null) return false
    const key = `${limited} ${client}`
    const isAllowed = (binding && (await ask(binding, key))) ?? countHere(key, now) <= MOST_HERE
    return !isAllowed
  }
}

/** null: the binding failed. */
async function ask(binding: RateLimit, key: string): Promise<boolean | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), PATIENCE_MILLISECONDS)
  try {
    const outcome = await Promise.race([binding.limit({ key }), late])
    return outcome && outcome.success
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}

/** Says how many times a key has come within a minute, this time included. */
export function createCounter(): (key: string, now: Instant) => number {
  const counts = createLru<string, { readonly since: Instant; readonly count: number }>(
    CLIENTS_KEPT,
  )
  return (key, now) => {
    const known = counts.find(key)
    const isCurrent = known && secondsBetween(known.since, now) < LIMIT_SECONDS
    const next = isCurrent ? { ...known, count: known.count + 1 } : { since: now, count: 1 }
    counts.save(key, next)
    return next.count
  }
}
