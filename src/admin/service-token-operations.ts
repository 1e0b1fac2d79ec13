/** `service-token …`: the tokens by which programs pass the gate. */
import * as v from 'valibot'
import { toIso, type Instant } from '../lib/instant.ts'
import { ok, type Result } from '../lib/result.ts'
import { optionalText } from './field.ts'
import { explainGroup } from './groups.ts'
import { defineOperation, refusal, type Refusal, type Shown } from './operation.ts'
import { explainPerson } from './people-shown.ts'
import {
  descriptionField,
  expiresField,
  methodsField,
  nameField,
  overlapField,
  pathsField,
  sitesField,
  tokenField,
} from './service-token-fields.ts'
import { listServiceTokens, type StoredServiceToken } from './service-token-store.ts'
import {
  createServiceToken,
  findKnown,
  MOST_DAYS,
  revokeToken,
  rotateToken,
  type ServiceTokenRefusal,
  type WithSecret,
} from './service-tokens.ts'
import { dayOf, isoOrNull, time } from './shape.ts'
import { sentence, tableOf, type Block } from './view.ts'

const tokenShape = v.object({
  id: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  owner: v.picklist(['user', 'group']),
  ownerId: v.string(),
  ownerName: v.string(),
  connection: v.string(),
  hasOwner: v.boolean(),
  sites: v.array(v.string()),
  paths: v.nullable(v.array(v.string())),
  methods: v.nullable(v.array(v.string())),
  madeBy: v.string(),
  maker: v.nullable(v.string()),
  createdAt: time,
  rotatedAt: v.nullable(time),
  expiresAt: time,
  oldSecretUntil: v.nullable(time),
  lastUsedAt: v.nullable(time),
  revokedAt: v.nullable(time),
})

const factsOf = (token: StoredServiceToken) => ({
  ...token,
  createdAt: toIso(token.createdAt),
  rotatedAt: isoOrNull(token.rotatedAt),
  expiresAt: toIso(token.expiresAt),
  oldSecretUntil: isoOrNull(token.oldSecretUntil),
  lastUsedAt: isoOrNull(token.lastUsedAt),
  revokedAt: isoOrNull(token.revokedAt),
})

export const serviceTokenList = defineOperation({
  name: 'service-token list',
  summary: 'the tokens by which programs pass the gate, without their secrets',
  details: null,
  examples: [{ says: 'which are in use', input: {} }],
  subject: null,
  fields: {},
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/service-tokens' },
  result: v.object({ tokens: v.array(tokenShape) }),
  judge: null,
  run: async ({ db }) => ok(await listServiceTokens(db)),
  show: (tokens, { now }) => ({
    facts: { tokens: tokens.map(factsOf) },
    view: [
      tokens.length > 0
        ? tableOf(tokens, {
            name: ({ name }) => name,
            owner: (token) => sayOwner(token),
            sites: ({ sites }) => sites.join(', '),
            state: (token) => stateOf(token, now),
            expires: ({ expiresAt }) => ({ at: expiresAt }),
            'last use': ({ lastUsedAt }) => ({ at: lastUsedAt }),
          })
        : sentence('There is no service token yet.'),
    ],
  }),
  explain: (never: never) => never,
})

