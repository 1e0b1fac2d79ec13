/** Makes, verifies and removes streams at a transmitter (Shared Signals §8.1). Operators do this. */
import { isRecord, parseJson } from '../lib/json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { MetadataReach } from '../upkeep/fetch.ts'
import { wantedEvents } from './effects.ts'
import { ask, explainAsk } from './fetch.ts'
import type { Remote } from './stream.ts'
import { textIn, type Transmitter } from './transmitter.ts'

export type PushOrPoll =
  | { readonly kind: 'push'; readonly endpoint: string; readonly authorization: string }
  | { readonly kind: 'poll' }

export interface Created {
  readonly remote: Remote
  readonly audience: readonly string[]
}

interface Management {
  readonly token: string
  readonly reach: MetadataReach
}

/** The error is a sentence. */
export async function createRemote(
  {
    issuer,
    configuration,
    verification,
    critical,
  }: Transmitter & { readonly configuration: string },
  delivery: PushOrPoll,
  { token, reach }: Management,
): Promise<Result<Created, string>> {
  const body = {
    events_requested: wantedEvents,
    delivery:
      delivery.kind === 'poll'
        ? { method: 'urn:ietf:rfc:8936' }
        : {
            method: 'urn:ietf:rfc:8935',
            endpoint_url: delivery.endpoint,
            authorization_header: delivery.authorization,
          },
    description: 'Gatehouse',
  }
  const asked = { url: configuration, issuer, method: 'POST', token, body } as const
  const text = await ask(asked, reach)
  if (!text.ok) {
    const isThere = text.error.reason === 'status' && text.error.status === 409
    const more = isThere ? ' It has a stream for this token already: remove that one first.' : ''
    return err(`${explainAsk(text.error)}${more}`)
  }
  const stream = readStream(text.value)
  if (!stream) return err(`${configuration} made a stream, but does not say which.`)
  // §8.1.1: it must be the `iss` of the events.
  if (stream.iss !== null && stream.iss !== issuer) {
    return err(`${configuration} made a stream of another issuer.`)
  }
  const poll = delivery.kind === 'poll' ? stream.endpoint : null
  if (delivery.kind === 'poll' && poll === null) {
    return err(`${configuration} made a stream, but does not say where to poll it.`)
  }
  return ok({
    audience: stream.audience,
    remote: { streamId: stream.id, configuration, verification, poll, critical },
  })
}

function readStream(text: string) {
  const json = parseJson(text, 10)
  if (!json.ok || !isRecord(json.value)) return null
  const { stream_id: id, iss, aud, delivery } = json.value
  const audience = (Array.isArray(aud) ? aud : [aud]).flatMap((each) => textIn(each) ?? [])
  const named = textIn(id)
  if (named === null || audience.length === 0) return null
  const endpoint = isRecord(delivery) ? textIn(delivery['endpoint_url']) : null
  return { id: named, iss: textIn(iss), audience, endpoint }
}

interface OfRemote extends Management {
  readonly issuer: string
  readonly remote: Remote
}

/** §8.1.4.2: the transmitter sends an event with this state. The error is a sentence. */
export async function askToVerify(
  { issuer, remote, token, reach }: OfRemote,
  state: string,
): Promise<Result<null, string>> {
  const { verification: url, streamId } = remote
  if (url === null) return err('The transmitter verifies no streams.')
  const body = { stream_id: streamId, state }
  const asked = await ask({ url, issuer, method: 'POST', token, body }, reach)
  return asked.ok ? ok(null) : err(explainAsk(asked.error))
}

/** §8.1.1.5. The error is a sentence. */
export async function removeRemote({
  issuer,
  remote,
  token,
  reach,
}: OfRemote): Promise<Result<null, string>> {
  const url = new URL(remote.configuration)
  url.searchParams.set('stream_id', remote.streamId)
  const asked = await ask({ url: url.href, issuer, method: 'DELETE', token, body: null }, reach)
  return asked.ok ? ok(null) : err(explainAsk(asked.error))
}
