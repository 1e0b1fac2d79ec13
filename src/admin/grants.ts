/** `grant …`: the access that people gave to programs by OAuth. */
import * as v from 'valibot'
import { toIso } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { clientKinds } from '../oauth/client.ts'
import { endGrant, listGrants } from '../oauth/grant-store.ts'
import type { EndedGrant, ShownGrant } from '../oauth/grant.ts'
import { record, type Context } from './context.ts'
import { optionalText, requiredText } from './field.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { findOneUser, type PersonRefusal } from './people.ts'
import { connectionField, explainPerson } from './people-shown.ts'
import { time } from './shape.ts'
import { count, sentence, tableOf } from './view.ts'

/** Of one list. Those of one person are never more than 100. */
export const MOST_LISTED = 500

const grantShape = v.object({
  id: v.string(),
  user: v.string(),
  userName: v.string(),
  connection: v.string(),
  client: v.string(),
  clientName: v.string(),
  clientKind: v.picklist(clientKinds),
  site: v.string(),
  grantedAt: time,
  lastUsedAt: time,
  expiresAt: time,
})

const grantFacts = ({ userId, grantedAt, lastUsedAt, expiresAt, ...grant }: ShownGrant) => ({
  ...grant,
  user: userId,
  grantedAt: toIso(grantedAt),
  lastUsedAt: toIso(lastUsedAt),
  expiresAt: toIso(expiresAt),
})

interface Asked {
  readonly user: string | null
  readonly connection: string | null
  readonly client: string | null
}

async function findGrants(
  { db, now }: Context,
  { user, connection, client }: Asked,
): Promise<Result<readonly ShownGrant[], PersonRefusal>> {
  const found = user === null ? null : await findOneUser(db, { text: user, connection })
  if (found && !found.ok) return found
  const userId = found?.value.id ?? null
  return ok(await listGrants(db, { userId, client, now, most: MOST_LISTED }))
}

export const grantList = defineOperation({
  name: 'grant list',
  summary: 'the access that people gave to programs',
  details: `The newest first, ${MOST_LISTED} at most. Name a person or a program to see fewer.`,
  examples: [
    { says: 'which programs act for Ada', input: { user: 'ada@acme.com' } },
    { says: 'people who use a program', input: { client: 'https://claude.ai/oauth/client.json' } },
  ],
  subject: null,
  fields: {
    user: optionalText('user', 'of this person only: id, user name or email address'),
    connection: connectionField,
    client: optionalText('client', 'of this program only: its client_id'),
  },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/oauth-grants' },
  result: v.object({ grants: v.array(grantShape) }),
  judge: null,
  run: findGrants,
  show: (grants) => ({
    facts: { grants: grants.map(grantFacts) },
    view: [
      grants.length > 0
        ? tableOf(grants, {
            id: ({ id }) => id,
            user: ({ userName }) => userName,
            program: ({ clientName }) => clientName,
            known: ({ clientKind }) => knownBy[clientKind],
            site: ({ site }) => site,
            since: ({ grantedAt }) => ({ at: grantedAt }),
            'last use': ({ lastUsedAt }) => ({ at: lastUsedAt }),
            ends: ({ expiresAt }) => ({ at: expiresAt }),
          })
        : sentence('There is no such grant.'),
    ],
  }),
  explain: explainPerson,
})

/** How far the name of a program may be believed. */
export const knownBy: Readonly<Record<ShownGrant['clientKind'], string>> = {
  listed: 'registered',
  document: 'by its domain',
  loopback: 'not verified',
}

export interface UnknownGrant {
  readonly reason: 'unknown-grant'
  readonly id: string
}

async function revokeGrant(
  context: Context,
  id: string,
): Promise<Result<readonly EndedGrant[], UnknownGrant>> {
  const ended = await endGrant(context.db, id, null)
  const [first] = ended
  if (!first) return err({ reason: 'unknown-grant', id })
  const { userId: user, connection, client, site } = first
  const facts = { grants: ended.map((each) => each.id), client, site }
  await record(context, { command: 'grant revoke', connection, user, facts })
  return ok(ended)
}

export const grantRevoke = defineOperation({
  name: 'grant revoke',
  summary: 'take a program the access that a person gave it to a site',
  details:
    'The person may give it again, and is asked again. To keep a program out, remove it, or name other programs in the config.',
  examples: [{ says: 'by its id in grant list', input: { grant: '5f0cbe7a' } }],
  subject: 'grant',
  fields: { grant: requiredText('grant', 'the id of the grant, as grant list shows it') },
  changes: true,
  scope: 'people',
  isDangerous: false,
  undo: null,
  http: { method: 'DELETE', path: '/oauth-grants/{grant}' },
  result: v.object({ revoked: v.array(v.string()) }),
  judge: null,
  run: (context, { grant }) => revokeGrant(context, grant),
  show: (ended, { bound }) => ({
    facts: { revoked: ended.map(({ id }) => id) },
    view: [
      sentence(
        `${count(ended.length, 'grant')} of the same person to the same program ended. Tokens are refused ${bound.words}.`,
      ),
    ],
  }),
  explain: ({ reason, id }): Refusal =>
    refusal('not-found', reason, `There is no grant "${id}".`, {
      operation: 'grant list',
      asks: null,
    }),
})