export const serviceTokenShow = defineOperation({
  name: 'service-token show',
  summary: 'one service token, without its secret',
  details: null,
  examples: [{ says: 'the one of CI', input: { token: 'ci' } }],
  subject: 'token',
  fields: { token: tokenField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/service-tokens/{token}' },
  result: tokenShape,
  judge: null,
  run: ({ db }, { token }) => findKnown(db, token),
  show: (token, { now }) => ({ facts: factsOf(token), view: [describe(token, now)] }),
  explain,
})

export const serviceTokenCreate = defineOperation({
  name: 'service-token create',
  summary: 'a token by which a program passes the gate',
  details:
    'The token acts for its owner, a person or a group of a directory, and counts as long as the owner does, even if its maker has left. It is shown only once. Give it no more sites, paths and methods than the program needs.',
  examples: [
    {
      says: 'for CI that reads a repository for a group',
      input: {
        name: 'ci',
        group: 'builders',
        site: ['git.example.com'],
        path: ['/team/app.git'],
        expires: '2027-06-30',
      },
    },
  ],
  subject: null,
  fields: {
    name: nameField,
    user: optionalText('user', 'the owner: the whole user name, email, subject or id'),
    group: optionalText('group', 'the owner: the display name or id of a group of a directory'),
    connection: optionalText('id', 'the connection of the owner, to tell two apart'),
    site: sitesField,
    path: pathsField,
    method: methodsField,
    expires: expiresField,
    description: descriptionField,
  },
  changes: true,
  scope: 'all',
  isDangerous: true,
  undo: ({ token }: WithSecret) => ({
    operation: 'service-token revoke',
    input: { token: token.id },
  }),
  http: { method: 'POST', path: '/service-tokens', creates: true },
  secretName: 'Token',
  result: tokenShape,
  judge: ({ user, group }) =>
    Boolean(user) === Boolean(group) ? 'Give one owner: a user or a group.' : null,
  run: async (
    context,
    { user, group, connection, site, path, method, ...named },
  ): Promise<Result<WithSecret, ServiceTokenRefusal>> => {
    const owner = user
      ? ({ kind: 'user', text: user } as const)
      : ({ kind: 'group', text: group ?? '' } as const)
    return createServiceToken(context, {
      ...named,
      owner,
      connection: connection === '' ? null : connection,
      sites: site,
      paths: path,
      methods: method,
    })
  },
  show: (made: WithSecret, { now }) => showSecret(made, now),
  explain,
})

export const serviceTokenRotate = defineOperation({
  name: 'service-token rotate',
  summary: 'a new secret for a service token',
  details:
    'The old secret counts beside the new one until the overlap ends. The token keeps its name, owner, sites, paths and methods.',
  examples: [{ says: 'with a day to change over', input: { token: 'ci', expires: '2027-12-31' } }],
  subject: 'token',
  fields: { token: tokenField, expires: expiresField, overlap: overlapField },
  changes: true,
  scope: 'all',
  isDangerous: true,
  undo: null,
  http: { method: 'POST', path: '/service-tokens/{token}/rotate' },
  secretName: 'Token',
  result: tokenShape,
  judge: null,
  run: (context, { token, expires, overlap }) =>
    rotateToken(context, { token, expires, overlapSeconds: overlap }),
  show: (made, { now }) => showSecret(made, now),
  explain,
})

export const serviceTokenRevoke = defineOperation({
  name: 'service-token revoke',
  summary: 'refuse a service token from now on',
  details: 'Each of its secrets is refused. The name may be given to another token then.',
  examples: [{ says: 'the one of CI', input: { token: 'ci' } }],
  subject: 'token',
  fields: { token: tokenField },
  changes: true,
  // It takes access away, as disabling the owner does.
  scope: 'people',
  isDangerous: false,
  undo: null,
  http: { method: 'DELETE', path: '/service-tokens/{token}' },
  result: v.object({ revoked: v.string(), withinSeconds: v.nullable(v.number()) }),
  judge: null,
  run: (context, { token }) => revokeToken(context, token),
  show: ({ id, name }, { bound }) => ({
    facts: { revoked: id, withinSeconds: bound.seconds },
    view: [sentence(`The token "${name}" is revoked. It is refused everywhere ${bound.words}.`)],
  }),
  explain,
})

const showSecret = ({ secret, token }: WithSecret, now: Instant): Shown => ({
  secret,
  facts: factsOf(token),
  view: [
    describe(token, now),
    sentence('The token is not shown again: Gatehouse keeps only a hash of it.'),
  ],
})

const describe = (token: StoredServiceToken, now: Instant): Block => ({
  kind: 'values',
  rows: [
    ['name', token.name],
    ['id', token.id],
    ['state', stateOf(token, now)],
    ['owner', sayOwner(token)],
    ['sites', token.sites.join(', ')],
    ['paths', token.paths?.join(', ') ?? 'all'],
    ['methods', token.methods?.join(', ') ?? 'all'],
    ['expires', { at: token.expiresAt }],
    ...(token.oldSecretUntil === null
      ? []
      : ([['old secret until', { at: token.oldSecretUntil }]] as const)),
    ['last use', { at: token.lastUsedAt }],
    ['made by', token.madeBy],
    ['description', token.description],
  ],
})

const sayOwner = ({ owner, ownerName, connection }: StoredServiceToken): string =>
  `${owner === 'group' ? 'group ' : ''}${ownerName} (${connection})`

function stateOf(token: StoredServiceToken, now: Instant): string {
  const { revokedAt, expiresAt, hasOwner } = token
  if (revokedAt !== null) return 'revoked'
  if (!hasOwner) return 'refused: its owner is disabled'
  return expiresAt <= now ? 'expired' : 'good'
}

function explain(refused: ServiceTokenRefusal): Refusal {
  const { reason } = refused
  switch (reason) {
    case 'unknown-user':
    case 'several-users':
    case 'user-gone':
      return explainPerson(refused)
    case 'unknown-group':
    case 'several-groups':
      return explainGroup(refused)
    case 'unknown-service-token':
      return refusal('not-found', reason, `There is no service token "${refused.text}".`, {
        operation: 'service-token list',
        asks: null,
      })
    case 'name-taken':
      return refusal(
        'conflict',
        reason,
        `A token "${refused.name}" exists. Rotate it for a new secret, or revoke it first.`,
        { operation: 'service-token show', asks: null, input: { token: refused.name } },
      )
    case 'unknown-site': {
      const { site, sites } = refused
      return refusal(
        'invalid',
        reason,
        `No site of the config is at ${site}. There are: ${sites.join(', ')}.`,
      )
    }
    case 'expiry':
      return refusal(
        'invalid',
        reason,
        `A token ends within ${MOST_DAYS} days from now. This one would end on ${dayOf(refused.expires)}.`,
      )
  }
}
