import { disableUser, enableUser, findPeople } from '../src/admin/people.ts'
import { findConnection } from '../src/connection/store.ts'
import { findEntry } from '../src/directory/overview-store.ts'
import { findGroupsOfUser } from '../src/directory/member-store.ts'
import { areDirectorys } from '../src/directory/whose-groups.ts'
import { toIso } from '../src/lib/instant.ts'
import { listSessions } from '../src/session/standing-store.ts'
import { boundOf } from './bound.ts'
import { said, textOf, type Command, type Input, type Outcome, type World } from './command.ts'
import { explainUnknown } from './connection/known.ts'
import { limitOption, readLimit } from './limit.ts'
import { changeOptions } from './operator.ts'
import { storeOptions } from './options.ts'
import {
  connectionOption,
  explainPerson,
  knownUser,
  namedUser,
  sessionJson,
  userJson,
  userPositional,
  userText,
  usersTable,
} from './people.ts'
import { count, plain } from './text.ts'

export const userCommands: readonly Command[] = [
  {
    name: 'user list',
    summary: 'who may sign in, or who goes by a name',
    positionals: [{ ...userPositional, isOptional: true }],
    options: [connectionOption, limitOption, ...storeOptions],
    details: null,
    examples: [
      { says: 'those of one IdP', line: 'npx gatehouse user list --connection acme --remote' },
      { says: 'who goes by an address', line: 'npx gatehouse user list ada@acme.com --remote' },
    ],
    run: list,
  },
  {
    name: 'user show',
    summary:
      'one user: where from, since when, in which groups (of the directory, and as asserted), signed in where',
    positionals: [userPositional],
    options: [connectionOption, ...storeOptions],
    details: null,
    examples: [{ says: 'all of one', line: 'npx gatehouse user show ada@acme.com --remote' }],
    run: show,
  },
  {
    name: 'user disable',
    summary: 'keep a user out, whatever the IdP says',
    positionals: [userPositional],
    options: [connectionOption, ...changeOptions],
    details: 'Every session of the user is over, and no new one is opened.',
    examples: [{ says: 'out at once', line: 'npx gatehouse user disable ada@acme.com --remote' }],
    run: (input, world) => setActive(input, world, false),
  },
  {
    name: 'user enable',
    summary: 'let a disabled user sign in again',
    positionals: [userPositional],
    options: [connectionOption, ...changeOptions],
    details: 'The old sessions stay over: the user signs in anew.',
    examples: [{ says: 'back in', line: 'npx gatehouse user enable ada@acme.com --remote' }],
    run: (input, world) => setActive(input, world, true),
  },
]

async function list(input: Input, world: World): Promise<Outcome> {
  const limit = readLimit(input)
  if (!limit.ok) return limit
  const db = await world.openStore()
  if (!db.ok) return db
  const [text = null] = input.positionals
  const users = await findPeople(db.value, {
    text,
    connection: textOf(input, 'connection'),
    limit: limit.value,
  })
  if (!users.ok) return explainUnknown(users.error)
  const json = { users: users.value.map(userJson) }
  if (users.value.length > 0) return said(usersTable(users.value), json)
  return said(text === null ? 'There is no user yet.' : `Nobody is called "${plain(text)}".`, json)
}

async function show(input: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  const found = await knownUser(db.value, namedUser(input))
  if (!found.ok) return found
  const user = found.value
  const entry = await findEntry(db.value, user.id)
  const groups = await findGroupsOfUser(db.value, user.id)
  const sessions = await listSessions(db.value, user.id, world.now)
  const connection = await findConnection(db.value, user.connection)
  const from = connection?.settings.directory.groupsFrom ?? 'auto'
  const isDirectorys = areDirectorys(from, user)
  return said(userText({ user, entry, groups, sessions, areDirectorys: isDirectorys }), {
    user: userJson(user),
    directory: entry && {
      externalId: entry.externalId,
      emails: entry.emails,
      active: entry.active,
      updatedAt: toIso(entry.updatedAt),
      groups,
    },
    rulesGoBy: isDirectorys ? 'directory' : 'assertion',
    sessions: sessions.map(sessionJson),
  })
}

async function setActive(input: Input, world: World, active: boolean): Promise<Outcome> {
  const context = await world.openAdmin()
  if (!context.ok) return context
  const switched = await (active ? enableUser : disableUser)(context.value, namedUser(input))
  if (!switched.ok) return explainPerson(switched.error)
  const { user, isChanged, sessions } = switched.value
  const name = plain(user.userName)
  if (!isChanged) {
    return said(`${name} is ${active ? 'not disabled' : 'disabled already'}. Nothing changed.`, {
      user: userJson(user),
      changed: false,
    })
  }
  const { words, seconds } = await boundOf(world)
  const json = { user: userJson(user), changed: true, withinSeconds: seconds }
  if (!active) {
    const ended = count(sessions, 'open session')
    return said(`${name} is disabled: refused everywhere ${words}, with ${ended}.`, json)
  }
  return said(
    user.active
      ? `${name} is enabled and may sign in again, ${words}.`
      : `${name} is not disabled any more, but inactive: so says the directory, and until it says otherwise they stay out.`,
    json,
  )
}
