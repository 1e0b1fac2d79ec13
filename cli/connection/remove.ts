import { removeConnection } from '../../src/connection/store.ts'
import { countUsers } from '../../src/directory/sign-in-store.ts'
import { boundOf } from '../bound.ts'
import {
  positional,
  refused,
  said,
  switchOption,
  type Command,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { storeOptions } from '../options.ts'
import { count } from '../text.ts'
import { knownConnection } from './store.ts'

export const removeOneConnection: Command = {
  name: 'connection remove',
  summary: 'forget an identity provider, its users and their sessions',
  positionals: [positional('id', 'which connection')],
  options: [switchOption('yes', 'really: there is no way back'), ...storeOptions],
  details: 'To close it for a while: `npx gatehouse connection update <id> --disable`',
  examples: [
    { says: 'how many go with it', line: 'npx gatehouse connection remove acme --remote' },
    { says: 'do it', line: 'npx gatehouse connection remove acme --yes --remote' },
  ],
  run: remove,
}

async function remove(input: Input, world: World): Promise<Outcome> {
  const [id = ''] = input.positionals
  const db = await world.openStore()
  if (!db.ok) return db
  const connection = await knownConnection(db.value, id)
  if (!connection.ok) return connection
  const people = await countUsers(db.value, id, world.now)
  const goes = `${count(people.users, 'user')} and ${count(people.sessions, 'open session')}`
  if (!input.switches.has('yes')) {
    return refused(
      `With connection "${id}" ${goes} would be removed, for good. If that is meant, say --yes. To close it for a while: \`npx gatehouse connection update ${id} --disable\``,
      people,
    )
  }
  const isRemoved = await removeConnection(db.value, id)
  if (!isRemoved) return refused(`Connection "${id}" is gone: somebody else removed it.`)
  await world.record({ command: 'connection remove', connection: id, user: null, facts: people })
  const bound = await boundOf(world)
  return said(
    `Connection "${id}" is removed, and ${goes} with it. Whoever signed in by it is refused everywhere ${bound.words}.`,
    { removed: id, ...people, withinSeconds: bound.seconds },
  )
}
