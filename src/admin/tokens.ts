/** Operations on the SCIM tokens of directories, and on the removal guard: how many users a directory may remove. */
import { useDirectory } from '../connection/store.ts'
import type { Provisioning } from '../connection/connection.ts'
import { allowRemovals } from '../directory/guard-store.ts'
import {
  insertToken,
  listTokens,
  revokeToken as revokeStoredToken,
  type StoredToken,
} from '../directory/token-store.ts'
import type { Bytes } from '../lib/bytes.ts'
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { fromStore } from '../lib/store-error.ts'
import { hashScimToken, toScimToken, type ScimToken } from '../scim/token.ts'
import {
  explainUnknownConnection,
  findKnownConnection,
  type UnknownConnection,
} from './connections.ts'
import { record, type Context } from './context.ts'
import { minutesToDay, requiredText } from './field.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { sentence, tableOf } from './view.ts'

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

export type GuardRefusal =
  | UnknownConnection
  /** Removals are let through for a minute to a day. */
  | { readonly reason: 'time-out-of-range' }
  /** The directory has sent nobody, so there is nobody to remove. */
  | { readonly reason: 'nobody-sent'; readonly connection: string }

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

/** The token counts at once. A `jit` connection becomes `jit+scim` in the same transaction. */
export async function createToken(
  context: Context,
  input: NewToken,
): Promise<Result<CreatedToken, TokenRefusal>> {
  const { db, now } = context
  const label = input.label.trim()
  if (label === '' || label.length > MOST_LABEL || /\p{Cc}/u.test(label)) {
    return err({ reason: 'label' })
  }
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
): Promise<Result<null, UnknownToken>> {
  if (!(await revokeStoredToken(context.db, id, context.now))) {
    return err({ reason: 'unknown-token', id })
  }
  await record(context, {
    command: 'scim token revoke',
    connection: null,
    user: null,
    facts: { token: id },
  })
  return ok(null)
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

export interface OpenGuard {
  readonly connection: string
  readonly until: Instant
}

/** For so many seconds the removal guard of the connection holds nothing back. */
export async function openGuard(
  context: Context,
  { connection, seconds }: { readonly connection: string; readonly seconds: number },
): Promise<Result<OpenGuard, GuardRefusal>> {
  if (seconds < 60 || seconds > 86_400) return err({ reason: 'time-out-of-range' })
  const known = await findKnownConnection(context.db, connection)
  if (!known.ok) return known
  const { id } = known.value
  const until = plusSeconds(context.now, seconds)
  if (!(await allowRemovals(context.db, id, until))) {
    return err({ reason: 'nobody-sent', connection: id })
  }
  await record(context, {
    command: 'scim allow-removals',
    connection: id,
    user: null,
    facts: { allowedUntil: toIso(until) },
  })
  return ok({ connection: id, until })
}

const SOON_SECONDS = 30 * 86_400

const connectionField = requiredText(
  'connection',
  'the connection whose people and groups the directory sends',
)

export const tokenList = defineOperation({
  name: 'scim token list',
  summary: 'the tokens of a connection, without their secrets',
  details: null,
  examples: [{ says: 'which are in use', input: { connection: 'okta' } }],
  subject: 'connection',
  fields: { connection: connectionField },
  changes: false,
  judge: null,
  run: ({ db }, { connection }) => findTokens(db, connection),
  show: ({ connection, tokens }, { now }) => ({
    facts: { tokens: tokens.map(tokenFacts) },
    view: [
      tokens.length > 0
        ? tableOf(tokens, {
            id: ({ id }) => id,
            label: ({ label }) => label,
            state: (token) => stateOf(token, now),
            made: ({ createdAt }) => ({ at: createdAt }),
            expires: ({ expiresAt }) => ({ at: expiresAt }),
            'last use': ({ lastUsedAt }) => ({ at: lastUsedAt }),
          })
        : sentence(`The directory of "${connection}" has no token yet.`),
    ],
  }),
  explain: explainUnknownConnection,
})

export const tokenRevoke = defineOperation({
  name: 'scim token revoke',
  summary: 'refuse a token from now on',
  details: 'What the directory sends with it is refused at once, deactivations too.',
  examples: [{ says: 'the old one', input: { token: '5f0cbe7a' } }],
  subject: 'token',
  fields: { token: requiredText('token', 'the id of the token, as scim token list shows it') },
  changes: true,
  judge: null,
  run: async (context, { token }) => {
    const revoked = await revokeToken(context, token)
    return revoked.ok ? ok(token) : revoked
  },
  show: (token) => ({
    facts: { revoked: token },
    view: [sentence('The token is revoked: requests with it are refused.')],
  }),
  explain: ({ reason, id }) =>
    refusal('not-found', reason, `There is no token "${id}" to revoke.`, {
      operation: 'scim token list',
      asks: 'connection',
    }),
})

export const allowRemovalsFor = defineOperation({
  name: 'scim allow-removals',
  summary: 'let the directory remove people whom the removal guard holds',
  details:
    'A connection has a removal guard if one is set. The identity provider tries again by itself.',
  examples: [{ says: 'the layoff is meant', input: { connection: 'okta', for: '1h' } }],
  subject: 'connection',
  fields: { connection: connectionField, for: minutesToDay('how long') },
  changes: true,
  judge: null,
  run: (context, input) => openGuard(context, { connection: input.connection, seconds: input.for }),
  show: ({ connection, until }) => ({
    facts: { connection, allowedUntil: toIso(until) },
    view: [
      {
        kind: 'values',
        rows: [
          ['removals', `the directory of "${connection}" may remove as many people as it likes`],
          ['until', { at: until }],
        ],
      },
    ],
  }),
  explain: explainGuard,
})

function explainGuard(refused: GuardRefusal): Refusal {
  const { reason } = refused
  switch (reason) {
    case 'unknown-connection':
      return explainUnknownConnection(refused)
    case 'time-out-of-range':
      return refusal('invalid', reason, 'Removals are let through for a minute to a day.')
    case 'nobody-sent':
      return refusal(
        'conflict',
        reason,
        `The directory of "${refused.connection}" has sent nobody yet.`,
      )
  }
}

function stateOf({ revokedAt, expiresAt }: StoredToken, now: Instant): string {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt === null) return 'good'
  if (expiresAt <= now) return 'expired'
  return expiresAt <= plusSeconds(now, SOON_SECONDS) ? 'expires soon' : 'good'
}

export const tokenFacts = ({
  createdAt,
  expiresAt,
  lastUsedAt,
  revokedAt,
  ...token
}: StoredToken) => ({
  ...token,
  createdAt: toIso(createdAt),
  expiresAt: expiresAt === null ? null : toIso(expiresAt),
  lastUsedAt: lastUsedAt === null ? null : toIso(lastUsedAt),
  revokedAt: revokedAt === null ? null : toIso(revokedAt),
})
