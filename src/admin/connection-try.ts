/** Prepares a test sign-in at a connection, for the operator's browser. */
import * as v from 'valibot'
import { isDraft } from '../connection/connection.ts'
import { saveTest } from '../attempt/test-store.ts'
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { TEST_PATH } from '../lib/paths.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { hashToken, TOKEN_BYTES, toSessionToken } from '../session/token.ts'
import {
  explainUnknownConnection,
  findKnownConnection,
  type UnknownConnection,
} from './connections.ts'
import { record, type Context } from './context.ts'
import { requiredText } from './field.ts'
import { defineOperation, refusal } from './operation.ts'
import { time } from './shape.ts'
import { sentence } from './view.ts'

const LINK_SECONDS = 600

export interface PreparedTest {
  readonly id: string
  readonly connection: string
  readonly link: string
  readonly until: Instant
}

type TryRefusal =
  | UnknownConnection
  | { readonly reason: 'config-unknown' }
  /** It is a draft: there is no identity provider to sign in at. */
  | { readonly reason: 'no-metadata' }

export const connectionTry = defineOperation({
  name: 'connection try',
  summary: 'make a link that tests a sign-in at the identity provider; signs nobody in',
  details:
    'Open the link in your browser within ten minutes: it works once. You sign in at the identity provider for real, and see every check of its answer. The connection may be disabled, or not yet listed by a site.',
  examples: [{ says: 'before people use it', input: { connection: 'acme' } }],
  subject: 'connection',
  fields: { connection: requiredText('connection', 'which connection', 64) },
  changes: true,
  scope: 'connections',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/connections/{connection}/tests', creates: true },
  secretName: 'Link',
  result: v.object({ id: v.string(), connection: v.string(), expiresAt: time }),
  judge: null,
  run: (context, { connection }) => prepareTest(context, connection),
  show: ({ id, connection, link, until }) => ({
    facts: { id, connection, expiresAt: toIso(until) },
    view: [
      sentence(`Open this link in your browser to test "${connection}". It works once:`),
      {
        kind: 'values',
        rows: [
          ['until', { at: until }],
          ['number of the test', id],
        ],
      },
    ],
    secret: link,
  }),
  explain: (refused) => {
    switch (refused.reason) {
      case 'unknown-connection':
        return explainUnknownConnection(refused)
      case 'config-unknown':
        return refusal(
          'conflict',
          refused.reason,
          'The address of the login host is not known here: gatehouse.config.ts is needed.',
        )
      case 'no-metadata':
        return refusal(
          'conflict',
          refused.reason,
          'The connection has no identity provider yet. Give its metadata first.',
        )
    }
  },
})

export async function prepareTest(
  context: Context,
  connection: string,
): Promise<Result<PreparedTest, TryRefusal>> {
  const { db, now, config, newId, random } = context
  const known = await findKnownConnection(db, connection)
  if (!known.ok) return known
  if (!config) return err({ reason: 'config-unknown' })
  if (isDraft(known.value)) return err({ reason: 'no-metadata' })
  const code = toSessionToken(random(TOKEN_BYTES))
  const id = newId()
  const until = plusSeconds(now, LINK_SECONDS)
  await saveTest(db, { id, connection }, { codeHash: await hashToken(code), expiresAt: until })
  await record(context, { command: 'connection try', connection, user: null, facts: { test: id } })
  return ok({ id, connection, until, link: `${config.loginHost.url}${TEST_PATH}?code=${code}` })
}
