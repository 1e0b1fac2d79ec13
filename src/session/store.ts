/**
 * Sessions in KV. They are written once and never changed; the standing in D1 says whether a
 * session still counts.
 */
import * as v from 'valibot'
import { secondsBetween, toInstant, type Instant } from '../lib/instant.ts'
import { fromStore } from '../lib/store-error.ts'
import type { Session } from './session.ts'
import type { TokenHash } from './token.ts'

const KV_MIN_TTL_SECONDS = 60

const instant = v.pipe(v.number(), v.integer(), v.transform(toInstant))
const olderFields = {
  id: v.string(),
  site: v.string(),
  connection: v.string(),
  userId: v.string(),
  userName: v.string(),
  email: v.nullable(v.string()),
  displayName: v.nullable(v.string()),
  groups: v.array(v.string()),
  attributes: v.record(v.string(), v.array(v.string())),
  nameId: v.nullable(v.string()),
  nameIdFormat: v.nullable(v.string()),
  sessionIndex: v.nullable(v.string()),
  openedAt: instant,
  expiresAt: instant,
  idleSeconds: v.nullable(v.number()),
}
/** A session from before migration 13. */
const older = v.pipe(
  v.strictObject(olderFields),
  v.transform((session): Session => ({
    ...session,
    signIn: null,
    signedInAt: session.openedAt,
    authnInstant: null,
    authnContext: null,
  })),
)
export const sessionSchema = v.union([
  v.strictObject({
    ...olderFields,
    signIn: v.nullable(v.string()),
    signedInAt: instant,
    authnInstant: v.nullable(instant),
    authnContext: v.nullable(v.string()),
  }),
  older,
])

const keyOf = (hash: TokenHash): string => `session:${hash}`

export async function saveSession(
  kv: KVNamespace,
  hash: TokenHash,
  session: Session,
  now: Instant,
): Promise<void> {
  const seconds = Math.ceil(secondsBetween(now, session.expiresAt))
  const expirationTtl = Math.max(KV_MIN_TTL_SECONDS, seconds)
  await fromStore('KV', 'saving a session', () =>
    kv.put(keyOf(hash), JSON.stringify(session), { expirationTtl }),
  )
}

/** null: there is none, or the value is not a session. */
export async function findSession(kv: KVNamespace, hash: TokenHash): Promise<Session | null> {
  const text = await fromStore('KV', 'finding a session', () => kv.get(keyOf(hash)))
  return text === null ? null : parseSession(text)
}

export async function removeSession(kv: KVNamespace, hash: TokenHash): Promise<void> {
  await fromStore('KV', 'removing a session', () => kv.delete(keyOf(hash)))
}

function parseSession(text: string): Session | null {
  try {
    const parsed = v.safeParse(sessionSchema, JSON.parse(text))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}
