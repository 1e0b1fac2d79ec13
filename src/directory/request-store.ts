/** The last requests of each directory, in D1, for operators. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { instant, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'

const MOST_PATH = 200

export interface DirectoryRequest {
  readonly at: Instant
  readonly method: string
  /** Below `…/v2`, without a query, which may name people. */
  readonly path: string
  readonly status: number
  /** Of an error; null: there is none. */
  readonly scimType: string | null
  readonly detail: string | null
}

/** @param token the id of the token. */
export async function noteRequest(
  db: D1Database,
  connection: string,
  token: string,
  { at, method, path, status, scimType, detail }: DirectoryRequest,
): Promise<void> {
  await fromStoreSlowly('D1', 'noting a request of a directory', () =>
    db
      .prepare(
        `INSERT INTO scim_requests (connection, nth, at, method, path, status, scim_type, detail, token)
         SELECT id, 1 + coalesce((SELECT max(nth) FROM scim_requests WHERE connection = ?1), 0),
           ?2, ?3, ?4, ?5, ?6, ?7, ?8
         FROM connections WHERE id = ?1`,
      )
      .bind(connection, at, method, path.slice(0, MOST_PATH), status, scimType, detail, token)
      .run(),
  )
}

const requestRow = v.object({
  at: instant,
  method: v.string(),
  path: v.string(),
  status: v.number(),
  scimType: v.nullable(v.string()),
  detail: v.nullable(v.string()),
  label: v.nullable(v.string()),
})

export interface NotedRequest extends DirectoryRequest {
  /** Of the token; null: it is not known any more. */
  readonly label: string | null
}

/** The newest first. */
export async function listRequests(
  db: D1Database,
  connection: string,
): Promise<readonly NotedRequest[]> {
  const { results } = await fromStoreSlowly('D1', 'listing requests of a directory', () =>
    db
      .prepare(
        `SELECT r.at, r.method, r.path, r.status, r.scim_type AS scimType, r.detail, t.label
         FROM scim_requests r LEFT JOIN scim_tokens t ON t.id = r.token
         WHERE r.connection = ?1 ORDER BY r.nth DESC`,
      )
      .bind(connection)
      .all(),
  )
  return parseRows(requestRow, results)
}
