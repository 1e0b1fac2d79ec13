/**
 * Programs on a person's own computer register themselves (RFC 7591). Anybody may ask, so nothing is
 * stored: the client_id is what they said, sealed.
 */
import { decodeUtf8, utf8 } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { isRecord, parseJson } from '../lib/json.ts'
import { readJsonText } from '../lib/json-body.ts'
import type { Sealer } from '../lib/seal.ts'
import { answerJson, refuseJson } from './answer.ts'
import { isLoopbackRedirect, parseClientName, type Client } from './client.ts'
import { parseRedirects } from './document.ts'

export const CLIENT_PURPOSE = 'oauth client'

const PREFIX = 'gh_lc_'
const MOST_BYTES = 4 * 1024
const MOST_DEPTH = 5
/** The client_id has to fit into addresses that lead to sign-in and back. */
const MOST_REDIRECTS = 3
const MOST_SAID = 400
const MOST_ID = 700

export async function register(request: Request, now: Instant, sealer: Sealer): Promise<Response> {
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
  const redirects = parseRedirects(given['redirect_uris'])
  if (!redirects?.every(isLoopbackRedirect) || redirects.length > MOST_REDIRECTS) {
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
    client_id: PREFIX + (await sealer.seal(utf8(said))),
    client_id_issued_at: Math.floor(now / 1000),
    client_name: name,
    redirect_uris: redirects,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  })
}

/** null: the client_id is not one that we gave. */
export async function openRegistered(id: string, sealer: Sealer): Promise<Client | null> {
  if (!isRegistered(id)) return null
  const opened = await sealer.open(id.slice(PREFIX.length))
  const text = opened.ok ? decodeUtf8(opened.value) : opened
  const said = text.ok ? parseJson(text.value, MOST_DEPTH) : text
  const [name, given] = said.ok && Array.isArray(said.value) ? said.value : []
  const redirects = parseRedirects(given)
  if (typeof name !== 'string' || !redirects) return null
  return { id, kind: 'loopback', name, redirects, device: false, secretHash: null }
}

export const isRegistered = (id: string): boolean => id.startsWith(PREFIX) && id.length <= MOST_ID
