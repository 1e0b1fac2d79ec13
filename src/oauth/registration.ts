/**
 * Programs on a person's own computer register themselves (RFC 7591). Anybody may ask, so nothing is
 * stored: the client_id is what they said, and is judged each time. One that somebody makes without
 * asking is worth the same.
 */
import { decodeBase64Url, decodeUtf8, encodeBase64Url, utf8 } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { isRecord, parseJson } from '../lib/json.ts'
import { readJsonText } from '../lib/json-body.ts'
import { answerJson, refuseJson } from './answer.ts'
import { isLoopbackRedirect, parseClientName, parseRedirects, type Client } from './client.ts'

const PREFIX = 'gh_lc_'
const MOST_BYTES = 4 * 1024
const MOST_DEPTH = 5
/** The client_id has to fit into addresses that lead to sign-in and back. */
const MOST_REDIRECTS = 3
const MOST_SAID = 400
const MOST_ID = 700

export async function register(request: Request, now: Instant): Promise<Response> {
  const refuse = (error: string, why: string) => refuseJson({ error, why })
  const json = { maxBytes: MOST_BYTES, mediaTypes: ['application/json'] }
  const text = await readJsonText(request, json)
  const parsed = text.ok ? parseJson(text.value, MOST_DEPTH) : text
  if (!parsed.ok || !isRecord(parsed.value)) {
    return refuse(
      'invalid_client_metadata',
      `Send a JSON object of ${MOST_BYTES / 1024} KB at most.`,
    )
  }
  const given = parsed.value
  const redirects = parseLoopback(given['redirect_uris'])
  if (!redirects) {
    return refuse(
      'invalid_redirect_uri',
      `Only programs on a person's own computer may register: redirect_uris needs 1 to ${MOST_REDIRECTS} addresses that begin with http://127.0.0.1, http://[::1] or http://localhost. For other programs, ask the operator.`,
    )
  }
  const name = parseClientName(given['client_name'] ?? 'A program')
  const said = JSON.stringify([name, redirects])
  if (name === null || said.length > MOST_SAID) {
    return refuse(
      'invalid_client_metadata',
      'client_name must be one line of visible characters, and the registration must be shorter.',
    )
  }
  // RFC 7591 §2: the answer says what is registered, and that may be less than what was asked.
  return answerJson(201, {
    client_id: PREFIX + encodeBase64Url(utf8(said)),
    client_id_issued_at: Math.floor(now / 1000),
    client_name: name,
    redirect_uris: redirects,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  })
}

/** null: the client_id is not one that we would give. */
export function readRegistered(id: string): Client | null {
  const bytes = isRegistered(id) ? decodeBase64Url(id.slice(PREFIX.length)) : null
  const text = bytes?.ok ? decodeUtf8(bytes.value) : null
  const said = text?.ok ? parseJson(text.value, MOST_DEPTH) : null
  const [name, given] = said?.ok && Array.isArray(said.value) ? said.value : []
  const redirects = parseLoopback(given)
  if (parseClientName(name) !== name || !redirects) return null
  return { id, kind: 'loopback', name, redirects, device: false, secretHash: null }
}

function parseLoopback(given: unknown): readonly string[] | null {
  const redirects = parseRedirects(given)
  const isHere = redirects?.every(isLoopbackRedirect) && redirects.length <= MOST_REDIRECTS
  return isHere ? redirects : null
}

export const isRegistered = (id: string): boolean => id.startsWith(PREFIX) && id.length <= MOST_ID
