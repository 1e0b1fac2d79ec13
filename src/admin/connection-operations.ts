/** `connection …`, as every face offers it, but what needs an identity provider's values. */
import * as v from 'valibot'
import type { Connection } from '../connection/connection.ts'
import { knownIdps } from '../connection/labels.ts'
import { findVersion, listConnections } from '../connection/store.ts'
import { warningsOf } from '../connection/warnings.ts'
import type { Instant } from '../lib/instant.ts'
import { perhaps } from '../lib/nearest.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { noFields } from '../connection/fields.ts'
import { explainConnection } from './connection-refused.ts'
import {
  connectionBlock,
  connectionFacts,
  connectionShape,
  hostsFor,
  pasteBlocks,
  pasteFacts,
  pasteShape,
  stateWords,
  warningBlocks,
} from './connection-shown.ts'
import {
  explainUnknownConnection,
  findKnownConnection,
  findWarnings,
  updateConnection,
  type ConnectionRefusal,
  type UpdatedConnection,
} from './connections.ts'
import type { Context } from './context.ts'
import { oneValue, requiredText } from './field.ts'
import { defineOperation, type Bound, type Call, type Undo } from './operation.ts'
import { dayOf } from './shape.ts'
import { sentence, tableOf, type Block } from './view.ts'

/** For `ifVersion`. */
export const versionOf = async (db: D1Database, id: string): Promise<string | null> => {
  const version = await findVersion(db, id)
  return version === null ? null : String(version)
}

export const idField = requiredText('id', 'which connection')

export const forField = oneValue(
  {
    meaning: `name the values to enter as the console of ${knownIdps.join(', ')} does (default generic)`,
    placeholder: 'idp',
    isRequired: false,
    schema: { type: 'string', enum: knownIdps, default: 'generic' },
  },
  (given) => {
    const word = given ?? 'generic'
    const idp = knownIdps.find((known) => known === word.toLowerCase())
    return idp
      ? ok(idp)
      : err(`must be one of ${knownIdps.join(', ')}; it is "${word}"${perhaps(word, knownIdps)}`)
  },
)

export const connectionList = defineOperation({
  name: 'connection list',
  summary: 'every connection, and what needs attention',
  details: null,
  examples: [{ says: 'those that there are', input: {} }],
  subject: null,
  fields: {},
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/connections' },
  result: v.object({ connections: v.array(connectionShape) }),
  judge: null,
  run: async ({ db }) => ok(await listConnections(db)),
  show: (connections, { now }) => ({
    facts: { connections: connections.map((each) => connectionFacts(each, warningsOf(each, now))) },
    view:
      connections.length === 0
        ? [sentence('There is no connection yet.', { operation: 'connection add', asks: 'id' })]
        : [
            listTable(connections, now),
            ...connections.flatMap((each) =>
              warningsOf(each, now).map(({ text }) => sentence(`${each.id}: Warning: ${text}`)),
            ),
          ],
  }),
  undo: null,
  explain: (never: never) => never,
})

const listTable = (connections: readonly Connection[], now: Instant): Block =>
  tableOf(connections, {
    id: ({ id }) => id,
    name: ({ displayName }) => displayName,
    state: stateWords,
    idp: ({ idpEntityId }) => idpEntityId,
    certificates: (connection) => certificatesWords(connection, now),
    wants: ({ settings }) =>
      [
        ...(settings.requireEncryption ? ['encryption'] : []),
        ...(settings.signRequests ? ['signed requests'] : []),
      ].join(', ') || null,
    domains: ({ domains }) => domains.join(' ') || null,
  })

function certificatesWords({ certificates }: Connection, now: Instant): string {
  const ends = certificates.map(({ notAfter }) => notAfter).toSorted((a, b) => a - b)
  const next = ends.find((end) => end > now) ?? ends.at(-1)
  if (next === undefined) return '0'
  return `${certificates.length}, ${next > now ? 'next expires' : 'expired'} ${dayOf(next)}`
}

