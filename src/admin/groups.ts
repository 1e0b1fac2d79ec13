/** The groups of directories. Only the directory changes them. */
import {
  findGroups,
  listGroups,
  listMembers,
  type GroupEntry,
  type MemberEntry,
} from '../directory/overview-store.ts'
import * as v from 'valibot'
import { toIso } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { explainUnknownConnection, findConnectionIfNamed } from './connections.ts'
import { limitField, optionalText, requiredText } from './field.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { readPage, cursorField } from './page.ts'
import type { Named } from './people.ts'
import { stateOf } from './people-shown.ts'
import { time } from './shape.ts'
import { sentence, tableOf, type Block } from './view.ts'

export type GroupRefusal =
  | { readonly reason: 'unknown-group'; readonly named: Named }
  | {
      readonly reason: 'several-groups'
      readonly named: Named
      readonly candidates: readonly GroupEntry[]
    }

/** By display name, id or external id, in full. */
export async function findOneGroup(
  db: D1Database,
  named: Named,
): Promise<Result<GroupEntry, GroupRefusal>> {
  const { text, connection } = named
  const candidates = (await findGroups(db, text)).filter(
    (group) => connection === null || group.connection === connection,
  )
  const [group, ...others] = candidates
  if (!group) return err({ reason: 'unknown-group', named })
  return others.length === 0 ? ok(group) : err({ reason: 'several-groups', named, candidates })
}

const groupFacts = v.object({
  id: v.string(),
  connection: v.string(),
  displayName: v.string(),
  externalId: v.nullable(v.string()),
  members: v.number(),
  source: v.literal('scim'),
  createdAt: time,
  updatedAt: time,
})

const connection = optionalText('id', 'groups of that connection only')

export const groupList = defineOperation({
  name: 'group list',
  summary: 'the groups that directories have sent',
  details: 'A policy may name a group by its display name, { group }, or by its id, { groupId }.',
  examples: [{ says: 'the groups of one IdP', input: { connection: 'acme' } }],
  subject: null,
  fields: { connection, limit: limitField(), cursor: cursorField(2) },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/groups' },
  result: v.object({ groups: v.array(groupFacts) }),
  judge: null,
  run: async ({ db }, input) => {
    const known = await findConnectionIfNamed(db, input.connection)
    if (!known.ok) return known
    const { limit, cursor: after } = input
    const placeOf = (group: GroupEntry) => [group.connection, group.displayName]
    return ok(
      await readPage(limit, placeOf, (most) =>
        listGroups(db, { connection: input.connection, after, limit: most }),
      ),
    )
  },
  show: ({ items, next }) => ({
    facts: { groups: items.map(factsOf) },
    view: [items.length > 0 ? groupsTable(items) : sentence('No directory has sent a group yet.')],
    next,
  }),
  explain: explainUnknownConnection,
})

export const groupShow = defineOperation({
  name: 'group show',
  summary: 'one group and its members',
  details: null,
  examples: [{ says: 'the members', input: { group: 'Engineering' } }],
  subject: 'group',
  fields: {
    group: requiredText('group', 'its whole display name, id or external id'),
    connection,
    limit: limitField(),
    cursor: cursorField(1),
  },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/groups/{group}' },
  result: v.object({
    group: groupFacts,
    members: v.array(
      v.object({ id: v.string(), userName: v.string(), active: v.boolean(), barred: v.boolean() }),
    ),
  }),
  judge: null,
  run: async ({ db }, input) => {
    const found = await findOneGroup(db, { text: input.group, connection: input.connection })
    if (!found.ok) return found
    const group = found.value
    const [after = null] = input.cursor ?? []
    const page = await readPage(
      input.limit,
      ({ id }: MemberEntry) => [id],
      (most) => listMembers(db, group.id, after, most),
    )
    return ok({ group, members: page.items, next: page.next })
  },
  show: ({ group, members, next }) => ({
    facts: { group: factsOf(group), members },
    view: [
      {
        kind: 'values',
        rows: [
          ['id', group.id],
          ['display name', group.displayName],
          ['connection', group.connection],
          ['source', 'the directory, by SCIM'],
          ['external id', group.externalId],
          ['made', { at: group.createdAt }],
          ['last change', { at: group.updatedAt }],
          ['members', group.members],
        ],
      },
      ...(members.length > 0
        ? [
            tableOf(members, {
              id: ({ id }) => id,
              'user name': ({ userName }) => userName,
              state: stateOf,
            }),
          ]
        : []),
    ],
    next,
  }),
  explain: explainGroup,
})

function explainGroup(refused: GroupRefusal): Refusal {
  const { reason, named } = refused
  if (reason === 'unknown-group') {
    return refusal('not-found', reason, `No directory has a group "${named.text}".`, {
      operation: 'group list',
      asks: null,
    })
  }
  const { candidates } = refused
  return {
    ...refusal(
      'conflict',
      reason,
      `Several groups are called "${named.text}". Give the id of one.`,
    ),
    view: [groupsTable(candidates)],
    facts: { candidates: candidates.map(factsOf) },
  }
}

const groupsTable = (groups: readonly GroupEntry[]): Block =>
  tableOf(groups, {
    id: ({ id }) => id,
    connection: (group) => group.connection,
    'display name': ({ displayName }) => displayName,
    members: ({ members }) => members,
    'last change': ({ updatedAt }) => ({ at: updatedAt }),
  })

const factsOf = ({ createdAt, updatedAt, ...group }: GroupEntry) => ({
  ...group,
  source: 'scim',
  createdAt: toIso(createdAt),
  updatedAt: toIso(updatedAt),
})
