import { endSessionsOf } from '../src/directory/sign-in-store.ts'
import { findUserOf, listSessions, revokeSession } from '../src/session/standing-store.ts'
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
import { storeOptions } from './options.ts'
import {
  connectionOption,
  findOneUser,
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
      ...storeOptions,
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
  const user = await findOneUser(db.value, input.positionals[0] ?? '', textOf(input, 'connection'))
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
  const db = await world.openStore()
  if (!db.ok) return db
  return id === null
    ? revokeAll(db.value, text ?? '', input, world)
    : revokeOne(db.value, id, world)
}

async function revokeOne(db: D1Database, id: string, world: World): Promise<Outcome> {
  if (!(await revokeSession(db, id, world.now))) {
    return refused(`There is no open session "${plain(id)}": \`npx gatehouse session list <user>\``)
  }
  await world.record({
    command: 'session revoke',
    connection: null,
    user: await findUserOf(db, id),
    facts: { session: id },
  })
  const { words, seconds } = await boundOf(world)
  return said(`The session is revoked: refused everywhere ${words}.`, {
    revoked: [id],
    withinSeconds: seconds,
  })
}

async function revokeAll(
  db: D1Database,
  text: string,
  input: Input,
  world: World,
): Promise<Outcome> {
  const user = await findOneUser(db, text, textOf(input, 'connection'))
  if (!user.ok) return user
  const sessions = await listSessions(db, user.value.id, world.now)
  await endSessionsOf(db, user.value.id, world.now)
  await world.record({
    command: 'session revoke',
    connection: user.value.connection,
    user: user.value.id,
    facts: { sessions: sessions.map(({ id }) => id) },
  })
  const { words, seconds } = await boundOf(world)
  const name = plain(user.value.userName)
  return said(
    sessions.length === 0
      ? `${name} had no open session. One that is being opened now is refused ${words}.`
      : `${count(sessions.length, 'session')} of ${name} revoked: refused everywhere ${words}. ${name} may sign in again.`,
    {
      user: userJson(user.value),
      revoked: sessions.map((session) => session.id),
      withinSeconds: seconds,
    },
  )
}
