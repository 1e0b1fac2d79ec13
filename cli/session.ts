import type { Context } from '../src/admin/context.ts'
import { endSession, endSessionsOfUser } from '../src/admin/sessions.ts'
import { listSessions } from '../src/session/standing-store.ts'
import { boundOf } from './bound.ts'
import {
  refused,
  said,
  textOf,
  textOption,
  usage,
  type Command,
  type Input,
  type Outcome,
  type World,
} from './command.ts'
import { changeOptions } from './operator.ts'
import { storeOptions } from './options.ts'
import {
  connectionOption,
  explainPerson,
  knownUser,
  namedUser,
  sessionJson,
  sessionsTable,
  userJson,
  userPositional,
} from './people.ts'
import { count, plain } from './text.ts'

export const sessionCommands: readonly Command[] = [
  {
    name: 'session list',
    summary: 'the open sessions of a user, with the groups that the IdP asserted',
    positionals: [userPositional],
    options: [connectionOption, ...storeOptions],
    details: null,
    examples: [
      { says: 'where Ada is signed in', line: 'npx gatehouse session list ada@acme.com --remote' },
    ],
    run: list,
  },
  {
    name: 'session revoke',
    summary: 'end every session of a user, or one',
    positionals: [{ ...userPositional, isOptional: true }],
    options: [
      textOption('id', '<session>', 'that one alone, instead of <user>'),
      connectionOption,
      ...changeOptions,
    ],
    details: 'The user may sign in again. To keep them out: `npx gatehouse user disable <user>`',
    examples: [
      { says: 'out everywhere', line: 'npx gatehouse session revoke ada@acme.com --remote' },
      {
        says: 'one of them, by its id in session list',
        line: 'npx gatehouse session revoke --id 5f0c… --remote',
      },
    ],
    run: revoke,
  },
]

async function list(input: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  const user = await knownUser(db.value, namedUser(input))
  if (!user.ok) return user
  const sessions = await listSessions(db.value, user.value.id, world.now)
  const name = plain(user.value.userName)
  const json = {
    user: userJson(user.value),
    sessions: sessions.map(sessionJson),
  }
  if (sessions.length === 0) return said(`${name} has no open session.`, json)
  return said(sessionsTable(sessions), json)
}

async function revoke(input: Input, world: World): Promise<Outcome> {
  const [text] = input.positionals
  const id = textOf(input, 'id')
  if ((text === undefined) === (id === null)) {
    return usage(
      id === null
        ? 'Whose sessions? Give <user>, or --id <session>.'
        : '<user> and --id contradict each other: give one.',
    )
  }
  const context = await world.openAdmin()
  if (!context.ok) return context
  return id === null ? revokeAll(input, context.value, world) : revokeOne(id, context.value, world)
}

async function revokeOne(id: string, context: Context, world: World): Promise<Outcome> {
  if (!(await endSession(context, id)).ok) {
    return refused(`There is no open session "${plain(id)}": \`npx gatehouse session list <user>\``)
  }
  const { words, seconds } = await boundOf(world)
  return said(`The session is revoked: refused everywhere ${words}.`, {
    revoked: [id],
    withinSeconds: seconds,
  })
}

async function revokeAll(input: Input, context: Context, world: World): Promise<Outcome> {
  const done = await endSessionsOfUser(context, namedUser(input))
  if (!done.ok) return explainPerson(done.error)
  const { user, ended } = done.value
  const { words, seconds } = await boundOf(world)
  const name = plain(user.userName)
  return said(
    ended.length === 0
      ? `${name} had no open session. One that is being opened now is refused ${words}.`
      : `${count(ended.length, 'session')} of ${name} revoked: refused everywhere ${words}. ${name} may sign in again.`,
    { user: userJson(user), revoked: ended, withinSeconds: seconds },
  )
}
