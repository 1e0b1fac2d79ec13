import type { Connection } from '../../src/connection/connection.ts'
import { listConnections } from '../../src/connection/store.ts'
import { warningsOf, warningsOfDirectory } from '../../src/connection/warnings.ts'
import { findGuard } from '../../src/directory/guard-store.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { positional, said, type Command, type Input, type Outcome, type World } from '../command.ts'
import { idpOption, siteOption, storeOptions } from '../options.ts'
import { localNote, hostsOf } from '../sites.ts'
import { day, table } from '../text.ts'
import { readIdp } from './add.ts'
import {
  connectionJson,
  connectionText,
  pasteJson,
  pasteText,
  warningLines,
  withCommand,
} from './present.ts'
import { knownConnection } from './known.ts'

export const listAllConnections: Command = {
  name: 'connection list',
  summary: 'every connection, and what needs attention',
  positionals: [],
  options: storeOptions,
  details: null,
  examples: [
    { says: 'those of the deployed Worker', line: 'npx gatehouse connection list --remote' },
  ],
  run: list,
}

export const showConnection: Command = {
  name: 'connection show',
  summary: 'one connection, and what to enter at its IdP',
  positionals: [positional('id', 'which connection')],
  options: [idpOption, siteOption, ...storeOptions],
  details: null,
  examples: [
    {
      says: 'with what to paste under the labels of Entra ID',
      line: 'npx gatehouse connection show acme --for entra --local',
    },
  ],
  run: show,
}

async function list(_: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  const connections = await listConnections(db.value)
  const json = { connections: connections.map((each) => connectionJson(each, world.now)) }
  if (connections.length === 0) {
    return said(
      'There is no connection yet: `npx gatehouse connection add <id> --metadata <url>`',
      json,
    )
  }
  const warnings = connections.flatMap((connection) =>
    warningLines(warningsOf(connection, world.now)).map((line) => `${connection.id}: ${line}`),
  )
  return said(
    [
      table([
        ['ID', 'NAME', 'STATE', 'IDP', 'CERTIFICATES', 'WANTS', 'DOMAINS'],
        ...connections.map((connection) => rowOf(connection, world.now)),
      ]),
      ...(warnings.length > 0 ? ['', ...warnings] : []),
    ].join('\n'),
    json,
  )
}

function rowOf(connection: Connection, now: Instant): readonly string[] {
  const { certificates } = connection
  const ends = certificates.map(({ notAfter }) => notAfter).toSorted((a, b) => a - b)
  const next = ends.find((end) => end > now) ?? ends.at(-1)
  return [
    connection.id,
    connection.displayName,
    connection.enabled ? 'enabled' : 'disabled',
    connection.idpEntityId,
    `${certificates.length}${next === undefined ? '' : `, ${next > now ? 'next expires' : 'expired'} ${day(next)}`}`,
    wantsOf(connection),
    connection.domains.join(' ') || '-',
  ]
}

const wantsOf = ({ settings }: Connection): string =>
  [
    ...(settings.requireEncryption ? ['encryption'] : []),
    ...(settings.signRequests ? ['signed requests'] : []),
  ].join(', ') || '-'

async function show(input: Input, world: World): Promise<Outcome> {
  const [id = ''] = input.positionals
  const idp = readIdp(input)
  if (!idp.ok) return idp
  const config = await world.readConfig()
  if (!config.ok) return config
  const sites = hostsOf(config.value, input, id)
  if (!sites.ok) return sites
  const db = await world.openStore()
  if (!db.ok) return db
  const connection = await knownConnection(db.value, id)
  if (!connection.ok) return connection
  const guard = await findGuard(db.value, id, world.now)
  const told = [
    ...warningsOf(connection.value, world.now),
    ...warningsOfDirectory(connection.value, guard, world.now),
  ].map((warning) => withCommand(id, warning))
  const warnings = warningLines(told)
  return said(
    [
      connectionText(connection.value, world.now),
      ...(warnings.length > 0 ? ['', ...warnings] : []),
      ...pasteText(connection.value, sites.value, idp.value),
      ...localNote(config.value, sites.value, id),
    ].join('\n'),
    {
      connection: { ...connectionJson(connection.value, world.now), warnings: told },
      paste: pasteJson(connection.value, sites.value, idp.value),
    },
  )
}
