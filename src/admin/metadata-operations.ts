/** `connection metadata` and what is done about it, as every face offers it. */
import * as v from 'valibot'
import { explainUnknownConnection } from './connections.ts'
import { requiredText } from './field.ts'
import {
  acceptMetadata,
  pinMetadata,
  refreshNow,
  showMetadata,
  unpinMetadata,
  type MetadataRefusal,
  type Pinned,
} from './metadata.ts'
import { factsOf, fingerprint, metadataShape, summaryOf, viewOf } from './metadata-shown.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { count, sentence } from './view.ts'

const connectionField = requiredText('connection', 'a connection that has a metadata URL')
export const connectionMetadata = defineOperation({
  name: 'connection metadata',
  summary: 'what is known of its metadata URL, and what waits for you',
  details: null,
  examples: [{ says: 'why the new certificate is not there', input: { connection: 'okta' } }],
  subject: 'connection',
  fields: { connection: connectionField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/connections/{connection}/metadata' },
  result: metadataShape,
  judge: null,
  run: (context, { connection }) => showMetadata(context, connection),
  show: (known) => ({ facts: factsOf(known), view: viewOf(known) }),
  explain,
})

export const connectionRefresh = defineOperation({
  name: 'connection refresh',
  summary: 'read the metadata URL now, as cron does',
  details: 'What may not be taken without a person waits, and is shown.',
  examples: [{ says: 'the IdP has a new certificate', input: { connection: 'okta' } }],
  subject: 'connection',
  fields: { connection: connectionField },
  changes: true,
  scope: 'connections',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/connections/{connection}/metadata/refresh' },
  result: v.object({ ...metadataShape.entries, found: v.string() }),
  judge: null,
  run: (context, { connection }) => refreshNow(context, connection),
  show: ({ refreshed, known }) => ({
    facts: { ...factsOf(known), found: refreshed.kind },
    view: [sentence(summaryOf(refreshed)), ...viewOf(known)],
  }),
  explain,
})

export const connectionAcceptMetadata = defineOperation({
  name: 'connection accept-metadata',
  summary: 'take the metadata that waits, as it was shown',
  details:
    'All of it counts at once. Certificates that it lacks count for another day, unless it is the metadata of another identity provider.',
  examples: [
    {
      says: 'the IdP confirmed its new certificate',
      input: { connection: 'okta', digest: '5f0cbe7a91' },
    },
  ],
  subject: 'connection',
  fields: {
    connection: connectionField,
    digest: requiredText('digest', 'that of the document, or its first 8 digits or more', 64),
  },
  changes: true,
  scope: 'connections',
  changesTrust: true,
  isDangerous: true,
  undo: null,
  http: { method: 'POST', path: '/connections/{connection}/metadata/accept' },
  result: v.object({
    connection: v.string(),
    entityId: v.string(),
    ssoUrl: v.string(),
    certificates: v.array(v.string()),
    leaving: v.array(v.string()),
  }),
  judge: null,
  run: (context, { connection, digest }) =>
    acceptMetadata(context, connection, digest.toLowerCase()),
  show: ({ connection, leaving }) => ({
    facts: {
      connection: connection.id,
      entityId: connection.idpEntityId,
      ssoUrl: connection.ssoUrl,
      certificates: connection.certificates.map((each) => each.fingerprint),
      leaving,
    },
    view: [
      sentence(
        `The metadata of "${connection.id}" counts now, with ${count(connection.certificates.length, 'certificate')}.`,
      ),
      ...(leaving.length > 0
        ? [sentence(`${count(leaving.length, 'old certificate')} will be dropped in a day.`)]
        : []),
    ],
  }),
  explain,
})

const pinShape = v.object({ connection: v.string(), pinned: fingerprint })
const showPin = ({ id, pinned }: Pinned) => ({
  facts: { connection: id, pinned },
  view: [
    sentence(
      pinned === null
        ? `The metadata of "${id}" may be unsigned from now on.`
        : `The metadata of "${id}" counts only if certificate ${pinned.slice(0, 16)} signed it.`,
    ),
  ],
})
const undoPin = ({ id, before }: Pinned) =>
  before === null
    ? { operation: 'connection unpin-metadata', input: { connection: id } }
    : { operation: 'connection pin-metadata', input: { connection: id, certificate: before } }

export const connectionPinMetadata = defineOperation({
  name: 'connection pin-metadata',
  summary: 'take its metadata only if this certificate signed it',
  details:
    'Federations publish the certificate that signs their metadata. Metadata without a signature, or with another, is refused.',
  examples: [
    {
      says: 'the certificate of the federation',
      input: { connection: 'university', certificate: 'MIIDdzCC' },
    },
  ],
  subject: 'connection',
  fields: {
    connection: connectionField,
    certificate: requiredText('certificate', 'the certificate, as PEM or base64', 20_000),
  },
  changes: true,
  scope: 'connections',
  changesTrust: true,
  isDangerous: true,
  undo: undoPin,
  http: { method: 'PUT', path: '/connections/{connection}/metadata/certificate' },
  result: pinShape,
  judge: null,
  run: (context, { connection, certificate }) => pinMetadata(context, connection, certificate),
  show: showPin,
  explain,
})

export const connectionUnpinMetadata = defineOperation({
  name: 'connection unpin-metadata',
  summary: 'take its metadata without the pinned certificate again',
  details: null,
  examples: [{ says: 'the federation signs no more', input: { connection: 'university' } }],
  subject: 'connection',
  fields: { connection: connectionField },
  changes: true,
  scope: 'connections',
  changesTrust: true,
  isDangerous: true,
  undo: undoPin,
  http: { method: 'DELETE', path: '/connections/{connection}/metadata/certificate' },
  result: pinShape,
  judge: null,
  run: (context, { connection }) => unpinMetadata(context, connection),
  show: showPin,
  explain,
})

function explain(refused: MetadataRefusal): Refusal {
  const { reason } = refused
  const see = { operation: 'connection metadata', asks: 'connection' }
  switch (reason) {
    case 'unknown-connection':
      return explainUnknownConnection(refused)
    case 'no-metadata-url':
      return refusal(
        'conflict',
        reason,
        `"${refused.id}" was not made from a metadata URL, so it does not change by itself. Give its metadata by URL.`,
      )
    case 'not-here':
      return refusal('conflict', reason, 'Metadata is not read from here. Use the command line.')
    case 'nothing-waits':
      return refusal('conflict', reason, `No metadata of "${refused.id}" waits.`, see)
    case 'other-document':
      return refusal(
        'conflict',
        reason,
        `The document that waits has the digest ${refused.digest}. Look at it before you accept it.`,
        see,
      )
    case 'sso-url':
      return refusal('invalid', reason, `The SSO URL of the metadata ${refused.problem}.`)
    case 'not-a-certificate':
      return refusal('invalid', reason, 'This is not one certificate as PEM or base64.')
    case 'weak-key':
      return refusal('invalid', reason, 'The certificate has an RSA key of fewer than 2048 bits.')
    case 'not-pinned':
      return refusal('conflict', reason, 'No certificate is pinned.')
    case 'connection-changed':
      return refusal(
        'conflict',
        reason,
        `Another operator, or cron, changed "${refused.id}" meanwhile. Look at it, and try again.`,
        see,
      )
  }
}
