/**
 * Reads the query of a message that came by HTTP-Redirect (Bindings §3.4.4). Nothing in it counts
 * before `verifyQuery` has verified its signature.
 */
import { decodeBase64, concatBytes, type Bytes } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { SamlError } from '../error.ts'
import { DEFLATE } from '../names.ts'
import { limits } from '../xml/reader.ts'

export type Parameter = 'SAMLRequest' | 'SAMLResponse'

export interface RedirectMessage {
  readonly parameter: Parameter
  /** Base64 of the compressed message. */
  readonly compressed: string
  /** null: the query has none, or an empty one. */
  readonly relayState: string | null
  /**
   * What is signed: parts of the query, byte for byte. Encoding the decoded values again could give
   * other characters than the signer's. Browsers and Workers write a bare apostrophe of a query as
   * %27 (URL Standard, special-query), so a signer that leaves one bare in a RelayState is refused.
   */
  readonly signed: string
  /** SigAlg and Signature; null: the query is not signed. */
  readonly signature: { readonly algorithm: string; readonly value: string } | null
}

/** Longer than any URL that Cloudflare takes. */
const MOST_QUERY = 16_384
/** The specification allows 80 bytes (§3.4.3), and IdPs send more. */
export const MOST_RELAY_STATE = 2000

/** @param query as it stands in the URL, with or without the question mark. */
export function readRedirect(query: string): Result<RedirectMessage, SamlError> {
  if (query.length > MOST_QUERY)
    return malformed(`the query is longer than ${MOST_QUERY} characters`)
  const raw = new Map<string, string>()
  const decoded = new Map<string, string>()
  for (const pair of query.replace(/^\?/, '').split('&')) {
    const at = pair.includes('=') ? pair.indexOf('=') : pair.length
    const name = pair.slice(0, at)
    const value = decode(pair.slice(at + 1))
    if (value === null) return malformed('the query is not percent-encoded UTF-8')
    // The names are signed too, as they are written.
    if (decode(name) !== name) return malformed('the query has a parameter whose name is encoded')
    // One program would read the first value, another the last.
    if (decoded.has(name)) return malformed('the query has a parameter twice')
    decoded.set(name, value)
    raw.set(name, pair)
  }
  const parameter = chooseParameter((name) => decoded.has(name))
  if (!parameter.ok) return parameter
  const encoding = decoded.get('SAMLEncoding') ?? DEFLATE
  if (encoding !== DEFLATE) return malformed('the SAMLEncoding of the query is not DEFLATE')
  const algorithm = decoded.get('SigAlg') ?? null
  const value = decoded.get('Signature') ?? null
  const isSigned = algorithm !== null && value !== null
  if (!isSigned && algorithm !== value) {
    return malformed('the query has only one of SigAlg and Signature')
  }
  const relayState = readRelayState(decoded.get('RelayState') ?? null)
  if (!relayState.ok) return relayState
  return ok({
    parameter: parameter.value,
    compressed: decoded.get(parameter.value) ?? '',
    relayState: relayState.value,
    // §3.4.4.1: in this order, whatever the order in the URL.
    signed: [parameter.value, 'RelayState', 'SigAlg']
      .flatMap((name) => raw.get(name) ?? [])
      .join('&'),
    signature: isSigned ? { algorithm, value } : null,
  })
}

export function chooseParameter(has: (name: Parameter) => boolean): Result<Parameter, SamlError> {
  const [isRequest, isResponse] = [has('SAMLRequest'), has('SAMLResponse')]
  if (isRequest && isResponse) return malformed('there is both a SAMLRequest and a SAMLResponse')
  if (!isRequest && !isResponse) return malformed('there is no SAMLRequest and no SAMLResponse')
  return ok(isRequest ? 'SAMLRequest' : 'SAMLResponse')
}

export const readRelayState = (text: string | null): Result<string | null, SamlError> =>
  text !== null && text.length > MOST_RELAY_STATE
    ? malformed(`the RelayState is longer than ${MOST_RELAY_STATE} characters`)
    : ok(text || null)

/** The message as XML, at most as large as what is read of XML. */
export async function inflateMessage({
  compressed,
}: RedirectMessage): Promise<Result<Bytes, SamlError>> {
  const bytes = decodeBase64(compressed)
  if (!bytes.ok) return err({ reason: 'not-base64' })
  const parts: Uint8Array[] = []
  let size = 0
  try {
    const stream = new Blob([bytes.value])
      .stream()
      .pipeThrough(new DecompressionStream('deflate-raw'))
    for await (const part of stream) {
      size += part.length
      if (size > limits.bytes) return err({ reason: 'too-large' })
      parts.push(part)
    }
  } catch {
    return malformed('the message in the query is not compressed by DEFLATE')
  }
  return ok(concatBytes(...parts))
}

/** A value of a query (a plus is a space); null: it is not UTF-8, percent-encoded. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

const malformed = (detail: string) => err<SamlError>({ reason: 'malformed-binding', detail })
