/** Sends messages over HTTP, only to this machine. */
import { lookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIPv4 } from 'node:net'
import { err, ok, type Result } from '../../src/lib/result.ts'
import type { Message } from './entry.ts'
import { bodyOf } from './gatehouse.ts'
import type { Answer, Send } from './play.ts'

export interface Target {
  readonly url: URL
  /**
   * A loopback address of the host. Every connection uses it, so a later change in DNS has no
   * effect.
   */
  readonly address: string
}

/** Accepts an http or https URL if all addresses of its host are loopback addresses. */
export async function loopbackTarget(text: string): Promise<Result<Target, string>> {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    return err(`"${text}" is not an http or https URL.`)
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const found = await lookup(host, { all: true }).catch(() => [])
  const [first] = found
  if (!first) return err(`The host ${host} has no address.`)
  return found.every(({ address }) => isLoopback(address))
    ? ok({ url, address: first.address })
    : err(
        `${host} is not this machine. Messages are sent to a loopback address only; --out <folder> writes them as files.`,
      )
}

const isLoopback = (address: string): boolean =>
  isIPv4(address) ? address.startsWith('127.') : ['::1', '::ffff:127.0.0.1'].includes(address)

export interface SendOptions {
  readonly relayState: string | null
  readonly cookies: readonly string[]
  readonly headers: readonly (readonly [string, string])[]
  readonly timeoutMilliseconds: number
}

/**
 * The most bytes of a body that are read. A service provider that shows the user's name shows it
 * early.
 */
const BODY_BYTES = 65_536

export function sender({ url, address }: Target, options: SendOptions): Send {
  return async (message) => {
    const body = formOf(message, options.relayState)
    const to = new URL(url)
    if (message.kind === 'form' && message.query !== '') {
      to.search = to.search === '' ? message.query : `${to.search}&${message.query}`
    }
    const family = isIPv4(address) ? 4 : 6
    const settings = {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
        ...(options.cookies.length > 0 ? { cookie: options.cookies.join('; ') } : {}),
        ...Object.fromEntries(options.headers),
      },
      agent: false as const,
      // Node asks either for all addresses or for one.
      lookup: (_: string, { all }: { all?: boolean | undefined }, done: Done) =>
        all ? done(null, [{ address, family }]) : done(null, address, family),
      signal: AbortSignal.timeout(options.timeoutMilliseconds),
      // The target is this machine, where test servers have self-signed certificates.
      rejectUnauthorized: false,
    }
    return new Promise((resolve) => {
      const request = to.protocol === 'https:' ? httpsRequest : httpRequest
      request(to.href, settings, (incoming) => void readAnswer(incoming, to).then(resolve))
        .on('error', () => resolve(null))
        .end(body)
    })
  }
}

type Done = (
  error: null,
  address: string | { address: string; family: number }[],
  family?: number,
) => void

const formOf = (message: Message, relayState: string | null): string =>
  bodyOf(message) + (relayState === null ? '' : `&RelayState=${encodeURIComponent(relayState)}`)

async function readAnswer(incoming: IncomingMessage, from: URL): Promise<Answer | null> {
  let body = ''
  try {
    for await (const chunk of incoming.setEncoding('utf8')) {
      body += String(chunk)
      if (body.length > BODY_BYTES) break
    }
  } catch {
    return null
  }
  const { location } = incoming.headers
  const target = location === undefined ? null : URL.parse(location, from)
  return {
    status: incoming.statusCode ?? 0,
    location: target ? target.origin + target.pathname : '',
    cookies: (incoming.headers['set-cookie'] ?? [])
      .filter((cookie) => !/^[^=]*=(;|$)|max-age=0|01[- ]jan[- ]1970/i.test(cookie))
      .map((cookie) => cookie.split('=')[0] ?? '')
      .toSorted(),
    body,
  }
}
