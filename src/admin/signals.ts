/** Operations on streams of Shared Signals, and on issuers of revocations. */
import type { AuditEvent } from '../audit/event.ts'
import { encodeBase64Url, hashText, utf8 } from '../lib/bytes.ts'
import { revocationPath, signalsPath } from '../lib/paths.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { PublicJwk } from '../signals/keys.ts'
import { askToVerify, createRemote, removeRemote, type Created } from '../signals/manage.ts'
import { openToken, poll, type Polled } from '../signals/poll.ts'
import { createChoose } from '../signals/refresh.ts'
import {
  findStream,
  insertStream,
  listStreams,
  removeStream,
  saveExpected,
  saveToken,
} from '../signals/store.ts'
import { SIGNALS_PURPOSE, type Delivery, type Stream } from '../signals/stream.ts'
import { readKeys, readTransmitter, type Transmitter } from '../signals/transmitter.ts'
import type { MetadataReach } from '../upkeep/fetch.ts'
import { keepEvents } from '../upkeep/told.ts'
import { findKnownConnection, type UnknownConnection } from './connections.ts'
import { record, type Context } from './context.ts'

export type SignalRefusal =
  | UnknownConnection
  | { readonly reason: 'unknown-stream'; readonly id: string }
  | { readonly reason: 'too-many-streams' }
  /** GATEHOUSE_SECRET is not known here, so no token can be sealed or opened. */
  | { readonly reason: 'no-secret' }
  /** The face does not know the login host, or asks no addresses. */
  | { readonly reason: 'not-here' }
  /** A sentence of what the transmitter said. */
  | { readonly reason: 'transmitter'; readonly problem: string }
  /** The transmitter has no interface to make streams by. */
  | { readonly reason: 'by-hand-only' }
  /** The stream was set up by hand, so nothing can be asked there in its name. */
  | { readonly reason: 'no-remote'; readonly id: string }
  | { readonly reason: 'not-polled'; readonly id: string }

export interface NewStream {
  readonly issuer: string
  readonly connection: string
  readonly delivery: Delivery
  /** null: it is set up there by hand. */
  readonly token: string | null
  /** Empty: as the transmitter says, or our address. */
  readonly audience: readonly string[]
  /** null: as the transmitter says. */
  readonly jwksUrl: string | null
}

export interface StreamShown {
  readonly stream: Stream
  /** Where events or revocations are sent; null: they are polled, or the login host is not known. */
  readonly endpoint: string | null
}

const SECRET_BYTES = 32

export async function addStream(
  context: Context,
  given: NewStream,
): Promise<Result<StreamShown, SignalRefusal>> {
  const { db, now, config, metadataReach: reach } = context
  const connection = await findKnownConnection(db, given.connection)
  if (!connection.ok) return connection
  if (!config || !reach) return err({ reason: 'not-here' })
  const id = context.newId()
  const address = config.loginHost.url + pathOf({ ...given, id })
  const prepared =
    given.delivery === 'revocation'
      ? await prepareRevocation(given, reach)
      : await prepareStream({ ...context, reach }, given, address)
  if (!prepared.ok) return prepared
  const { audience, ...rest } = prepared.value
  const stream: Stream = {
    id,
    connection: given.connection,
    issuer: given.issuer,
    delivery: given.delivery,
    ...rest,
    audience: audience.length > 0 ? audience : [address],
    jwksAt: rest.jwksUrl === null ? null : now,
    expected: null,
    verifiedAt: null,
    lastEventAt: null,
    status: 'enabled',
    fault: null,
    polledAt: null,
    createdAt: now,
  }
  if (!(await insertStream(db, stream))) {
    // The new stream at the transmitter must not stay without one here.
    if (stream.remote && given.token !== null) {
      await removeRemote({ ...stream, remote: stream.remote, token: given.token, reach })
    }
    return err({ reason: 'too-many-streams' })
  }
  await recordOf(context, 'signals add', stream)
  return ok(withEndpoint(context, stream))
}

