/** `signals …`, as every face offers it. */
import * as v from 'valibot'
import { err, ok } from '../lib/result.ts'
import { deliveries, type Delivery } from '../signals/stream.ts'
import { findConnectionIfNamed } from './connections.ts'
import { oneValue, optionalText, requiredText, texts, type Field } from './field.ts'
import { defineOperation } from './operation.ts'
import {
  explainSignals,
  streamBlock,
  streamFacts,
  streamShape,
  streamsTable,
} from './signal-shown.ts'
import {
  addStream,
  deleteStream,
  findShown,
  listShown,
  pollStream,
  verifyStream,
} from './signals.ts'
import { count, sentence } from './view.ts'

const streamField = requiredText('id', 'the id of the stream, as signals list shows it')
const MOST_TOKEN = 8000
const tokenField: Field<string | null> = oneValue(
  {
    meaning:
      'an access token for the transmitter, which is kept sealed; without it, the stream is set up there by hand',
    placeholder: 'token',
    isRequired: false,
    schema: { type: 'string', maxLength: MOST_TOKEN },
  },
  (given) => {
    if (given === null || given === '') return ok(null)
    return given.length <= MOST_TOKEN && /^[\x21-\x7e]+$/.test(given)
      ? ok(given)
      : err(`must be one token of ${MOST_TOKEN} characters at most, without spaces`)
  },
)

/** Each address is judged before it is asked; here, only the form. */
const judgeUrl = (text: string): string | null => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!isWeb || text.length > 2048) return 'must be an https URL'
  return url.search === '' && url.hash === '' && url.username === ''
    ? null
    : 'must be a URL without a query, a fragment or a name'
}

const issuerField: Field<string> = oneValue(
  {
    meaning: 'the issuer of the transmitter, exactly as its tokens have it',
    placeholder: 'transmitter',
    isRequired: true,
    schema: { type: 'string', format: 'uri', maxLength: 2048 },
  },
  (given) => {
    const problem = given === null || given === '' ? 'is missing' : judgeUrl(given)
    return problem === null ? ok(given ?? '') : err(problem)
  },
)

const deliveryField: Field<Delivery> = oneValue(
  {
    meaning: `push (the default), poll by cron, or revocation: ${deliveries.join(', ')}`,
    placeholder: 'delivery',
    isRequired: false,
    schema: { type: 'string', enum: deliveries, default: 'push' },
  },
  (given) => {
    const delivery = deliveries.find((each) => each === (given ?? 'push'))
    return delivery ? ok(delivery) : err(`must be one of ${deliveries.join(', ')}`)
  },
)

const jwksField: Field<string | null> = oneValue(
  {
    meaning: 'where the issuer publishes its keys, if it has no configuration that says so',
    placeholder: 'url',
    isRequired: false,
    schema: { type: 'string', format: 'uri', maxLength: 2048 },
  },
  (given) => {
    if (given === null || given === '') return ok(null)
    return URL.canParse(given) && given.length <= 2048 ? ok(given) : err('must be an https URL')
  },
)

export const signalsList = defineOperation({
  name: 'signals list',
  summary: 'the transmitters that may sign people out, and whether they work',
  details:
    'The identity provider of each connection may revoke the sign-ins of its people without being in this list.',
  examples: [{ says: 'all of them', input: {} }],
  subject: null,
  fields: { connection: optionalText('id', 'streams for that connection only') },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/signals' },
  result: v.object({ streams: v.array(streamShape) }),
  judge: null,
  run: async (context, { connection }) => {
    const named = await findConnectionIfNamed(context.db, connection)
    return named.ok ? ok(await listShown(context, connection)) : named
  },
  show: (streams) => ({
    facts: { streams: streams.map(streamFacts) },
    view: [streams.length > 0 ? streamsTable(streams) : sentence('There is no stream yet.')],
  }),
  explain: explainSignals,
})

