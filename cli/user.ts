import { findConnection } from '../src/connection/store.ts'
import { findUsers, listUsers, setUserActive } from '../src/directory/sign-in-store.ts'
import { findEntry } from '../src/directory/overview-store.ts'
import { findGroupsOfUser } from '../src/directory/member-store.ts'
import { areDirectorys } from '../src/directory/whose-groups.ts'
import { toIso } from '../src/lib/instant.ts'
import { listSessions } from '../src/session/standing-store.ts'
import { boundOf } from './bound.ts'
import {
  said,
  refused,
  textOf,
  type Command,
  type Input,
  type Outcome,
  type World,
} from './command.ts'
import { knownConnection } from './connection/store.ts'
import { limitOption, readLimit } from './limit.ts'
import { storeOptions } from './options.ts'
import {
  connectionOption,
  findOneUser,
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
    options: [connectionOption, ...storeOptions],
    details: 'Every session of the user is over, and no new one is opened.',
    examples: [{ says: 'out at once', line: 'npx gatehouse user disable ada@acme.com --remote' }],
    run: (input, world) => setActive(input, world, false),
  },
  {
    name: 'user enable',
    summary: 'let a disabled user sign in again',
    positionals: [userPositional],
    options: [connectionOption, ...storeOptions],
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
  const [text] = input.positionals
  const connection = textOf(input, 'connection')
  if (connection !== null) {
    const known = await knownConnection(db.value, connection)
    if (!known.ok) return known
  }
  const users =
    text === undefined
      ? await listUsers(db.value, connection, limit.value)
      : (await findUsers(db.value, text)).filter(
          (user) => connection === null || user.connection === connection,
        )
  const json = { users: users.map(userJson) }
  if (users.length > 0) return said(usersTable(users), json)
  return said(
    text === undefined ? 'There is no user yet.' : `Nobody is called "${plain(text)}".`,
    json,
  )
}

async function show(input: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  const found = await findOneUser(db.value, input.positionals[0] ?? '', textOf(input, 'connection'))
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
  const db = await world.openStore()
  if (!db.ok) return db
  const found = await findOneUser(db.value, input.positionals[0] ?? '', textOf(input, 'connection'))
  if (!found.ok) return found
  const name = plain(found.value.userName)
  if (found.value.barred !== active) {
    return said(`${name} is ${active ? 'not disabled' : 'disabled already'}. Nothing changed.`, {
      user: userJson(found.value),
      changed: false,
    })
  }
  const sessions = await listSessions(db.value, found.value.id, world.now)
  const isChanged = await setUserActive(db.value, found.value.id, active, world.now)
  const [user] = isChanged ? await findUsers(db.value, found.value.id) : []
  if (!user) return refused(`${name} is gone: somebody else removed the user.`)
  await world.record({
    command: active ? 'user enable' : 'user disable',
    connection: user.connection,
    user: user.id,
    facts: { sessions: sessions.length },
  })
  const { words, seconds } = await boundOf(world)
  const json = { user: userJson(user), changed: true, withinSeconds: seconds }
  if (!active) {
    const ended = count(sessions.length, 'open session')
    return said(`${name} is disabled: refused everywhere ${words}, with ${ended}.`, json)
  }
  return said(
    user.active
      ? `${name} is enabled and may sign in again, ${words}.`
      : `${name} is not disabled any more, but inactive: so says the directory, and until it says otherwise they stay out.`,
    json,
  )
}
