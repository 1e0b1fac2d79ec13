/** `connection add` and `connection update`, as every face offers them. */
import * as v from 'valibot'
import { warningsOf, warningsOfMetadata, type Warning } from '../connection/warnings.ts'
import type { Connection } from '../connection/connection.ts'
import type { ParsedInput } from '../connection/input.ts'
import type { Instant } from '../lib/instant.ts'
import { ok, type Result } from '../lib/result.ts'
import type { Host } from '../site/host.ts'
import type { KnownIdp } from '../connection/labels.ts'
import {
  certificates,
  idpFields,
  judgeIdp,
  noChanges,
  readInput,
  settingFields,
  type MetadataRefusal,
} from './connection-fields.ts'
import { enabledWords, forField, idField, versionOf } from './connection-operations.ts'
import { explainConnection } from './connection-refused.ts'
import {
  connectionBlock,
  connectionFacts,
  connectionShape,
  hostsFor,
  pasteBlocks,
  pasteFacts,
  pasteShape,
  warningBlocks,
} from './connection-shown.ts'
import { undoUpdate } from './connection-undo.ts'
import {
  addConnection,
  updateConnection,
  type ConnectionRefusal,
  type UpdatedConnection,
} from './connections.ts'
import type { Context } from './context.ts'
import { onOff, onOffOrKept, requiredText, texts, type InputOf } from './field.ts'
import { defineOperation, type Call } from './operation.ts'
import { count, sentence } from './view.ts'

const warningsAfter = (
  { connection, metadata }: Pick<ParsedInput, 'connection' | 'metadata'>,
  now: Instant,
): readonly Warning[] => [
  ...(metadata ? warningsOfMetadata(metadata, connection, now) : []),
  ...warningsOf(connection, now),
]

const addFields = {
  id: requiredText('id', 'its name in URLs: a-z, 0-9 and inner hyphens, such as acme-okta'),
  ...idpFields,
  certificate: certificates('a signing certificate of the IdP, PEM or DER'),
  ...settingFields,
  for: forField,
}

export const connectionAdd = defineOperation({
  name: 'connection add',
  summary: 'let people sign in with an identity provider',
  details:
    'The answer has what to enter at the IdP; docs/guides have every click. Metadata from a URL is fetched over https.',
  examples: [
    {
      says: 'from metadata, with the values to paste under the labels of Okta',
      input: {
        id: 'acme',
        metadata: 'https://acme.okta.com/app/exk1/sso/saml/metadata',
        domain: 'acme.com',
        for: 'okta',
      },
    },
  ],
  subject: 'id',
  fields: addFields,
  changes: true,
  scope: 'connections',
  changesTrust: true,
  isDangerous: true,
  http: { method: 'POST', path: '/connections', creates: true },
  result: v.object({ connection: connectionShape, paste: pasteShape }),
  judge: judgeIdp,
  run: add,
  show: ({ connection, metadata, idp, version, hosts }, { now }) => {
    const warnings = warningsAfter({ connection, metadata }, now)
    const { id, settings } = connection
    const isSigned = metadata?.wantsSignedRequests === true && settings.signRequests !== null
    return {
      facts: {
        connection: connectionFacts(connection, warnings),
        paste: pasteFacts(connection, hosts, idp),
      },
      view: [
        sentence(`Connection "${id}" is added.`),
        connectionBlock(connection, now),
        ...pasteBlocks(connection, hosts, idp),
        ...warningBlocks(connection.id, warnings),
        ...(isSigned
          ? [
              sentence(
                `Requests are signed (${settings.signRequests}), because the metadata asks for it. The IdP needs our certificate for that. It is in our metadata, whose URL is the entity ID.`,
              ),
            ]
          : []),
        ...(hosts.length > 0
          ? []
          : [sentence(`Warning: no site of the config lists "${id}" among its connections.`)]),
      ],
      version,
    }
  },
  undo: null,
  explain: explainConnection,
})

interface Added extends ParsedInput {
  readonly idp: KnownIdp
  readonly version: string | null
  /** Where people sign in with it. */
  readonly hosts: readonly Host[]
}