export const signalsShow = defineOperation({
  name: 'signals show',
  summary: 'a stream: whether it is verified, its last event, what is wrong',
  details: null,
  examples: [{ says: 'why nothing arrives', input: { stream: '5f0cbe7a' } }],
  subject: 'stream',
  fields: { stream: streamField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/signals/{stream}' },
  result: v.object({ stream: streamShape }),
  judge: null,
  run: (context, { stream }) => findShown(context, stream),
  show: (shown) => ({ facts: { stream: streamFacts(shown) }, view: [streamBlock(shown)] }),
  explain: explainSignals,
})

export const signalsAdd = defineOperation({
  name: 'signals add',
  summary: 'let a transmitter of Shared Signals end sign-ins of a connection',
  details:
    'Its configuration and keys are read, and it is asked for a stream. An issuer of revocations needs no stream: without the address of its keys, the certificates of the connection sign.',
  examples: [
    {
      says: 'a stream that is set up at the transmitter by hand',
      input: { transmitter: 'https://example.okta.com', connection: 'okta' },
    },
    {
      says: 'another name by which Okta revokes',
      input: {
        transmitter: 'https://login.example.com',
        connection: 'okta',
        delivery: 'revocation',
      },
    },
  ],
  subject: 'transmitter',
  fields: {
    transmitter: issuerField,
    connection: requiredText('id', 'the connection whose people it may name'),
    token: tokenField,
    delivery: deliveryField,
    audience: texts('aud', 'what its tokens have as aud, if not what it says itself', { most: 5 }),
    jwks: jwksField,
  },
  changes: true,
  scope: 'connections',
  isDangerous: true,
  http: { method: 'POST', path: '/signals', creates: true },
  result: v.object({ stream: streamShape }),
  judge: ({ delivery, token, audience }) => {
    if (delivery === 'poll' && token === null) return 'To poll, a token is needed.'
    if (delivery !== 'revocation') return null
    if (token !== null) return 'An issuer of revocations needs no token.'
    return audience.length > 0
      ? 'A revocation must have the address here as its audience: leave the audience out.'
      : null
  },
  run: (context, { transmitter: issuer, jwks: jwksUrl, ...given }) =>
    addStream(context, { issuer, jwksUrl, ...given }),
  show: (shown) => ({
    facts: { stream: streamFacts(shown) },
    view: [streamBlock(shown), sentence(nextStep(shown.stream.remote !== null, shown.endpoint))],
  }),
  undo: ({ stream }) => ({ operation: 'signals remove', input: { stream: stream.id } }),
  explain: explainSignals,
})

const nextStep = (isManaged: boolean, endpoint: string | null): string =>
  isManaged
    ? 'The transmitter has made the stream. Verify it next.'
    : `Enter this address at the transmitter: ${endpoint ?? ''}`

export const signalsVerify = defineOperation({
  name: 'signals verify',
  summary: 'have the transmitter send an event that shows whether its events arrive',
  details: 'The event may take a while. The stream shows when it has come.',
  examples: [{ says: 'does it arrive', input: { stream: '5f0cbe7a' } }],
  subject: 'stream',
  fields: { stream: streamField, token: tokenField },
  changes: true,
  scope: 'connections',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/signals/{stream}/verify' },
  result: v.object({ stream: streamShape }),
  judge: null,
  run: (context, { stream, token }) => verifyStream(context, stream, token),
  show: (shown) => ({
    facts: { stream: streamFacts(shown) },
    view: [
      sentence(
        shown.stream.expected === null
          ? 'The transmitter was asked, and its event has arrived.'
          : 'The transmitter was asked. Its event has not arrived yet.',
      ),
    ],
  }),
  explain: explainSignals,
})

export const signalsPoll = defineOperation({
  name: 'signals poll',
  summary: 'fetch now what waits at a transmitter',
  details: 'Cron does so every hour.',
  examples: [{ says: 'what is new', input: { stream: '5f0cbe7a' } }],
  subject: 'stream',
  fields: { stream: streamField },
  changes: true,
  scope: 'connections',
  isDangerous: false,
  undo: null,
  http: { method: 'POST', path: '/signals/{stream}/poll' },
  result: v.object({
    stream: streamShape,
    taken: v.number(),
    refused: v.number(),
    more: v.boolean(),
  }),
  judge: null,
  run: (context, { stream }) => pollStream(context, stream),
  show: ({ polled: { taken, refused, isMore }, ...shown }) => ({
    facts: { stream: streamFacts(shown), taken, refused, more: isMore },
    view: [
      sentence(
        `${count(taken, 'token')} taken, ${refused} refused.${isMore ? ' More wait there.' : ''}`,
      ),
    ],
  }),
  explain: explainSignals,
})

export const signalsRemove = defineOperation({
  name: 'signals remove',
  summary: 'take no more events of a stream, and remove it at the transmitter',
  details: null,
  examples: [{ says: 'the old one', input: { stream: '5f0cbe7a' } }],
  subject: 'stream',
  fields: { stream: streamField },
  changes: true,
  scope: 'connections',
  isDangerous: true,
  undo: null,
  http: { method: 'DELETE', path: '/signals/{stream}' },
  result: v.object({ removed: v.string(), problem: v.nullable(v.string()) }),
  judge: null,
  run: (context, { stream }) => deleteStream(context, stream),
  show: ({ stream, problem }) => ({
    facts: { removed: stream.id, problem },
    view: [
      sentence(`Events of ${stream.issuer} end no sign-in any more.`),
      ...(problem === null
        ? []
        : [sentence(`The transmitter still has the stream: remove it there, too. ${problem}`)]),
    ],
  }),
  explain: explainSignals,
})
