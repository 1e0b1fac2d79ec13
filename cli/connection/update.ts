import { updateConnection as updateOne } from '../../src/admin/connections.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { warningsOf, warningsOfMetadata } from '../../src/connection/warnings.ts'
import { boundOf } from '../bound.ts'
import {
  listOption,
  positional,
  said,
  switchOption,
  usage,
  type Command,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { changeOptions } from '../operator.ts'
import { count } from '../../src/admin/view.ts'
import { readConnectionInput } from './given.ts'
import { explainConnection } from './known.ts'
import { idpOptions, settingOptions } from './options.ts'
import { connectionJson, connectionText, warningLines } from './present.ts'

const ownOptions = [
  switchOption('enable', 'let people sign in by it again'),
  switchOption('disable', 'nobody signs in by it, and who has is out'),
  ...idpOptions,
  listOption('add-certificate', '<file>', 'beside the old ones, so that either counts'),
  listOption('remove-certificate', '<fingerprint>', 'or its first 8 digits; never the last one'),
  switchOption('replace-certificates', 'those given now are all that count'),
  ...settingOptions,
  listOption('remove-domain', '<domain>', 'its people choose for themselves again'),
]

export const updateConnection: Command = {
  name: 'connection update',
  summary: 'change a connection; what is not given stays',
  positionals: [positional('id', 'which connection')],
  options: [...ownOptions, ...changeOptions],
  details:
    'Certificates change over in three steps: add the new one beside the old one, let the IdP change, remove the old one. --metadata, given again, adds those it has and keeps the others.',
  examples: [
    {
      says: 'the next certificate, before the IdP changes over',
      line: 'npx gatehouse connection update acme --add-certificate next.pem --remote',
    },
    {
      says: 'SHA-1 for an IdP that cannot do better yet, visibly and until a date',
      line: 'npx gatehouse connection update acme --allow-sha1-until 2027-03-31 --remote',
    },
    {
      says: 'nobody signs in by it for now',
      line: 'npx gatehouse connection update acme --disable --remote',
    },
  ],
  run: update,
}

async function update(input: Input, world: World): Promise<Outcome> {
  const [id = ''] = input.positionals
  const names = ownOptions.map(({ name }) => name)
  if (!names.some((name) => input.texts.has(name) || input.switches.has(name))) {
    return usage('Nothing is to be changed: say what.')
  }
  const given = await readConnectionInput(input, 'add-certificate')
  if (!given.ok) return given
  const context = await world.openAdmin()
  if (!context.ok) return context
  const updated = await updateOne(context.value, id, given.value)
  if (!updated.ok) return explainConnection(updated.error, 'add-certificate')
  const { before, connection, metadata, added, removed } = updated.value
  const bound = await boundOf(world)
  const warnings = [
    ...(metadata ? warningsOfMetadata(metadata, connection, world.now) : []),
    ...warningsOf(connection, world.now),
  ]
  return said(
    [
      `Connection "${id}" is changed.${enabledWords(before, connection, bound.words)}`,
      ...(added.length > 0 ? [`${count(added.length, 'certificate')} added.`] : []),
      ...(removed.length > 0 ? [`${count(removed.length, 'certificate')} removed.`] : []),
      '',
      connectionText(connection, world.now),
      ...(warnings.length > 0 ? ['', ...warningLines(warnings)] : []),
    ].join('\n'),
    {
      connection: { ...connectionJson(connection, world.now), warnings },
      certificatesAdded: added.map(({ fingerprint }) => fingerprint),
      certificatesRemoved: removed.map(({ fingerprint }) => fingerprint),
      withinSeconds: bound.seconds,
    },
  )
}

function enabledWords(before: Connection, after: Connection, bound: string): string {
  if (before.enabled === after.enabled) return ''
  return after.enabled
    ? ' People sign in by it again.'
    : ` Nobody signs in by it, and whoever has is refused everywhere ${bound}.`
}
