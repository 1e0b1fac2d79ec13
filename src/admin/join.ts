/** `join preview`: which provisioned person each sign-in would belong to, by a rule. Nothing is written. */
import * as v from 'valibot'
import type { Connection } from '../connection/connection.ts'
import { findKnown, joinedOf } from '../directory/provision-store.ts'
import type { JoinRule } from '../directory/join.ts'
import { findEntriesLike, findEntry, listEntries } from '../directory/overview-store.ts'
import { pageUsers } from '../directory/search-store.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { joinWords } from './connection-shown.ts'
import {
  explainUnknownConnection,
  findKnownConnection,
  type UnknownConnection,
} from './connections.ts'
import { limitField, oneValue, requiredText } from './field.ts'
import { explainReach, explainSubject, type Explained, type Reach } from './join-explain.ts'
import { defineOperation } from './operation.ts'
import { count, sentence, tableOf, type Block } from './view.ts'

const rules = ['user-name', 'external-id', 'email'] as const

const ruleField = oneValue(
  {
    meaning: `the rule to try: ${rules.join(', ')} (default: that of the connection)`,
    placeholder: 'what',
    isRequired: false,
    schema: { type: 'string', enum: rules },
  },
  (given): Result<JoinRule | null, string> => {
    const rule = rules.find((each) => each === given)
    return given === null || rule ? ok(rule ?? null) : err(`must be one of ${rules.join(', ')}`)
  },
)

interface Preview {
  readonly connection: Connection
  readonly rule: JoinRule
  /** People who have signed in, but were not sent by a directory. */
  readonly people: readonly Explained[]
  /** People that a directory has sent. */
  readonly directory: readonly Reach[]
}

export const joinPreview = defineOperation({
  name: 'join preview',
  summary: 'the people in the store that a join rule would match',
  details: 'Nothing is written. To try a rule before it is set, name it.',
  examples: [{ says: 'before the rule is changed', input: { connection: 'acme', join: 'email' } }],
  subject: 'connection',
  fields: {
    connection: requiredText('connection', 'the connection whose rule is tried'),
    join: ruleField,
    limit: limitField(),
  },
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/connections/{connection}/join-preview' },
  result: v.object({
    connection: v.string(),
    provisioning: v.string(),
    rule: v.object({
      subject: v.object({ from: v.string(), name: v.optional(v.string()) }),
      join: v.picklist(rules),
    }),
    people: v.array(
      v.object({
        subject: v.string(),
        outcome: v.picklist(['matches', 'not active', 'nobody', 'several']),
        userName: v.nullable(v.string()),
        why: v.string(),
      }),
    ),
    directory: v.array(
      v.object({
        userName: v.string(),
        outcome: v.picklist(['reachable', 'look', 'unreachable']),
        why: v.nullable(v.string()),
      }),
    ),
    isComplete: v.boolean(),
  }),
  judge: null,
  run: async ({ db }, { connection, join, limit }) => preview(db, connection, join, limit),
  show: ({ connection, rule, people, directory }) => {
    const matching = people.filter(({ outcome }) => outcome === 'matches').length
    const told = directory.filter(({ outcome }) => outcome !== 'reachable')
    return {
      facts: {
        ...ruleFacts(connection, rule),
        people,
        directory,
        isComplete:
          matching === people.length && directory.every(({ outcome }) => outcome !== 'unreachable'),
      },
      view: [
        ...ruleBlocks(connection, rule),
        sentence(sayMatching(people.length, matching)),
        ...(people.length > 0 ? [peopleTable(people)] : []),
        sentence(sayReachable(directory.length, told.length)),
        ...(told.length > 0
          ? [
              tableOf(told, {
                'user name': ({ userName }) => userName,
                outcome: ({ outcome }) => outcome,
                why: ({ why }) => why ?? '',
              }),
            ]
          : []),
      ],
    }
  },
  undo: null,
  explain: explainUnknownConnection,
})

async function preview(
  db: D1Database,
  id: string,
  asked: JoinRule | null,
  limit: number,
): Promise<Result<Preview, UnknownConnection>> {
  const known = await findKnownConnection(db, id)
  if (!known.ok) return known
  const connection = known.value
  const rule = asked ?? connection.settings.directory.join
  const page = { connection: id, words: [], after: null, limit }
  // A provisioned user has no stored subject of the IdP to try.
  const users = (await pageUsers(db, page)).filter(({ source }) => source === 'jit')
  const people: Explained[] = []
  for (const { subject, userName, email, displayName } of users) {
    const hints = [userName, email ?? '', displayName ?? '']
    people.push(await explainOne(db, { id, rule, subject, hints }))
  }
  const directory = explainReach(rule, await listEntries(db, id, limit))
  return ok({ connection, rule, people, directory })
}

export interface Asked {
  /** The id of the connection. */
  readonly id: string
  readonly rule: JoinRule
  readonly subject: string
  /** Other names of the person. */
  readonly hints: readonly string[]
}

export async function explainOne(
  db: D1Database,
  { id, rule, subject, hints }: Asked,
): Promise<Explained> {
  const terms = { mode: 'scim', join: rule } as const
  const found = joinedOf(await findKnown(db, { connection: id, subject }, terms))
  if (found.ok) return explainSubject(rule, subject, await findEntry(db, found.value.id), [])
  if (found.error === 'several-provisioned') return explainSubject(rule, subject, 'several', [])
  const bySubject = await findEntriesLike(db, id, [subject])
  const near = bySubject.length > 0 ? bySubject : await findEntriesLike(db, id, hints)
  return explainSubject(rule, subject, null, near)
}

function sayMatching(all: number, matching: number): string {
  if (all === 0) return 'Nobody has signed in without being provisioned, so nobody is to be tried.'
  return `${count(all, 'person', 'people')} signed in without being provisioned. ${matching === 0 ? 'None' : matching} of them would match:`
}

function sayReachable(all: number, told: number): string {
  if (all === 0) return 'The directory has sent nobody yet.'
  const rest = told === 0 ? 'A sign-in can match each of them.' : `Look at ${told} of them:`
  return `${count(all, 'person', 'people')} in the directory. ${rest}`
}

export function ruleBlocks(
  { id, provisioning, settings }: Connection,
  rule: JoinRule,
): readonly Block[] {
  const { subject } = settings
  const side = subject.from === 'name-id' ? 'the NameID' : `the attribute ${subject.name}`
  return [
    sentence(`"${id}": ${side} is ${joinWords[rule]}.`),
    ...(provisioning === 'jit'
      ? [
          sentence(
            'Warning: the connection is jit, so sign-ins are not compared with the directory.',
          ),
        ]
      : []),
  ]
}

export const ruleFacts = ({ id, provisioning, settings }: Connection, rule: JoinRule) => ({
  connection: id,
  provisioning,
  rule: { subject: settings.subject, join: rule },
})

export const peopleTable = (people: readonly Explained[]): Block =>
  tableOf(people, {
    subject: ({ subject }) => subject,
    outcome: ({ outcome }) => outcome,
    'user name': ({ userName }) => userName,
    why: ({ why }) => why,
  })