export const connectionShow = defineOperation({
  name: 'connection show',
  summary: 'one connection, and what to enter at its IdP',
  details: null,
  examples: [
    {
      says: 'with what to paste under the labels of Entra ID',
      input: { id: 'acme', for: 'entra' },
    },
  ],
  subject: 'id',
  fields: { id: idField, for: forField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/connections/{id}' },
  result: v.object({ connection: connectionShape, paste: pasteShape }),
  judge: null,
  run: async ({ db, now, config }, { id, for: idp }) => {
    // Read first: a write in between makes the version old, and not the connection.
    const version = await versionOf(db, id)
    const known = await findKnownConnection(db, id)
    if (!known.ok) return known
    const connection = known.value
    const warnings = await findWarnings(db, connection, now)
    return ok({ connection, warnings, version, idp, hosts: hostsFor(config, id) })
  },
  show: ({ connection, warnings, version, idp, hosts }, { now }) => ({
    facts: {
      connection: connectionFacts(connection, warnings),
      paste: pasteFacts(connection, hosts, idp),
    },
    view: [
      connectionBlock(connection, now),
      ...warningBlocks(connection.id, warnings),
      ...pasteBlocks(connection, hosts, idp),
    ],
    version,
  }),
  undo: null,
  explain: explainUnknownConnection,
})

interface Switched extends UpdatedConnection {
  readonly version: string | null
}

/** Throws nothing away: an enabled connection is as it was before. */
async function switchConnection(
  context: Context,
  id: string,
  isEnabled: boolean,
  { ifVersion }: Call,
): Promise<Result<Switched, ConnectionRefusal>> {
  const updated = await updateConnection(
    context,
    id,
    {
      fields: { ...noFields, enabled: isEnabled },
      metadata: null,
      certificates: [],
      replaceCertificates: false,
      removeCertificates: [],
    },
    ifVersion,
  )
  if (!updated.ok) return updated
  return ok({ ...updated.value, version: await versionOf(context.db, id) })
}

const switchedShape = v.object({
  connection: connectionShape,
  changed: v.boolean(),
  withinSeconds: v.nullable(v.number()),
})

const showSwitched = (
  { before, connection, version }: Switched,
  { now, bound }: { readonly now: Instant; readonly bound: Bound },
) => ({
  facts: {
    connection: connectionFacts(connection, warningsOf(connection, now)),
    changed: before.enabled !== connection.enabled,
    withinSeconds: bound.seconds,
  },
  view: [
    sentence(
      before.enabled === connection.enabled
        ? `Connection "${connection.id}" is ${connection.enabled ? 'enabled' : 'disabled'} already. Nothing changed.`
        : `Connection "${connection.id}" is changed.${enabledWords(before, connection, bound)}`,
    ),
  ],
  version,
})

export function enabledWords(before: Connection, after: Connection, { words }: Bound): string {
  if (before.enabled === after.enabled) return ''
  return after.enabled
    ? ' People can sign in with it again.'
    : ` Nobody can sign in with it, and everybody who did is refused everywhere ${words}.`
}

const switchBack = (operation: string, { before, connection }: Switched): Undo | null =>
  before.enabled === connection.enabled ? null : { operation, input: { id: connection.id } }

export const connectionDisable = defineOperation({
  name: 'connection disable',
  summary: 'let nobody sign in with it, and end the sessions that it opened',
  details: 'Its settings and its people stay as they are.',
  examples: [{ says: 'for now', input: { id: 'acme' } }],
  subject: 'id',
  fields: { id: idField },
  changes: true,
  scope: 'connections',
  isDangerous: true,
  http: { method: 'POST', path: '/connections/{id}/disable', heedsVersion: true },
  result: switchedShape,
  judge: null,
  run: (context, { id }, call) => switchConnection(context, id, false, call),
  show: showSwitched,
  undo: (switched) => switchBack('connection enable', switched),
  explain: explainConnection,
})

export const connectionEnable = defineOperation({
  name: 'connection enable',
  summary: 'let people sign in with it again',
  details: null,
  examples: [{ says: 'back again', input: { id: 'acme' } }],
  subject: 'id',
  fields: { id: idField },
  changes: true,
  scope: 'connections',
  changesTrust: true,
  isDangerous: true,
  http: { method: 'POST', path: '/connections/{id}/enable', heedsVersion: true },
  result: switchedShape,
  judge: null,
  run: (context, { id }, call) => switchConnection(context, id, true, call),
  show: showSwitched,
  undo: (switched) => switchBack('connection disable', switched),
  explain: explainConnection,
})