type Prepared = Pick<
  Stream,
  'audience' | 'authorizationHash' | 'token' | 'remote' | 'jwksUrl' | 'jwks'
>

const byHand = { audience: [], authorizationHash: null, token: null, remote: null }

async function prepareRevocation(
  { issuer, jwksUrl }: NewStream,
  reach: MetadataReach,
): Promise<Result<Prepared, SignalRefusal>> {
  if (jwksUrl === null) return ok({ ...byHand, jwksUrl, jwks: [] })
  const jwks = await keysOf(issuer, jwksUrl, reach)
  return jwks.ok ? ok({ ...byHand, jwksUrl, jwks: jwks.value }) : jwks
}

async function prepareStream(
  { random, openSealer, reach }: Context & { readonly reach: MetadataReach },
  { issuer, delivery, token, audience, jwksUrl: ownUrl }: NewStream,
  endpoint: string,
): Promise<Result<Prepared, SignalRefusal>> {
  const none = { issuer, configuration: null, verification: null, critical: [] }
  const read: Result<Transmitter, string> =
    ownUrl === null ? await readTransmitter(issuer, reach) : ok({ ...none, jwksUrl: ownUrl })
  if (!read.ok) return err({ reason: 'transmitter', problem: read.error })
  const { jwksUrl, configuration } = read.value
  const jwks = await keysOf(issuer, jwksUrl, reach)
  if (!jwks.ok) return jwks
  const keys = { jwksUrl, jwks: jwks.value }
  if (token === null) return ok({ ...byHand, audience, ...keys })
  if (configuration === null) return err({ reason: 'by-hand-only' })
  const sealer = await openSealer(SIGNALS_PURPOSE)
  if (!sealer) return err({ reason: 'no-secret' })
  const authorization = `Bearer ${encodeBase64Url(random(SECRET_BYTES))}`
  const created: Result<Created, string> = await createRemote(
    { ...read.value, configuration },
    delivery === 'poll' ? { kind: 'poll' } : { kind: 'push', endpoint, authorization },
    { token, reach },
  )
  if (!created.ok) return err({ reason: 'transmitter', problem: created.error })
  return ok({
    ...keys,
    audience: audience.length > 0 ? audience : created.value.audience,
    remote: created.value.remote,
    authorizationHash: delivery === 'poll' ? null : await hashText(authorization),
    token: await sealer.seal(utf8(token)),
  })
}

async function keysOf(
  issuer: string,
  jwksUrl: string,
  reach: MetadataReach,
): Promise<Result<readonly PublicJwk[], SignalRefusal>> {
  const keys = await readKeys({ jwksUrl, issuer }, reach)
  return keys.ok ? keys : err({ reason: 'transmitter', problem: keys.error })
}

export async function listShown(
  context: Context,
  connection: string | null,
): Promise<readonly StreamShown[]> {
  const streams = await listStreams(context.db, connection)
  return streams.map((stream) => withEndpoint(context, stream))
}

export async function findShown(
  context: Context,
  id: string,
): Promise<Result<StreamShown, SignalRefusal>> {
  const stream = await findStream(context.db, id)
  return stream ? ok(withEndpoint(context, stream)) : err({ reason: 'unknown-stream', id })
}

function withEndpoint({ config }: Context, stream: Stream): StreamShown {
  const isAddressed = config !== null && stream.delivery !== 'poll'
  return { stream, endpoint: isAddressed ? config.loginHost.url + pathOf(stream) : null }
}

const pathOf = ({ id, connection, delivery }: Pick<Stream, 'id' | 'connection' | 'delivery'>) =>
  delivery === 'revocation' ? revocationPath(connection) : signalsPath(id)

