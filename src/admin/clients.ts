/** `client …`: programs that may ask people for access by OAuth. */
import * as v from 'valibot'
import { SECRET_BYTES, toSecretText } from '../lib/secret.ts'
import { hashText } from '../lib/bytes.ts'
import { toIso } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { MOST_REDIRECTS, parseClientName, parseRedirect } from '../oauth/client.ts'
import {
  insertClient,
  listClients,
  removeClient,
  type ListedClient,
} from '../oauth/client-store.ts'

import { record, type Context } from './context.ts'
import { onOff, requiredText, texts } from './field.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { time } from './shape.ts'
import { count, sentence, tableOf } from './view.ts'

const clientShape = v.object({
  id: v.string(),
  name: v.string(),
  redirects: v.array(v.string()),
  device: v.boolean(),
  confidential: v.boolean(),
  createdAt: time,
})

const clientFacts = ({ id, name, redirects, device, secretHash, createdAt }: ListedClient) => ({
  id,
  name,
  redirects,
  device,
  confidential: secretHash !== null,
  createdAt: toIso(createdAt),
})

interface NewClient {
  readonly name: string
  readonly redirect: readonly string[]
  readonly device: boolean
  readonly confidential: boolean
}

export type ClientRefusal =
  | { readonly reason: 'name' }
  | { readonly reason: 'redirect'; readonly text: string }
  | { readonly reason: 'no-way' }

interface AddedClient {
  readonly client: ListedClient
  /** null: the client is public. */
  readonly secret: string | null
}

async function addClient(
  context: Context,
  { name: text, redirect, device, confidential }: NewClient,
): Promise<Result<AddedClient, ClientRefusal>> {
  const { db, now, newId, random } = context
  const name = parseClientName(text)
  if (name === null) return err({ reason: 'name' })
  const wrong = redirect.find((each) => parseRedirect(each) === null)
  if (wrong !== undefined) return err({ reason: 'redirect', text: wrong })
  if (redirect.length === 0 && !device) return err({ reason: 'no-way' })
  const secret = confidential ? toSecretText('gh_cs_', random(SECRET_BYTES)) : null
  const client: ListedClient = {
    id: newId(),
    kind: 'listed',
    name,
    redirects: redirect,
    device,
    secretHash: secret === null ? null : await hashText(secret),
    createdAt: now,
  }
  await insertClient(db, client)
  await record(context, {
    command: 'client add',
    connection: null,
    user: null,
    facts: { client: client.id, name, redirects: redirect, device, confidential },
  })
  return ok({ client, secret })
}

export interface UnknownClient {
  readonly reason: 'unknown-client'
  readonly id: string
}

interface RemovedClient {
  readonly id: string
  readonly grants: number
}

async function dropClient(
  context: Context,
  id: string,
): Promise<Result<RemovedClient, UnknownClient>> {
  const grants = await removeClient(context.db, id)
  if (grants === null) return err({ reason: 'unknown-client', id })
  await record(context, {
    command: 'client remove',
    connection: null,
    user: null,
    facts: { client: id, grants },
  })
  return ok({ id, grants })
}

export const clientList = defineOperation({
  name: 'client list',
  summary: 'programs that you registered, which may ask people for access by OAuth',
  details:
    'Programs that the config lets in by a document or by registering themselves are not listed. The grants that people gave them are.',
  examples: [{ says: 'which are registered', input: {} }],
  subject: null,
  fields: {},
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/oauth-clients' },
  result: v.object({ clients: v.array(clientShape) }),
  judge: null,
  run: async ({ db }) => ok(await listClients(db)),
  show: (clients) => ({
    facts: { clients: clients.map(clientFacts) },
    view: [
      clients.length > 0
        ? tableOf(clients, {
            id: ({ id }) => id,
            name: ({ name }) => name,
            kind: ({ secretHash }) => (secretHash === null ? 'public' : 'confidential'),
            'device flow': ({ device }) => (device ? 'yes' : 'no'),
            'answers go to': ({ redirects }) => redirects.join(' '),
            made: ({ createdAt }) => ({ at: createdAt }),
          })
        : sentence('No program is registered.'),
    ],
  }),
  explain: (never: never) => never,
})

export const clientAdd = defineOperation({
  name: 'client add',
  summary: 'register a program, which may then ask people for access by OAuth',
  details:
    'A program that runs on a server can keep a secret: make it confidential. The secret is shown only once. oauth in the config must be on, for the program to have a use for it.',
  examples: [
    {
      says: 'a service of a partner',
      input: {
        name: 'Reports',
        redirect: ['https://reports.example.com/callback'],
        confidential: '',
      },
    },
    {
      says: 'a command line, on machines with a browser and without',
      input: { name: 'acme', redirect: ['http://127.0.0.1/callback'], device: '' },
    },
  ],
  subject: 'name',
  fields: {
    name: requiredText('name', 'the name that people see when the program asks', 80),
    redirect: texts(
      'url',
      'an address that answers may go to: https, or http at 127.0.0.1, [::1] or localhost, where the port does not count',
      { most: MOST_REDIRECTS, each: 300 },
    ),
    device: onOff('it may use the device flow'),
    confidential: onOff('it gets a secret, and must send it'),
  },
  changes: true,
  scope: 'all',
  isDangerous: true,
  undo: ({ client }) => ({ operation: 'client remove', input: { client: client.id } }),
  http: { method: 'POST', path: '/oauth-clients', creates: true },
  secretName: 'Secret',
  result: clientShape,
  judge: null,
  run: addClient,
  show: ({ client, secret }) => ({
    facts: clientFacts(client),
    view: [
      {
        kind: 'values',
        rows: [
          ['client_id', client.id],
          ['name', client.name],
        ],
      },
      sentence(
        secret === null
          ? 'The program is public: it has no secret.'
          : 'The secret is not shown again: Gatehouse keeps only a hash of it.',
      ),
    ],
    secret,
  }),
  explain: explainAdding,
})

export const clientRemove = defineOperation({
  name: 'client remove',
  summary: 'remove a program that you registered, with all access that people gave it',
  details: null,
  examples: [{ says: 'by its id', input: { client: '5f0cbe7a' } }],
  subject: 'client',
  fields: { client: requiredText('client', 'the client_id, as client list shows it') },
  changes: true,
  scope: 'all',
  isDangerous: true,
  undo: null,
  http: { method: 'DELETE', path: '/oauth-clients/{client}' },
  result: v.object({ removed: v.string(), grants: v.number() }),
  judge: null,
  run: (context, { client }) => dropClient(context, client),
  show: ({ id, grants }, { bound }) => ({
    facts: { removed: id, grants },
    view: [
      sentence(
        `The program is removed. ${count(grants, 'grant')} of people ended; tokens are refused ${bound.words}.`,
      ),
    ],
  }),
  explain: ({ reason, id }) =>
    refusal('not-found', reason, `No program with the id "${id}" is registered.`, {
      operation: 'client list',
      asks: null,
    }),
})

function explainAdding(refused: ClientRefusal): Refusal {
  switch (refused.reason) {
    case 'name':
      return refusal('invalid', 'name', 'A name is one line of 1 to 80 visible characters.')
    case 'redirect':
      return refusal(
        'invalid',
        'redirect',
        `Answers cannot go to "${refused.text}": it must be an https URL without a fragment, or begin with http://127.0.0.1, http://[::1] or http://localhost.`,
      )
    case 'no-way':
      return refusal(
        'invalid',
        'no-way',
        'A program needs an address for answers, or the device flow, or both.',
      )
  }
}