async function add(
  context: Context,
  given: InputOf<typeof addFields>,
): Promise<Result<Added, ConnectionRefusal | MetadataRefusal>> {
  const { id, certificate, for: idp } = given
  const input = await readInput(context, given, { ...noChanges, certificates: certificate })
  if (!input.ok) return input
  const added = await addConnection(context, id, input.value)
  if (!added.ok) return added
  const version = await versionOf(context.db, id)
  return ok({ ...added.value, idp, version, hosts: hostsFor(context.config, id) })
}

const updateFields = {
  id: idField,
  enabled: onOffOrKept('whether people may sign in with it'),
  ...idpFields,
  'add-certificate': certificates(
    'a certificate beside the others, so that each of them is accepted',
  ),
  'remove-certificate': texts(
    'fingerprint',
    'the certificate to remove; its first 8 digits are enough. The last one stays',
    { most: 100 },
  ),
  'replace-certificates': onOff('the certificates that are given now replace all others'),
  ...settingFields,
  'remove-domain': texts('domain', 'people of that domain may sign in with any connection again', {
    most: 100,
  }),
}

export const connectionUpdate = defineOperation({
  name: 'connection update',
  summary: 'change a connection; what is not given stays',
  details:
    'To replace a certificate: add the new one, let the IdP change, then remove the old one. Metadata adds its certificates and keeps the others.',
  examples: [
    {
      says: 'SHA-1 until a date, for an IdP that cannot do better yet',
      input: { id: 'acme', 'allow-sha1-until': '2027-03-31' },
    },
  ],
  subject: 'id',
  fields: updateFields,
  changes: true,
  scope: 'connections',
  changesTrust: true,
  isDangerous: true,
  http: { method: 'PATCH', path: '/connections/{id}', heedsVersion: true },
  result: v.object({
    connection: connectionShape,
    certificatesAdded: v.array(v.string()),
    certificatesRemoved: v.array(v.string()),
    withinSeconds: v.nullable(v.number()),
  }),
  judge: ({ 'replace-certificates': replace, ...given }) => {
    const isGiven = Object.entries(given).some(([field, value]) =>
      Array.isArray(value) ? value.length > 0 : field !== 'id' && value !== null,
    )
    return isGiven || replace ? judgeIdp(given) : NOTHING
  },
  run: update,
  show: ({ before, connection, metadata, added, removed, version }, { now, bound }) => {
    const warnings = warningsAfter({ connection, metadata }, now)
    const words = [
      `Connection "${connection.id}" is changed.${enabledWords(before, connection, bound)}`,
      ...(added.length > 0 ? [`${count(added.length, 'certificate')} added.`] : []),
      ...(removed.length > 0 ? [`${count(removed.length, 'certificate')} removed.`] : []),
    ]
    return {
      facts: {
        connection: connectionFacts(connection, warnings),
        certificatesAdded: fingerprintsOf(added),
        certificatesRemoved: fingerprintsOf(removed),
        withinSeconds: bound.seconds,
      },
      view: [
        ...words.map((text) => sentence(text)),
        connectionBlock(connection, now),
        ...warningBlocks(connection.id, warnings),
      ],
      version,
    }
  },
  undo: ({ before, connection, now }) => undoUpdate(before, connection, now),
  explain: (refused) => explainConnection(refused, 'add-certificate'),
})

interface Updated extends UpdatedConnection {
  readonly version: string | null
  readonly now: Instant
}

async function update(
  context: Context,
  given: InputOf<typeof updateFields>,
  { ifVersion }: Call,
): Promise<Result<Updated, ConnectionRefusal | MetadataRefusal>> {
  const { id, enabled } = given
  const input = await readInput(context, given, {
    enabled,
    certificates: given['add-certificate'],
    replace: given['replace-certificates'],
    removeCertificates: given['remove-certificate'],
    removeDomains: given['remove-domain'],
  })
  if (!input.ok) return input
  const { db, now } = context
  const updated = await updateConnection(context, id, input.value, ifVersion)
  if (!updated.ok) return updated
  return ok({ ...updated.value, now, version: await versionOf(db, id) })
}

const NOTHING = 'Nothing is to be changed. Give at least one field that changes something.'

const fingerprintsOf = (list: Connection['certificates']): readonly string[] =>
  list.map(({ fingerprint }) => fingerprint)
