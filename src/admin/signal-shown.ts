/** How streams of signals look, and the messages of refusals. */
import * as v from 'valibot'
import { toIso } from '../lib/instant.ts'
import { MOST_STREAMS } from '../signals/store.ts'
import { deliveries } from '../signals/stream.ts'
import { explainUnknownConnection } from './connections.ts'
import { refusal, type Refusal } from './operation.ts'
import { isoOrNull, time } from './shape.ts'
import type { SignalRefusal, StreamShown } from './signals.ts'
import { tableOf, type Block } from './view.ts'

export const streamShape = v.object({
  id: v.string(),
  connection: v.string(),
  issuer: v.string(),
  delivery: v.picklist(deliveries),
  audience: v.array(v.string()),
  endpoint: v.nullable(v.string()),
  /** Whether Gatehouse made the stream at the transmitter. */
  managed: v.boolean(),
  status: v.string(),
  verifiedAt: v.nullable(time),
  lastEventAt: v.nullable(time),
  polledAt: v.nullable(time),
  keysReadAt: v.nullable(time),
  fault: v.nullable(v.string()),
  createdAt: time,
})

export const streamFacts = ({ stream, endpoint }: StreamShown) => ({
  id: stream.id,
  connection: stream.connection,
  issuer: stream.issuer,
  delivery: stream.delivery,
  audience: stream.audience,
  endpoint,
  managed: stream.remote !== null,
  status: stream.status,
  verifiedAt: isoOrNull(stream.verifiedAt),
  lastEventAt: isoOrNull(stream.lastEventAt),
  polledAt: isoOrNull(stream.polledAt),
  keysReadAt: isoOrNull(stream.jwksAt),
  fault: stream.fault,
  createdAt: toIso(stream.createdAt),
})

export function stateOf({ stream }: StreamShown): string {
  if (stream.fault !== null) return 'has a fault'
  if (stream.status !== 'enabled') return `${stream.status} by the transmitter`
  if (stream.expected !== null) return 'waits for its verification'
  return stream.verifiedAt === null ? 'not verified' : 'good'
}

export const streamsTable = (streams: readonly StreamShown[]): Block =>
  tableOf(streams, {
    id: ({ stream }) => stream.id,
    connection: ({ stream }) => stream.connection,
    transmitter: ({ stream }) => stream.issuer,
    delivery: ({ stream }) => stream.delivery,
    state: stateOf,
    'last event': ({ stream }) => (stream.lastEventAt === null ? null : { at: stream.lastEventAt }),
  })

export function streamBlock(shown: StreamShown): Block {
  const { stream, endpoint } = shown
  const when = (name: string, at: typeof stream.verifiedAt) =>
    at === null ? [] : ([[name, { at }]] as const)
  return {
    kind: 'values',
    rows: [
      ['id', stream.id],
      ['connection', stream.connection],
      ['transmitter', stream.issuer],
      ['delivery', stream.delivery],
      ...(endpoint === null ? [] : ([['address', endpoint]] as const)),
      ['audience', stream.audience.join(', ')],
      ['state', stateOf(shown)],
      ...(stream.fault === null ? [] : ([['fault', stream.fault]] as const)),
      ...when('verified', stream.verifiedAt),
      ...when('last event', stream.lastEventAt),
      ...when('polled', stream.polledAt),
      ...when('keys read', stream.jwksAt),
      ...when('made', stream.createdAt),
    ],
  }
}

const LIST = { operation: 'signals list', asks: null }
const SHOW = { operation: 'signals show', asks: 'stream' }

export function explainSignals(refused: SignalRefusal): Refusal {
  const { reason } = refused
  switch (reason) {
    case 'unknown-connection':
      return explainUnknownConnection(refused)
    case 'unknown-stream':
      return refusal('not-found', reason, `There is no stream "${refused.id}".`, LIST)
    case 'too-many-streams':
      return refusal(
        'conflict',
        reason,
        `There are ${MOST_STREAMS} streams already. Remove one first.`,
        LIST,
      )
    case 'no-secret':
      return refusal(
        'conflict',
        reason,
        'The token of a transmitter is sealed under GATEHOUSE_SECRET, which is not known here. Use the console or the API of the Worker, or set GATEHOUSE_SECRET for this command.',
      )
    case 'not-here':
      return refusal(
        'conflict',
        reason,
        'This needs the login host of gatehouse.config.ts, and a way to ask the transmitter. One of them is missing here.',
      )
    case 'transmitter':
      return refusal('conflict', reason, refused.problem)
    case 'by-hand-only':
      return refusal(
        'conflict',
        reason,
        'The transmitter names no address where streams are made (configuration_endpoint). Leave the token out, and set the stream up there by hand.',
      )
    case 'no-remote':
      return refusal(
        'conflict',
        reason,
        'The stream was set up at the transmitter by hand. Ask for its verification there.',
        SHOW,
      )
    case 'not-polled':
      return refusal('conflict', reason, 'The transmitter pushes this stream.', SHOW)
  }
}
