import type { Connection } from '../../src/connection/connection.ts'
import { parseChanges } from '../../src/connection/input.ts'
import { saveConnection } from '../../src/connection/store.ts'
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
import { storeOptions } from '../options.ts'
import { count } from '../text.ts'
import { explainFaults, readConnectionInput } from './given.ts'
import { idpOptions, settingOptions } from './options.ts'
import { changesOf, connectionJson, connectionText, warningLines } from './present.ts'
import { judgeDomains, knownConnection } from './store.ts'

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
  options: [...ownOptions, ...storeOptions],
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
  const db = await world.openStore()
  if (!db.ok) return db
  const before = await knownConnection(db.value, id)
  if (!before.ok) return before
  const parsed = await parseChanges(before.value, given.value, world.now)
  if (!parsed.ok) return explainFaults(parsed.error, 'add-certificate')
  const { connection, metadata, added } = parsed.value
  const domains = await judgeDomains(db.value, connection)
  if (!domains.ok) return domains
  await saveConnection(db.value, connection, world.now)
  await world.record({
    command: 'connection update',
    connection: id,
    user: null,
    facts: changesOf(before.value, connection),
  })

  const removed = before.value.certificates.filter((old) =>
    connection.certificates.every(({ fingerprint }) => fingerprint !== old.fingerprint),
  )
  const bound = await boundOf(world)
  const warnings = [
    ...(metadata ? warningsOfMetadata(metadata, connection, world.now) : []),
    ...warningsOf(connection, world.now),
  ]
  return said(
    [
      `Connection "${id}" is changed.${enabledWords(before.value, connection, bound.words)}`,
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
