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
  deps: ClientDeps,
): Promise<Client | null> {
  if (!isUrl(id)) return findWithoutDocument(id, deps)
  return isDocumentUrl(id, deps.terms) ? deps.findDocument(id, now) : null
}

export type Caller = Pick<Client, 'id' | 'kind' | 'secretHash' | 'device'>

/** What the token endpoint must know of a client. A document is not read again for that. */
export async function findCaller(id: string, deps: ClientDeps): Promise<Caller | null> {
  if (!isUrl(id)) return findWithoutDocument(id, deps)
  const isKnown = isDocumentUrl(id, deps.terms)
  return isKnown ? { id, kind: 'document', secretHash: null, device: false } : null
}

const isUrl = (id: string): boolean => id.startsWith('https://')

async function findWithoutDocument(id: string, { db, terms }: ClientDeps): Promise<Client | null> {
  if (isRegistered(id)) return terms.registration === 'loopback' ? readRegistered(id) : null
  return /^[\w-]{1,64}$/.test(id) ? findListed(db, id) : null
}
