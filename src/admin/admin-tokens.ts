/** `admin token …`: the tokens of programs that use the API. The command line makes the first one. */
import * as v from 'valibot'
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { hasHidden } from '../lib/plain.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { SECRET_BYTES } from '../lib/secret.ts'
import { parseDayOrTime } from '../lib/time.ts'
import { hashAdminToken, toAdminToken, type AdminToken } from './admin-token.ts'
import {
  insertAdminToken,
  listAdminTokens,
  revokeAdminToken,
  type StoredAdminToken,
} from './admin-token-store.ts'
import { record, scopes, type Context, type Scope } from './context.ts'
import { oneValue, requiredText, type Field } from './field.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { dayOf, time } from './shape.ts'
import { explainUnknownToken, showRevoked, tokenFacts } from './token-operations.ts'
import type { UnknownToken } from './tokens.ts'
import { sentence, tableOf } from './view.ts'

export interface NewToken {
  readonly label: string
  readonly scopes: readonly Scope[]
  /** null: in 90 days. */
  readonly expires: Instant | null
}

export interface CreatedToken {
  /** To be shown once: only its hash is stored. */
  readonly secret: AdminToken
  readonly token: StoredAdminToken
}

export type TokenRefusal =
  { readonly reason: 'label' } | { readonly reason: 'expiry'; readonly expires: Instant }

const DAY_SECONDS = 86_400
const USUAL_DAYS = 90
const MOST_DAYS = 366
/** With the id, it makes a name of an operator for the audit. */
const MOST_LABEL = 50

export async function createAdminToken(
  context: Context,
  { label: text, scopes: given, expires }: NewToken,
): Promise<Result<CreatedToken, TokenRefusal>> {
  const { db, now, newId, random, operator } = context
  const label = text.trim()
  if (label === '' || hasHidden(label)) return err({ reason: 'label' })
  const expiresAt = expires ?? plusSeconds(now, USUAL_DAYS * DAY_SECONDS)
  if (expiresAt <= now || expiresAt > plusSeconds(now, MOST_DAYS * DAY_SECONDS)) {
    return err({ reason: 'expiry', expires: expiresAt })
  }
  const secret = toAdminToken(random(SECRET_BYTES))
  const token = {
    id: newId(),
    label,
    scopes: scopes.filter((scope) => given.includes(scope)),
    madeBy: operator.name,
    maker: operator.user,
    createdAt: now,
    expiresAt,
  }
  await insertAdminToken(db, token, await hashAdminToken(secret))
  await record(context, {
    command: 'admin token create',
    connection: null,
    user: null,
    facts: { token: token.id, label, scopes: token.scopes, expiresAt: toIso(expiresAt) },
  })
  return ok({ secret, token: { ...token, hasMakerLeft: false, lastUsedAt: null, revokedAt: null } })
}

/** Requests with it are refused from now on. */
async function revokeToken(context: Context, id: string): Promise<Result<string, UnknownToken>> {
  if (!(await revokeAdminToken(context.db, id, context.now))) {
    return err({ reason: 'unknown-token', id })
  }
  await record(context, {
    command: 'admin token revoke',
    connection: null,
    user: null,
    facts: { token: id },
  })
  return ok(id)
}

const scopesField: Field<readonly Scope[]> = {
  meaning: `what the token may do, one or several of: ${scopes.join(', ')}. "all" includes the others`,
  placeholder: 'scope',
  isRequired: true,
  isList: true,
  schema: { type: 'array', items: { type: 'string', enum: scopes }, maxItems: scopes.length },
  parse: (given) => {
    if (given.length === 0) return err('is missing')
    const unknown = given.find((text) => !isScope(text))
    return unknown === undefined
      ? ok(given.filter(isScope))
      : err(`must be one of ${scopes.join(', ')}; it is "${unknown}"`)
  },
}

const isScope = (text: string): text is Scope => scopes.some((scope) => scope === text)

const expiresField: Field<Instant | null> = oneValue(
  {
    meaning: `the day from which the token is refused, within a year (default: in ${USUAL_DAYS} days)`,
    placeholder: 'date',
    isRequired: false,
    schema: { type: 'string', maxLength: 40 },
  },
  (given) => {
    const end = given === null ? null : parseDayOrTime(given)
    return given !== null && end === null
      ? err(`must be a day such as 2027-12-31, or a time in UTC; it is "${given}"`)
      : ok(end)
  },
)

