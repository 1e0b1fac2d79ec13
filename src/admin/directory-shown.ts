/** What a directory asked for last, and what the removal guard keeps from it. */
import * as v from 'valibot'
import { listHeld, type Held } from '../directory/guard-store.ts'
import { listRequests } from '../directory/request-store.ts'
import { toIso } from '../lib/instant.ts'
import { ok } from '../lib/result.ts'
import { explainUnknownConnection, findKnownConnection } from './connections.ts'
import { limitField } from './field.ts'
import { defineOperation } from './operation.ts'
import { time } from './shape.ts'
import { directoryField } from './token-operations.ts'
import { sentence, tableOf } from './view.ts'

export const requestList = defineOperation({
  name: 'scim request list',
  summary: 'the last 50 requests of a directory, and how they were answered',
  details:
    'Without their bodies. Requests without a valid token are not among them: the audit has those.',
  examples: [{ says: 'did the push arrive', input: { connection: 'okta' } }],
  subject: 'connection',
  fields: { connection: directoryField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/connections/{connection}/scim-requests' },
  result: v.object({
    requests: v.array(
      v.object({
        at: time,
        method: v.string(),
        path: v.string(),
        status: v.number(),
        scimType: v.nullable(v.string()),
        detail: v.nullable(v.string()),
        label: v.nullable(v.string()),
      }),
    ),
  }),
  judge: null,
  run: async ({ db }, { connection }) => {
    const known = await findKnownConnection(db, connection)
    return known.ok ? ok(await listRequests(db, known.value.id)) : known
  },
  show: (requests) => ({
    facts: { requests: requests.map(({ at, ...request }) => ({ at: toIso(at), ...request })) },
    view: [
      requests.length > 0
        ? tableOf(requests, {
            at: ({ at }) => ({ at }),
            request: ({ method, path }) => `${method} ${path}`,
            status: ({ status }) => status,
            error: ({ detail }) => detail,
            token: ({ label }) => label,
          })
        : sentence('The directory has sent nothing yet.'),
    ],
  }),
  explain: explainUnknownConnection,
})

export const heldList = defineOperation({
  name: 'scim held list',
  summary: 'people that the removal guard keeps, although the directory wanted to remove them',
  details: 'Once removals are allowed, the directory removes them when it tries again.',
  examples: [{ says: 'the people that it would remove', input: { connection: 'okta' } }],
  subject: 'connection',
  fields: { connection: directoryField, limit: limitField() },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/connections/{connection}/held-removals' },
  result: v.object({
    total: v.number(),
    held: v.array(v.object({ id: v.string(), userName: v.string(), since: time, triedAt: time })),
  }),
  judge: null,
  run: async ({ db }, { connection, limit }) => {
    const known = await findKnownConnection(db, connection)
    return known.ok ? ok(await listHeld(db, known.value.id, limit)) : known
  },
  show: ({ held, total }) => ({
    facts: { total, held: held.map(heldFacts) },
    view: [
      held.length > 0
        ? tableOf(held, {
            id: ({ id }) => id,
            'user name': ({ userName }) => userName,
            since: ({ since }) => ({ at: since }),
            'last try': ({ triedAt }) => ({ at: triedAt }),
          })
        : sentence('Nothing is held.'),
    ],
  }),
  explain: explainUnknownConnection,
})

const heldFacts = ({ since, triedAt, ...held }: Held) => ({
  ...held,
  since: toIso(since),
  triedAt: toIso(triedAt),
})
