/** Begins a connection before its identity provider is known, so that the addresses to enter there are. */
import * as v from 'valibot'
import { parseDraft } from '../connection/input.ts'
import { findConnection, findVersion, insertConnection } from '../connection/store.ts'
import type { Connection } from '../connection/connection.ts'
import type { InputFault } from '../connection/fields.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { withStop } from '../lib/sentence.ts'
import { record, type Context } from './context.ts'
import { optionalText, requiredText } from './field.ts'
import { defineOperation, refusal } from './operation.ts'
import { makeOwnKeys } from './set-up.ts'
import { sentence } from './view.ts'

type BeginRefusal =
  | { readonly reason: 'input'; readonly faults: readonly InputFault[] }
  | { readonly reason: 'connection-exists'; readonly id: string }

async function beginConnection(
  context: Context,
  id: string,
  displayName: string | null,
): Promise<Result<Connection, BeginRefusal>> {
  const { db, now } = context
  const draft = await parseDraft(id, displayName, now)
  if (!draft.ok) return err({ reason: 'input', faults: draft.error })
  if (await findConnection(db, id)) return err({ reason: 'connection-exists', id })
  await makeOwnKeys(context, draft.value)
  try {
    await insertConnection(db, draft.value, now)
  } catch (error) {
    const isTaken = error instanceof StoreUnavailable && (await findVersion(db, id)) !== null
    if (isTaken) return err({ reason: 'connection-exists', id })
    throw error
  }
  await record(context, {
    command: 'connection begin',
    connection: id,
    user: null,
    facts: { displayName: draft.value.displayName },
  })
  return ok(draft.value)
}

export const connectionBegin = defineOperation({
  name: 'connection begin',
  summary: 'name a connection before its identity provider is known',
  details:
    'Some identity providers ask for our addresses first. Nobody can sign in with the connection until it has metadata: then it is enabled.',
  examples: [{ says: 'one for Okta', input: { id: 'acme-okta', 'display-name': 'Acme' } }],
  subject: 'id',
  fields: {
    id: requiredText('id', 'its name in URLs: a-z, 0-9 and inner hyphens, such as acme-okta'),
    'display-name': optionalText(
      'name',
      'the name that people see when they choose how to sign in',
    ),
  },
  changes: true,
  scope: 'connections',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/connection-drafts', creates: true },
  result: v.object({ id: v.string(), displayName: v.string() }),
  judge: null,
  run: (context, { id, 'display-name': name }) => beginConnection(context, id, name),
  show: ({ id, displayName }) => ({
    facts: { id, displayName },
    view: [
      sentence(`Connection "${id}" is begun. Nobody can sign in with it until it has metadata.`),
    ],
  }),
  explain: (refused) =>
    refused.reason === 'input'
      ? refusal(
          'invalid',
          refused.reason,
          refused.faults.map(({ field, problem }) => withStop(`${field} ${problem}`)).join(' '),
        )
      : refusal('conflict', refused.reason, `There is a connection "${refused.id}" already.`),
})
