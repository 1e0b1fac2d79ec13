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
  switchOption('enable', 'let people sign in with it again'),
  switchOption('disable', 'let nobody sign in with it, and end the sessions that it opened'),
  ...idpOptions,
  listOption(
    'add-certificate',
    '<file>',
    'a certificate beside the others, so that each of them is accepted',
  ),
  listOption(
    'remove-certificate',
    '<fingerprint>',
    'the certificate to remove; its first 8 digits are enough. The last one stays',
  ),
  switchOption('replace-certificates', 'the certificates that are given now replace all others'),
  ...settingOptions,
  listOption(
    'remove-domain',
    '<domain>',
    'people of that domain may sign in with any connection again',
  ),
]

export const updateConnection: Command = {
  name: 'connection update',
  summary: 'change a connection; what is not given stays',
  positionals: [positional('id', 'which connection')],
  options: [...ownOptions, ...changeOptions],
  details:
    'To replace a certificate: add the new one, let the IdP change, then remove the old one. --metadata adds the certificates of the metadata and keeps the others.',
  examples: [
    {
      says: 'the next certificate, before the IdP uses it',
      line: 'npx gatehouse connection update acme --add-certificate next.pem --remote',
    },
    {
      says: 'SHA-1 until a date, for an IdP that cannot do better yet',
      line: 'npx gatehouse connection update acme --allow-sha1-until 2027-03-31 --remote',
    },
    {
      says: 'let nobody sign in with it for now',
      line: 'npx gatehouse connection update acme --disable --remote',
    },
  ],
  run: update,
}

async function update(input: Input, world: World): Promise<Outcome> {
  const [id = ''] = input.positionals
  const names = ownOptions.map(({ name }) => name)
  if (!names.some((name) => input.texts.has(name) || input.switches.has(name))) {
    return usage('Nothing is to be changed. Give at least one option that changes something.')
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
    ? ' People can sign in with it again.'
    : ` Nobody can sign in with it, and everybody who did is refused everywhere ${bound}.`
}
