/**
 * A transmitter of Shared Signals 1.0 as a function: configuration, keys, streams, verification and
 * poll (§7, §8, RFC 8936). Tests put events into it.
 */
import { keepSecret } from '../../tools/stage/evidence.ts'
import type { PublicJwk } from '../../src/signals/keys.ts'
import { AUDIENCE, ISSUER, type Fields } from './signer.ts'

export const TOKEN = 'access-token-of-the-transmitter-0123456789'
keepSecret(TOKEN)

export interface Asked {
  readonly method: string
  readonly url: string
  readonly authorization: string | null
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON of any shape, looked into by tests
  readonly body: any
  readonly redirect: unknown
}

export interface FakeTransmitter {
  readonly asked: Asked[]
  readonly fetch: (url: string | URL, init: RequestInit) => Promise<Response>
  configuration: Fields
  jwks: unknown
  /** What waits to be polled: tokens by their jti. */
  readonly waiting: Map<string, string>
  /** What the receiver reported by setErrs. */
  readonly errors: Map<string, unknown>
  /** What it sends instead of its usual answer, by path. */
  readonly instead: Map<string, () => Response>
  /** Called with each state that a verification is asked for. */
  onVerify: (state: string) => void
}

export function createTransmitter(keys: readonly PublicJwk[], issuer = ISSUER): FakeTransmitter {
  const { origin, pathname } = new URL(issuer)
  const base = issuer.replace(/\/$/, '')
  const transmitter: FakeTransmitter = {
    asked: [],
    jwks: { keys },
    configuration: {
      issuer,
      jwks_uri: `${base}/jwks.json`,
      spec_version: '1_0',
      delivery_methods_supported: ['urn:ietf:rfc:8935', 'urn:ietf:rfc:8936'],
      configuration_endpoint: `${base}/streams`,
      status_endpoint: `${base}/status`,
      verification_endpoint: `${base}/verify`,
      authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }],
    },
    waiting: new Map(),
    errors: new Map(),
    instead: new Map(),
    onVerify: () => undefined,
    async fetch(address, init) {
      const request = new Request(address, init)
      const url = new URL(request.url)
      const text = await request.text()
      const authorization = request.headers.get('Authorization')
      const body = text === '' ? null : JSON.parse(text)
      transmitter.asked.push({
        method: request.method,
        url: url.href,
        authorization,
        body,
        redirect: init.redirect,
      })
      const instead = transmitter.instead.get(url.pathname)
      if (instead) return instead()
      if (url.href === `${origin}/.well-known/ssf-configuration${pathname.replace(/\/$/, '')}`) {
        return Response.json(transmitter.configuration)
      }
      if (url.href === `${base}/jwks.json`) return Response.json(transmitter.jwks)
      if (authorization !== `Bearer ${TOKEN}`) return new Response(null, { status: 401 })
      return manage(transmitter, url, request.method, body)
    },
  }

  function manage(
    { waiting, errors }: FakeTransmitter,
    url: URL,
    method: string,
    body: Asked['body'],
  ) {
    const path = url.href.slice(base.length).split('?')[0]
    if (path === '/streams' && method === 'POST') {
      const isPoll = body.delivery.method === 'urn:ietf:rfc:8936'
      const { authorization_header: _, ...delivery } = body.delivery
      return Response.json(
        {
          stream_id: 'remote-1',
          iss: issuer,
          aud: [AUDIENCE],
          events_delivered: body.events_requested,
          delivery: isPoll ? { ...delivery, endpoint_url: `${base}/poll` } : delivery,
        },
        { status: 201 },
      )
    }
    if (path === '/streams' && method === 'DELETE') return new Response(null, { status: 204 })
    if (path === '/verify') {
      transmitter.onVerify(body.state)
      return new Response(null, { status: 204 })
    }
    if (path === '/poll') {
      for (const jti of body.ack ?? []) waiting.delete(jti)
      for (const [jti, error] of Object.entries(body.setErrs ?? {})) {
        errors.set(jti, error)
        waiting.delete(jti)
      }
      const sets = [...waiting].slice(0, body.maxEvents)
      return Response.json({
        sets: Object.fromEntries(sets),
        ...(waiting.size > sets.length ? { moreAvailable: true } : {}),
      })
    }
    return new Response(null, { status: 404 })
  }
  return transmitter
}
