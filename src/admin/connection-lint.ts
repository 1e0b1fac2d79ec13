/** What is to be changed at an identity provider, by what its last responses show. */
import * as v from 'valibot'
import { listSigned } from '../attempt/read-store.ts'
import type { Connection } from '../connection/connection.ts'
import {
  guessIdp,
  lintOf,
  topicLabels,
  type Lint,
  type LintTopic,
  type SeenResponse,
} from '../connection/lint.ts'
import type { Warning } from '../connection/warnings.ts'
import { toMinute, type Instant } from '../lib/instant.ts'
import { ok, type Result } from '../lib/result.ts'
import { labelsOf, warningBlocks } from './connection-shown.ts'
import {
  explainUnknownConnection,
  findKnownConnection,
  findWarnings,
  type UnknownConnection,
} from './connections.ts'
import type { Context, DeployedConfig } from './context.ts'
import { requiredText } from './field.ts'
import { groupsNamed } from './group-paths.ts'
import { defineOperation } from './operation.ts'
import { isoOrNull, time } from './shape.ts'
import { sentence, type Block } from './view.ts'
import { certificatesIn, readKept } from './xml-shown.ts'

const MOST_RESPONSES = 20

interface Linted {
  readonly connection: Connection
  readonly warnings: readonly Warning[]
  readonly lints: readonly ShownLint[]
  /** Of the certificates that responses bring along, those that the connection does not have. */
  readonly unknownCertificates: readonly string[]
  readonly responses: number
  readonly lastAt: Instant | null
}

interface ShownLint extends Lint {
  /** Where to change it, under the label of the identity provider's console; null: not known. */
  readonly change: string | null
}

const advice = v.object({ kind: v.string(), text: v.string(), change: v.nullable(v.string()) })

export const connectionLint = defineOperation({
  name: 'connection lint',
  summary: 'what to change at the identity provider, by its last responses',
  details:
    'The responses are those of the attempts to sign in and of tests that are kept, of which the newest 20 are read.',
  examples: [{ says: 'after the first sign-ins', input: { connection: 'acme' } }],
  subject: 'connection',
  fields: { connection: requiredText('connection', 'which connection', 64) },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/connections/{connection}/lint' },
  result: v.object({
    connection: v.string(),
    responses: v.number(),
    lastAt: v.nullable(time),
    advice: v.array(advice),
    unknownCertificates: v.array(v.string()),
  }),
  judge: null,
  run: (context, { connection }) => lintConnection(context, connection),
  show: ({ connection, warnings, lints, unknownCertificates, responses, lastAt }) => ({
    facts: {
      connection: connection.id,
      responses,
      lastAt: isoOrNull(lastAt),
      advice: [
        ...warnings.map(({ kind, text }) => ({ kind, text, change: null })),
        ...lints.map(({ kind, text, change }) => ({ kind, text, change })),
      ],
      unknownCertificates,
    },
    view: [
      sentence(basisOf(connection.id, responses, lastAt)),
      ...warningBlocks(connection.id, warnings),
      ...lints.map(({ text, change }) =>
        sentence(change === null ? text : `${text} Change: ${change}`),
      ),
      ...unknownCertificates.map(certificateBlock),
      ...(warnings.length + lints.length + unknownCertificates.length === 0
        ? [sentence('Nothing is to be changed.')]
        : []),
    ],
  }),
  explain: explainUnknownConnection,
})

function basisOf(id: string, responses: number, lastAt: Instant | null): string {
  if (lastAt === null) {
    return `No signed response of "${id}" is kept, so only its settings were looked at.`
  }
  return responses === 1
    ? `By the last signed response of "${id}", of ${toMinute(lastAt)}:`
    : `By the last ${responses} signed responses of "${id}", the newest of ${toMinute(lastAt)}:`
}

const certificateBlock = (fingerprint: string): Block =>
  sentence(
    `The responses bring along a certificate that the connection does not have: ${fingerprint}. If the identity provider is about to sign with it, add it from the metadata.`,
  )

async function lintConnection(
  { db, now, config }: Context,
  id: string,
): Promise<Result<Linted, UnknownConnection>> {
  const known = await findKnownConnection(db, id)
  if (!known.ok) return known
  const connection = known.value
  const kept = await listSigned(db, id, MOST_RESPONSES)
  const seen = kept.flatMap(({ at, reason, document }): readonly SeenResponse[] => {
    const response = document === null ? null : readKept(document)
    return response ? [{ at, reason, response }] : []
  })
  const brought = await Promise.all(seen.map(({ response }) => certificatesIn(response)))
  const own = connection.certificates.map(({ fingerprint }) => fingerprint)
  const fingerprints = brought.flat().map(({ fingerprint }) => fingerprint)
  const changeOf = changesAt(connection, config)
  const groups = groupsNamed(config?.sites ?? [], id)
  return ok({
    connection,
    warnings: await findWarnings(db, connection, now),
    lints: lintOf(connection, seen, groups).map((each) => ({
      ...each,
      change: changeOf(each.topic),
    })),
    unknownCertificates: [...new Set(fingerprints)].filter((each) => !own.includes(each)),
    responses: seen.length,
    lastAt: seen[0]?.at ?? null,
  })
}

const changesAt = (connection: Connection, config: DeployedConfig | null) => {
  const idp = guessIdp(connection)
  // Our words for another identity provider are not the labels of its console.
  const labels = idp === 'generic' ? null : config && labelsOf(connection, config.loginHost, idp)
  return (topic: LintTopic): string | null => {
    const found =
      topic && labels ? labels.choose.find(({ label }) => topicLabels[topic].test(label)) : null
    return found && labels ? `${labels.place}: ${found.label} = ${found.value}` : null
  }
}