const tokenShape = v.object({
  id: v.string(),
  label: v.string(),
  scopes: v.array(v.picklist(scopes)),
  madeBy: v.string(),
  maker: v.nullable(v.string()),
  hasMakerLeft: v.boolean(),
  createdAt: time,
  expiresAt: time,
  lastUsedAt: v.nullable(time),
  revokedAt: v.nullable(time),
})

export const adminTokenList = defineOperation({
  name: 'admin token list',
  summary: 'the tokens of programs that use the API, without their secrets',
  details: null,
  examples: [{ says: 'which are in use', input: {} }],
  subject: null,
  fields: {},
  changes: false,
  // The list tells an attacker which programs have which power.
  scope: 'all',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/admin-tokens' },
  result: v.object({ tokens: v.array(tokenShape) }),
  judge: null,
  run: async ({ db }) => ok(await listAdminTokens(db)),
  show: (tokens, { now }) => ({
    facts: { tokens: tokens.map(tokenFacts) },
    view: [
      tokens.length > 0
        ? tableOf(tokens, {
            id: ({ id }) => id,
            label: ({ label }) => label,
            scopes: (token) => token.scopes.join(', '),
            state: (token) => stateOf(token, now),
            'made by': ({ madeBy }) => madeBy,
            made: ({ createdAt }) => ({ at: createdAt }),
            expires: ({ expiresAt }) => ({ at: expiresAt }),
            'last use': ({ lastUsedAt }) => ({ at: lastUsedAt }),
          })
        : sentence('There is no token yet, so no program can use the API.'),
    ],
  }),
  explain: (never: never) => never,
})

export const adminTokenCreate = defineOperation({
  name: 'admin token create',
  summary: 'a token for a program that uses the API',
  details: 'The token is shown only once. Give it no more scopes than the program needs.',
  examples: [
    {
      says: 'for a program that reads, and disables people',
      input: { scopes: ['read', 'people'], label: 'offboarding' },
    },
  ],
  subject: null,
  fields: {
    label: requiredText('text', 'what it is for, to tell it from others', MOST_LABEL),
    scopes: scopesField,
    expires: expiresField,
  },
  changes: true,
  scope: 'all',
  isDangerous: true,
  undo: ({ token }) => ({ operation: 'admin token revoke', input: { token: token.id } }),
  http: { method: 'POST', path: '/admin-tokens', creates: true },
  secretName: 'Token',
  result: tokenShape,
  judge: null,
  run: createAdminToken,
  show: ({ secret, token }) => ({
    facts: tokenFacts(token),
    view: [
      {
        kind: 'values',
        rows: [
          ['id', token.id],
          ['scopes', token.scopes.join(', ')],
          ['expires', { at: token.expiresAt }],
        ],
      },
      sentence('The token is not shown again: Gatehouse keeps only a hash of it.'),
    ],
    secret,
  }),
  explain: explainCreation,
})

export const adminTokenRevoke = defineOperation({
  name: 'admin token revoke',
  summary: 'refuse a token of a program from now on',
  details: null,
  examples: [{ says: 'the old one', input: { token: '5f0cbe7a' } }],
  subject: 'token',
  fields: { token: requiredText('token', 'the id of the token, as admin token list shows it') },
  changes: true,
  scope: 'all',
  isDangerous: false,
  undo: null,
  http: { method: 'DELETE', path: '/admin-tokens/{token}' },
  result: v.object({ revoked: v.string() }),
  judge: null,
  run: (context, { token }) => revokeToken(context, token),
  show: showRevoked,
  explain: (refused) => explainUnknownToken(refused, { operation: 'admin token list', asks: null }),
})

function explainCreation(refused: TokenRefusal): Refusal {
  const { reason } = refused
  switch (reason) {
    case 'label':
      return refusal('invalid', reason, 'A label is one line of visible characters.')
    case 'expiry':
      return refusal(
        'invalid',
        reason,
        `A token ends within a year from now. This one would end on ${dayOf(refused.expires)}.`,
      )
  }
}

function stateOf({ revokedAt, expiresAt, hasMakerLeft }: StoredAdminToken, now: Instant): string {
  if (revokedAt !== null) return 'revoked'
  if (hasMakerLeft) return 'refused: its maker has left'
  return expiresAt <= now ? 'expired' : 'good'
}