/** Has the transmitter send an event that shows whether events arrive. A new token is kept. */
export async function verifyStream(
  context: Context,
  id: string,
  token: string | null,
): Promise<Result<StreamShown, SignalRefusal>> {
  const asked = await openRemote(context, id, token)
  if (!asked.ok) return asked
  const { db, random } = context
  const state = encodeBase64Url(random(SECRET_BYTES))
  await saveExpected(db, id, await hashText(state))
  const verified = await askToVerify(asked.value, state)
  if (!verified.ok) return err({ reason: 'transmitter', problem: verified.error })
  await recordOf(context, 'signals verify', asked.value.stream)
  if (asked.value.stream.delivery === 'poll') await pollStream(context, id)
  return findShown(context, id)
}

export interface PolledStream extends StreamShown {
  readonly polled: Polled
}

/** Fetches now what waits at the transmitter. */
export async function pollStream(
  context: Context,
  id: string,
): Promise<Result<PolledStream, SignalRefusal>> {
  const { db, now, newId, metadataReach: reach, openSealer } = context
  const stream = await findStream(db, id)
  if (!stream) return err({ reason: 'unknown-stream', id })
  if (stream.delivery !== 'poll') return err({ reason: 'not-polled', id })
  const sealer = await openSealer(SIGNALS_PURPOSE)
  if (!sealer) return err({ reason: 'no-secret' })
  if (!reach) return err({ reason: 'not-here' })
  const choose = createChoose({ db, reach })
  const tell = (events: readonly AuditEvent[]) => keepEvents(db, events, now)
  const polled = await poll(stream, { db, newId, choose, reach, sealer, tell }, now)
  if (!polled.ok) return err({ reason: 'transmitter', problem: polled.error })
  const shown = await findShown(context, id)
  return shown.ok ? ok({ ...shown.value, polled: polled.value }) : shown
}

export interface RemovedStream {
  readonly stream: Stream
  /** What the transmitter said; null: it has removed the stream, or has none of ours. */
  readonly problem: string | null
}

/** Here in any case: without its row, no event of it counts. */
export async function deleteStream(
  context: Context,
  id: string,
): Promise<Result<RemovedStream, SignalRefusal>> {
  const { db } = context
  const stream = await findStream(db, id)
  if (!stream || !(await removeStream(db, id))) return err({ reason: 'unknown-stream', id })
  await recordOf(context, 'signals remove', stream)
  if (stream.remote === null) return ok({ stream, problem: null })
  const opened = await openRemoteOf(context, stream)
  if (!opened.ok) return ok({ stream, problem: 'Its token cannot be opened here.' })
  const removed = await removeRemote(opened.value)
  return ok({ stream, problem: removed.ok ? null : removed.error })
}

type Opened = Parameters<typeof removeRemote>[0] & { readonly stream: Stream }

async function openRemote(
  context: Context,
  id: string,
  newToken: string | null,
): Promise<Result<Opened, SignalRefusal>> {
  const stream = await findStream(context.db, id)
  if (!stream) return err({ reason: 'unknown-stream', id })
  if (newToken === null || stream.remote === null) return openRemoteOf(context, stream)
  const sealer = await context.openSealer(SIGNALS_PURPOSE)
  if (!sealer) return err({ reason: 'no-secret' })
  const token = await sealer.seal(utf8(newToken))
  await saveToken(context.db, id, token)
  return openRemoteOf(context, { ...stream, token })
}

async function openRemoteOf(
  { openSealer, metadataReach: reach }: Context,
  stream: Stream,
): Promise<Result<Opened, SignalRefusal>> {
  const { issuer, remote } = stream
  if (remote === null) return err({ reason: 'no-remote', id: stream.id })
  if (!reach) return err({ reason: 'not-here' })
  const sealer = await openSealer(SIGNALS_PURPOSE)
  const token = sealer && (await openToken(stream, sealer))
  return token === null
    ? err({ reason: 'no-secret' })
    : ok({ stream, issuer, remote, token, reach })
}

const recordOf = (
  context: Context,
  command: string,
  { id, connection, issuer, delivery }: Stream,
): Promise<void> =>
  record(context, {
    command,
    connection,
    user: null,
    facts: { stream: id, issuer, delivery },
  })
