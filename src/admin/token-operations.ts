/** `scim token …`, as every face offers it. */
import * as v from 'valibot'
import type { StoredToken } from '../directory/token-store.ts'
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { explainUnknownConnection } from './connections.ts'
import { requiredText } from './field.ts'
import { defineOperation, refusal, type Refusal, type Shown } from './operation.ts'
import { isoOrNull, time } from './shape.ts'
import { findTokens, revokeToken, type UnknownToken } from './tokens.ts'
import { sentence, tableOf, type See } from './view.ts'

export const tokenShape = v.object({
  id: v.string(),
  connection: v.string(),
  label: v.string(),
  createdAt: time,
  expiresAt: v.nullable(time),
  lastUsedAt: v.nullable(time),
  revokedAt: v.nullable(time),
})

const SOON_SECONDS = 30 * 86_400

export const directoryField = requiredText(
  'connection',
  'the connection whose people and groups the directory sends',
)

export const tokenList = defineOperation({
  name: 'scim token list',
  summary: 'the tokens of a connection, without their secrets',
  details: null,
  examples: [{ says: 'which are in use', input: { connection: 'okta' } }],
  subject: 'connection',
  fields: { connection: directoryField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/connections/{connection}/scim-tokens' },
  result: v.object({ tokens: v.array(tokenShape) }),
  judge: null,
  run: ({ db }, { connection }) => findTokens(db, connection),
  show: ({ connection, tokens }, { now }) => ({
    facts: { tokens: tokens.map(tokenFacts) },
    view: [
      tokens.length > 0
        ? tableOf(tokens, {
            id: ({ id }) => id,
            label: ({ label }) => label,
            state: (token) => stateOfToken(token, now),
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
  scope: 'connections',
  isDangerous: false,
  undo: null,
  http: { method: 'DELETE', path: '/scim-tokens/{token}' },
  result: v.object({ revoked: v.string() }),
  judge: null,
  run: (context, { token }) => revokeToken(context, token),
  show: showRevoked,
  explain: (refused) =>
    explainUnknownToken(refused, { operation: 'scim token list', asks: 'connection' }),
})

/** @param token its id. */
export function showRevoked(token: string): Shown {
  return {
    facts: { revoked: token },
    view: [sentence('The token is revoked: requests with it are refused.')],
  }
}

/** @param see the list that has the tokens. */
export const explainUnknownToken = ({ reason, id }: UnknownToken, see: See): Refusal =>
  refusal('not-found', reason, `There is no token "${id}" to revoke.`, see)

export function stateOfToken({ revokedAt, expiresAt }: StoredToken, now: Instant): string {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt === null) return 'good'
  if (expiresAt <= now) return 'expired'
  return expiresAt <= plusSeconds(now, SOON_SECONDS) ? 'expires soon' : 'good'
}

type Times = Pick<StoredToken, 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'revokedAt'>

/** Of a token of a directory, or of a program. */
export const tokenFacts = <Token extends Times>({
  createdAt,
  expiresAt,
  lastUsedAt,
  revokedAt,
  ...token
}: Token) => ({
  ...token,
  createdAt: toIso(createdAt),
  expiresAt: isoOrNull(expiresAt),
  lastUsedAt: isoOrNull(lastUsedAt),
  revokedAt: isoOrNull(revokedAt),
})
