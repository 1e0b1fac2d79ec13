/** The clients that an operator registered, in D1. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { flag, instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import type { Client } from './client.ts'

export interface ListedClient extends Client {
  readonly kind: 'listed'
  readonly createdAt: Instant
}

const clientRow = v.pipe(
  v.object({
    id: v.string(),
    name: v.string(),
    redirects: jsonOf(v.array(v.string())),
    device: flag,
    secretHash: v.nullable(v.string()),
    createdAt: instant,
  }),
  v.transform((row): ListedClient => ({ ...row, kind: 'listed' })),
)
const columns = `id, name, redirects, device, secret_hash AS secretHash,
  created_at AS createdAt`

export const findListed = async (db: D1Database, id: string): Promise<ListedClient | null> =>
  parseRow(
    clientRow,
    await fromStore('D1', 'finding a client', () =>
      db.prepare(`SELECT ${columns} FROM oauth_clients WHERE id = ?1`).bind(id).first(),
    ),
  )

/** Newest first. */
export async function listClients(db: D1Database): Promise<readonly ListedClient[]> {
  const { results } = await fromStore('D1', 'listing clients', () =>
    db.prepare(`SELECT ${columns} FROM oauth_clients ORDER BY created_at DESC, id`).all(),
  )
  return parseRows(clientRow, results)
}

export async function insertClient(db: D1Database, client: ListedClient): Promise<void> {
  const { id, name, redirects, device, secretHash, createdAt } = client
  await fromStore('D1', 'saving a client', () =>
    db
      .prepare(
        `INSERT INTO oauth_clients (id, name, redirects, device, secret_hash, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
      )
      .bind(id, name, JSON.stringify(redirects), device ? 1 : 0, secretHash, createdAt)
      .run(),
  )
}

/**
 * Removes the client with all that people granted to it.
 *
 * @returns how many grants there were; null: there is no such client.
 */
export async function removeClient(db: D1Database, id: string): Promise<number | null> {
  const [removed, grants] = await fromStore('D1', 'removing a client', () =>
    db.batch([
      db.prepare('DELETE FROM oauth_clients WHERE id = ?1 RETURNING id').bind(id),
      db.prepare('DELETE FROM oauth_grants WHERE client = ?1 RETURNING id').bind(id),
    ]),
  )
  return removed?.results.length === 1 ? (grants?.results.length ?? 0) : null
}
