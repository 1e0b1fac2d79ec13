/** Finds the client of a client_id, if the operator allows its kind. */
import type { Instant } from '../lib/instant.ts'
import type { OauthTerms } from '../site/oauth-config.ts'
import type { Client } from './client.ts'
import { findListed } from './client-store.ts'
import { isDocumentUrl, type FindDocument } from './document.ts'
import { isRegistered, readRegistered } from './registration.ts'

export interface ClientDeps {
  readonly db: D1Database
  readonly terms: OauthTerms
  readonly findDocument: FindDocument
}

/** null: there is no such client, or its kind is off. */
export async function findClient(
  id: string,
  now: Instant,
  { db, terms, findDocument }: ClientDeps,
): Promise<Client | null> {
  if (id.startsWith('https://')) return isDocumentUrl(id, terms) ? findDocument(id, now) : null
  if (isRegistered(id)) {
    return terms.registration === 'loopback' ? readRegistered(id) : null
  }
  return isListedId(id) ? findListed(db, id) : null
}

const isListedId = (id: string): boolean => /^[\w-]{1,64}$/.test(id)

/** What the token endpoint must know of a client. A document is not read again for that. */
export async function findCaller(
  id: string,
  { db, terms }: ClientDeps,
): Promise<Pick<Client, 'id' | 'secretHash' | 'kind' | 'device'> | null> {
  if (id.startsWith('https://')) {
    const isKnown = isDocumentUrl(id, terms)
    return isKnown ? { id, kind: 'document', secretHash: null, device: false } : null
  }
  if (isRegistered(id)) {
    return terms.registration === 'loopback' ? readRegistered(id) : null
  }
  return isListedId(id) ? findListed(db, id) : null
}
