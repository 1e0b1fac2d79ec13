import { previewRemoval, removeConnection, type Removal } from '../../src/admin/connections.ts'
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
import { changeOptions } from '../operator.ts'
import { count } from '../../src/admin/view.ts'
import { explainConnection } from './known.ts'

export const removeOneConnection: Command = {
  name: 'connection remove',
  summary: 'remove an identity provider, its users and their sessions',
  positionals: [positional('id', 'which connection')],
  options: [switchOption('yes', 'do it: this cannot be undone'), ...changeOptions],
  details: 'To disable it for a while: `npx gatehouse connection update <id> --disable`',
  examples: [
    { says: 'what would be removed', line: 'npx gatehouse connection remove acme --remote' },
    { says: 'remove it', line: 'npx gatehouse connection remove acme --yes --remote' },
  ],
  run: remove,
}

async function remove(input: Input, world: World): Promise<Outcome> {
  const [id = ''] = input.positionals
  const context = await world.openAdmin()
  if (!context.ok) return context
  if (!input.switches.has('yes')) {
    const preview = await previewRemoval(context.value, id)
    if (!preview.ok) return explainConnection(preview.error)
    return refused(
      `With connection "${id}" ${goesWith(preview.value)} would be removed, for good. If you mean that, add --yes. To disable it for a while: \`npx gatehouse connection update ${id} --disable\``,
      { ...preview.value },
    )
  }
  const removed = await removeConnection(context.value, id)
  if (!removed.ok) return explainConnection(removed.error)
  const bound = await boundOf(world)
  return said(
    `Connection "${id}" is removed, and ${goesWith(removed.value)} with it. Everybody who signed in with it is refused everywhere ${bound.words}.`,
    { removed: id, ...removed.value, withinSeconds: bound.seconds },
  )
}

const goesWith = ({ users, sessions }: Removal): string =>
  `${count(users, 'user')} and ${count(sessions, 'open session')}`
