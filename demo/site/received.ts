/** The request as this site received it, its headers sorted by their writer. */
import type { IncomingMessage } from 'node:http'
import { TOKEN_HEADER } from './identity.ts'

export interface Received {
  readonly method: string
  readonly address: string
  /** Headers with the identity; empty on a public page. */
  readonly identity: readonly Header[]
  /** Headers that say how the request came here. */
  readonly forwarding: readonly Header[]
  readonly fromBrowser: readonly Header[]
}

export interface Header {
  readonly name: string
  readonly value: string
}

const identity = /^(x-gatehouse-jwt-assertion|x-forwarded-(user|preferred-username|email|groups))$/i
const forwarding = /^(forwarded|x-forwarded-(for|host|port|proto)|x-real-ip|cf-.*)$/i

export function toReceived({ method, url, rawHeaders }: IncomingMessage): Received {
  const headers: Header[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2)
    headers.push({ name, value: name.toLowerCase() === TOKEN ? withoutSignature(value) : value })
  }
  headers.sort((a, b) => a.name.localeCompare(b.name))
  return {
    method: method ?? '',
    address: url ?? '',
    identity: headers.filter(({ name }) => identity.test(name)),
    forwarding: headers.filter(({ name }) => forwarding.test(name)),
    fromBrowser: headers.filter(({ name }) => !identity.test(name) && !forwarding.test(name)),
  }
}

const TOKEN = TOKEN_HEADER.toLowerCase()

/** Removes the signature, because a page can be photographed. */
const withoutSignature = (token: string): string =>
  `${token.slice(0, 20)}… (${token.length} characters, not all shown)`
