/** Groups of directories. */
import { findOneGroup, type GroupRefusal } from '../src/admin/groups.ts'
import { listGroups, listMembers, type GroupEntry } from '../src/directory/overview-store.ts'
import { toIso } from '../src/lib/instant.ts'
import type { Err } from '../src/lib/result.ts'
import {
  positional,
  refused,
  said,
  textOf,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from './command.ts'
import { limitOption, readLimit } from './limit.ts'
import { storeOptions } from './options.ts'
import { connectionOption } from './people.ts'
import { count, fields, minute, plain, table } from './text.ts'

export const groupCommands: readonly Command[] = [
  {
    name: 'group list',
    summary: 'the groups that directories have sent',
    positionals: [],
    options: [connectionOption, limitOption, ...storeOptions],
    details: 'A policy may name a group by its display name, { group }, or by its id, { groupId }.',
    examples: [
      { says: 'those of one IdP', line: 'npx gatehouse group list --connection acme --remote' },
    ],
    run: list,
  },
  {
    name: 'group show',
    summary: 'one group, and who is in it',
    positionals: [positional('group', 'by display name, id or external id, the whole of it')],
    options: [connectionOption, limitOption, ...storeOptions],
    details: null,
    examples: [{ says: 'who is in', line: 'npx gatehouse group show Engineering --remote' }],
    run: show,
  },
]

async function list(input: Input, world: World): Promise<Outcome> {
  const limit = readLimit(input)
  if (!limit.ok) return limit
  const db = await world.openStore()
  if (!db.ok) return db
  const groups = await listGroups(db.value, textOf(input, 'connection'), limit.value)
  const json = { groups: groups.map(groupJson) }
  return groups.length > 0
    ? said(groupsTable(groups), json)
    : said('No directory has sent a group yet.', json)
}

async function show(input: Input, world: World): Promise<Outcome> {
  const limit = readLimit(input)
  if (!limit.ok) return limit
  const db = await world.openStore()
  if (!db.ok) return db
  const found = await findOneGroup(db.value, {
    text: input.positionals[0] ?? '',
    connection: textOf(input, 'connection'),
  })
  if (!found.ok) return explainGroup(found.error)
  const group = found.value
  const members = await listMembers(db.value, group.id, limit.value)
  const rest = group.members - members.length
  return said(
    [
      fields([
        ['id', group.id],
        ['display name', group.displayName],
        ['connection', group.connection],
        ['source', 'the directory, by SCIM'],
        ['external id', group.externalId ?? 'none'],
        ['made', minute(group.createdAt)],
        ['last change', minute(group.updatedAt)],
        ['members', String(group.members)],
      ]),
      ...(members.length > 0
        ? [
            '',
            table([
              ['ID', 'USER NAME', 'STATE'],
              ...members.map(({ id, userName, active }) => [
                id,
                userName,
                active ? 'enabled' : 'disabled',
              ]),
            ]),
          ]
        : []),
      ...(rest > 0 ? [`and ${count(rest, 'other')}: --limit shows more`] : []),
    ].join('\n'),
    { group: groupJson(group), members },
  )
}

function explainGroup(refusal: GroupRefusal): Err<Failure> {
  const name = plain(refusal.named.text)
  return refusal.reason === 'unknown-group'
    ? refused(`No directory has a group "${name}": \`npx gatehouse group list\``)
    : refused(
        `"${name}" may be any of these. Say which by id, or by --connection:\n\n${groupsTable(refusal.candidates)}`,
        { candidates: refusal.candidates.map(groupJson) },
      )
}

const groupsTable = (groups: readonly GroupEntry[]): string =>
  table([
    ['ID', 'CONNECTION', 'DISPLAY NAME', 'MEMBERS', 'LAST CHANGE'],
    ...groups.map((group) => [
      group.id,
      group.connection,
      group.displayName,
      String(group.members),
      minute(group.updatedAt),
    ]),
  ])

const groupJson = ({ createdAt, updatedAt, ...group }: GroupEntry) => ({
  ...group,
  source: 'scim',
  createdAt: toIso(createdAt),
  updatedAt: toIso(updatedAt),
})
