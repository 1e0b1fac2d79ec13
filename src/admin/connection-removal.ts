/** `connection remove`, as every face offers it. */
import * as v from 'valibot'
import { err, ok, type Result } from '../lib/result.ts'
import { idField } from './connection-operations.ts'
import { explainConnection } from './connection-refused.ts'
import {
  previewRemoval,
  removeConnection,
  type ConnectionRefusal,
  type Removal,
} from './connections.ts'
import type { Context } from './context.ts'
import { confirmField } from './field.ts'
import { defineOperation, unconfirmed } from './operation.ts'
import { count, sentence } from './view.ts'

export const connectionRemove = defineOperation({
  name: 'connection remove',
  summary: 'remove an identity provider, its users and their sessions',
  details: 'To keep its users and settings, disable it instead.',
  examples: [
    { says: 'what would be removed', input: { id: 'acme' } },
    { says: 'remove it', input: { id: 'acme', yes: '' } },
  ],
  subject: 'id',
  fields: { id: idField, yes: confirmField },
  changes: true,
  scope: 'connections',
  changesTrust: true,
  isDangerous: true,
  http: { method: 'POST', path: '/connections/{id}/remove' },
  result: v.object({
    removed: v.string(),
    users: v.number(),
    sessions: v.number(),
    withinSeconds: v.nullable(v.number()),
  }),
  judge: null,
  run: removeIfConfirmed,
  show: ({ id, users, sessions }, { bound }) => ({
    facts: { removed: id, users, sessions, withinSeconds: bound.seconds },
    view: [
      sentence(
        `Connection "${id}" is removed, and ${goesWith({ users, sessions })} with it. Everybody who signed in with it is refused everywhere ${bound.words}.`,
      ),
    ],
  }),
  undo: null,
  explain: (refused) => {
    if (refused.reason !== 'unconfirmed') return explainConnection(refused)
    const { id, users, sessions } = refused
    const removal = { users, sessions }
    return unconfirmed(
      `With connection "${id}" ${goesWith(removal)} would be removed, for good.`,
      removal,
      { operation: 'connection disable', asks: null, input: { id } },
    )
  },
})

type RemovalRefusal = ConnectionRefusal | Unconfirmed

interface Unconfirmed extends Removal {
  readonly reason: 'unconfirmed'
  readonly id: string
}

async function removeIfConfirmed(
  context: Context,
  { id, yes }: { readonly id: string; readonly yes: boolean },
): Promise<Result<Removal & { readonly id: string }, RemovalRefusal>> {
  if (yes) {
    const removed = await removeConnection(context, id)
    return removed.ok ? ok({ id, ...removed.value }) : removed
  }
  const preview = await previewRemoval(context, id)
  return preview.ok ? err({ reason: 'unconfirmed', id, ...preview.value }) : preview
}

const goesWith = ({ users, sessions }: Removal): string =>
  `${count(users, 'user')} and ${count(sessions, 'open session')}`
