/**
 * A client ID metadata document: JSON at the URL that is the client_id
 * (draft-ietf-oauth-client-id-metadata-document).
 */
import { mediaTypeOf, readText } from '../lib/body.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import { isRecord, parseJson } from '../lib/json.ts'
import { createLru } from '../lib/lru.ts'
import { parsePublicUrl } from '../lib/public-url.ts'
import type { OauthTerms } from '../site/oauth-config.ts'
import { piecesOf, type MetadataReach } from '../upkeep/fetch.ts'
import { parseClientName, parseRedirects, type Client } from './client.ts'

const MOST_URL = 300
/** The draft advises 5 KB. */
const MOST_BYTES = 10 * 1024
const MOST_DEPTH = 5
const FETCH_SECONDS = 5
/** How long an isolate remembers a document, and that there is none. */
const KEPT_SECONDS = 300
const FAILED_SECONDS = 60
const MOST_KEPT = 200

/** Whether the client_id is an address of a document that the operator allows. */
export function isDocumentUrl(id: string, { documents }: OauthTerms): boolean {
  if (id.length > MOST_URL || !/^https:\/\/[\x21-\x7e]+$/.test(id)) return false
  const parsed = parsePublicUrl(id)
  if (!parsed.ok) return false
  const { href, pathname, hash, host, port } = parsed.value
  // One spelling of each address: the person is shown the host of this very text.
  const isPlain = href === id && pathname !== '/' && hash === '' && port === '' && !id.includes('#')
  return isPlain && (documents === 'open' || documents.includes(host))
}

export type FindDocument = (id: string, now: Instant) => Promise<Client | null>

/**
 * One per isolate. Only people who are signed in cause a fetch, and a document that is remembered
 * causes none.
 */
export function createFindDocument({ fetch, judgeAddress }: MetadataReach): FindDocument {
  const kept = createLru<string, { readonly client: Client | null; readonly at: Instant }>(
    MOST_KEPT,
  )

  async function read(id: string): Promise<Client | null> {
    if (judgeAddress(id, id) !== null) return null
    const signal = AbortSignal.timeout(FETCH_SECONDS * 1000)
    try {
      const headers = { Accept: 'application/json' }
      // The document is at this very address: a redirect is no document.
      const response = await fetch(id, { headers, redirect: 'manual', signal })
      const isJson = /^application\/([\w.-]+\+)?json$/.test(mediaTypeOf(response))
      if (response.status !== 200 || !isJson) {
        await response.body?.cancel()
        return null
      }
      const text = await readText({ body: piecesOf(response.body, signal) }, MOST_BYTES)
      return text.ok ? parseDocument(id, text.value) : null
    } catch {
      // No answer.
      return null
    }
  }

  return async (id, now) => {
    const known = kept.find(id)
    const age = known ? Math.abs(secondsBetween(known.at, now)) : Infinity
    if (known && age < (known.client ? KEPT_SECONDS : FAILED_SECONDS)) return known.client
    const client = await read(id)
    kept.save(id, { client, at: now })
    return client
  }
}

/** Such a client has no secret (draft §4.1), so one that needs a method with a secret is refused. */
export function parseDocument(id: string, text: string): Client | null {
  const parsed = parseJson(text, MOST_DEPTH)
  if (!parsed.ok || !isRecord(parsed.value)) return null
  const { client_id, client_name, redirect_uris, token_endpoint_auth_method } = parsed.value
  const name = parseClientName(client_name)
  if (client_id !== id || name === null || !isPublic(token_endpoint_auth_method)) return null
  const redirects = parseRedirects(redirect_uris)
  return redirects && { id, kind: 'document', name, redirects, device: false, secretHash: null }
}

const isPublic = (method: unknown): boolean => method === undefined || method === 'none'
