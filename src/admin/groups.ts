/** The groups of directories. Only the directory changes them. */
import {
  findGroups,
  listGroups,
  listMembers,
  type GroupEntry,
  type GroupPage,
  type MemberEntry,
} from '../directory/overview-store.ts'
import * as v from 'valibot'
import { toIso } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import {
  explainUnknownConnection,
  findConnectionIfNamed,
  type UnknownConnection,
} from './connections.ts'
import { limitField, optionalText, requiredText } from './field.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { cursorField, readPage, type Page } from './page.ts'
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
  const found = (await findGroups(db, text)).filter(
    (group) => connection === null || group.connection === connection,
  )
  // An id means one group, though another group may have it as a name.
  const exact = found.filter(({ id }) => id === text)
  const candidates = exact.length > 0 ? exact : found
  const [group, ...others] = candidates
  if (!group) return err({ reason: 'unknown-group', named })
  return others.length === 0 ? ok(group) : err({ reason: 'several-groups', named, candidates })
}

/** In the order of connection and display name. */
export async function pageGroups(
  db: D1Database,
  wanted: GroupPage,
): Promise<Result<Page<GroupEntry>, UnknownConnection>> {
  const known = await findConnectionIfNamed(db, wanted.connection)
  if (!known.ok) return known
  const placeOf = (group: GroupEntry) => [group.connection, group.displayName]
  return ok(await readPage(wanted.limit, placeOf, (limit) => listGroups(db, { ...wanted, limit })))
}

/** @param after the place of the member before the page; null: the page is the first. */
export const pageMembers = (
  db: D1Database,
  group: string,
  after: readonly string[] | null,
  limit: number,
): Promise<Page<MemberEntry>> =>
  readPage(
    limit,
    ({ id }) => [id],
    (most) => listMembers(db, group, after?.[0] ?? null, most),
  )

const noGroups = (search: string | null): string =>
  search === null ? 'No directory has sent a group yet.' : `No group has "${search}" in its name.`

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
  examples: [
    { says: 'the groups of one IdP', input: { connection: 'acme' } },
    { says: 'those with a text in their names', input: { search: 'engineer' } },
  ],
  subject: null,
  fields: {
    search: optionalText('text', 'a part of the display name', 200),
    connection,
    limit: limitField(),
    cursor: cursorField(2),
  },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/groups' },
  result: v.object({ groups: v.array(groupFacts) }),
  judge: null,
  run: async ({ db }, { cursor: after, ...wanted }) => {
    const page = await pageGroups(db, { ...wanted, after })
    return page.ok ? ok({ ...page.value, search: wanted.search }) : page
  },
  show: ({ items, next, search }) => ({
    facts: { groups: items.map(factsOf) },
    view: [items.length > 0 ? groupsTable(items) : sentence(noGroups(search))],
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
    const { items, next } = await pageMembers(db, found.value.id, input.cursor, input.limit)
    return ok({ group: found.value, members: items, next })
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

export function explainGroup(refused: GroupRefusal): Refusal {
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
