/** The SCIM tokens of directories. */
import { useDirectory } from '../connection/store.ts'
import type { Provisioning } from '../connection/connection.ts'
import {
  insertToken,
  listTokens,
  revokeToken as revokeStoredToken,
  type StoredToken,
} from '../directory/token-store.ts'
import type { Bytes } from '../lib/bytes.ts'
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { control } from '../lib/pattern.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { fromStore } from '../lib/store-error.ts'
import { hashScimToken, toScimToken, type ScimToken } from '../scim/token.ts'
import { findKnownConnection, type UnknownConnection } from './connections.ts'
import { record, type Context } from './context.ts'

export type TokenRefusal =
  | UnknownConnection
  /** A label is one line of 1 to 100 characters. */
  | { readonly reason: 'label' }
  | { readonly reason: 'expiry-past'; readonly expires: Instant }

export interface UnknownToken {
  /** There is none of this id that is not revoked already. */
  readonly reason: 'unknown-token'
  readonly id: string
}

export interface NewToken {
  readonly connection: string
  readonly label: string
  readonly expires: Instant | 'never' | 'in-a-year'
  readonly id: string
  /** SCIM_TOKEN_BYTES random bytes. */
  readonly random: Bytes
}

export interface CreatedToken {
  /** To be shown once: only its hash is stored. */
  readonly secret: ScimToken
  readonly token: StoredToken
  readonly provisioning: Provisioning
  /** Sign-ins of the connection ask the directory from now on, and did not before. */
  readonly isFirst: boolean
}

const YEAR_SECONDS = 365 * 86_400
const MOST_LABEL = 100

/** The problem goes on from the name of the field; null: none. */
export function judgeLabel(given: string): string | null {
  const label = given.trim()
  return label === '' || label.length > MOST_LABEL || control.test(label)
    ? `must be one line of 1 to ${MOST_LABEL} characters: what the token is for`
    : null
}

/** The token counts at once. A `jit` connection becomes `jit+scim` in the same transaction. */
export async function createToken(
  context: Context,
  input: NewToken,
): Promise<Result<CreatedToken, TokenRefusal>> {
  const { db, now } = context
  const label = input.label.trim()
  if (judgeLabel(label) !== null) return err({ reason: 'label' })
  const expiresAt = toEnd(input.expires, now)
  if (expiresAt !== null && expiresAt <= now) {
    return err({ reason: 'expiry-past', expires: expiresAt })
  }
  const known = await findKnownConnection(db, input.connection)
  if (!known.ok) return known
  const connection = known.value.id
  const secret = toScimToken(input.random)
  const token = { id: input.id, connection, label, createdAt: now, expiresAt }
  const hash = await hashScimToken(secret)
  // Otherwise people whom the directory deactivates could sign in without being asked for there.
  const [, used] = await fromStore('D1', 'saving a SCIM token', () =>
    db.batch([insertToken(db, token, hash), useDirectory(db, connection, now)]),
  )
  const isFirst = used?.meta.changes === 1
  const provisioning = isFirst ? 'jit+scim' : known.value.provisioning
  await record(context, {
    command: 'scim token create',
    connection,
    user: null,
    facts: { token: token.id, label, expiresAt: expiresAt && toIso(expiresAt), provisioning },
  })
  return ok({
    secret,
    token: { ...token, lastUsedAt: null, revokedAt: null },
    provisioning,
    isFirst,
  })
}

function toEnd(expires: NewToken['expires'], now: Instant): Instant | null {
  if (expires === 'never') return null
  return expires === 'in-a-year' ? plusSeconds(now, YEAR_SECONDS) : expires
}

/** What the directory sends with it is refused from now on. */
export async function revokeToken(
  context: Context,
  id: string,
): Promise<Result<string, UnknownToken>> {
  if (!(await revokeStoredToken(context.db, id, context.now))) {
    return err({ reason: 'unknown-token', id })
  }
  await record(context, {
    command: 'scim token revoke',
    connection: null,
    user: null,
    facts: { token: id },
  })
  return ok(id)
}

export interface TokensOfConnection {
  readonly connection: string
  /** Newest first. */
  readonly tokens: readonly StoredToken[]
}

export async function findTokens(
  db: D1Database,
  connection: string,
): Promise<Result<TokensOfConnection, UnknownConnection>> {
  const known = await findKnownConnection(db, connection)
  if (!known.ok) return known
  const { id } = known.value
  return ok({ connection: id, tokens: await listTokens(db, id) })
}
