/** The state of the metadata of each connection, in D1. */
import * as v from 'valibot'
import { storedCertificates, storedSlo } from '../connection/stored.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStoreSlowly } from '../lib/store-error.ts'

const found = v.object({
  entityId: v.string(),
  ssoUrl: v.string(),
  ssoBinding: v.picklist(['redirect', 'post']),
  // A document that was stored before this was read does not say.
  slo: v.optional(v.nullable(storedSlo), null),
  certificates: storedCertificates,
  /** Base64 DER of the certificate that signed it; null: it is unsigned. */
  signer: v.nullable(v.string()),
})
/** What a document says that we use. */
export type Found = v.InferOutput<typeof found>

const waiting = v.object({
  /** SHA-256 of what was found, lower-case hex. */
  digest: v.string(),
  /** When it was found first. */
  since: instant,
  why: v.array(
    v.picklist([
      'entity-id',
      'no-known-certificate',
      'unsigned',
      'other-signer',
      'sso-host',
      'slo-host',
    ]),
  ),
  found,
})
export type Waiting = v.InferOutput<typeof waiting>
export type WaitReason = Waiting['why'][number]

const fault = v.object({ reason: v.string(), text: v.string(), since: instant })
/** Why the last try failed, and since when it has been so. */
export type StoredFault = v.InferOutput<typeof fault>

const stateRow = v.object({
  connection: v.string(),
  url: v.string(),
  edition: v.number(),
  nextAt: instant,
  readAt: v.nullable(instant),
  goodAt: v.nullable(instant),
  validUntil: v.nullable(instant),
  etag: v.nullable(v.string()),
  pinned: v.nullable(v.string()),
  signer: v.nullable(v.string()),
  listed: v.nullable(jsonOf(v.array(v.string()))),
  leaving: jsonOf(v.record(v.string(), instant)),
  waiting: v.nullable(jsonOf(waiting)),
  fault: v.nullable(jsonOf(fault)),
})
export type MetadataState = v.InferOutput<typeof stateRow>

const names = `connection, url, edition, next_at AS nextAt, read_at AS readAt, good_at AS goodAt,
  valid_until AS validUntil, etag, pinned, signer, listed, leaving, waiting, fault`

/** Another run takes the connection again after so long if this one never ends. */
const CLAIM_SECONDS = 600

/** A row for each connection with a URL. The state of an earlier URL is deleted. */
const ensure = (db: D1Database) =>
  db.prepare(
    `INSERT INTO connection_metadata (connection, url)
     SELECT id, metadata_url FROM connections WHERE metadata_url IS NOT NULL
     ON CONFLICT (connection) DO UPDATE SET url = excluded.url, edition = edition + 1, next_at = 0,
       read_at = NULL, good_at = NULL, valid_until = NULL, etag = NULL, signer = NULL,
       listed = NULL, leaving = '{}', waiting = NULL, fault = NULL
     WHERE url <> excluded.url`,
  )

/**
 * Takes connections whose turn it is, the longest overdue first. Two runs at the same time take
 * different ones.
 */
export async function claimDue(
  db: D1Database,
  most: number,
  now: Instant,
): Promise<readonly MetadataState[]> {
  const [, claimed] = await fromStoreSlowly('D1', 'finding metadata to read', () =>
    db.batch([
      ensure(db),
      db
        .prepare(
          `UPDATE connection_metadata SET next_at = ?1, edition = edition + 1
           WHERE connection IN (
             SELECT m.connection FROM connection_metadata m JOIN connections c
               ON c.id = m.connection AND c.metadata_url = m.url
             WHERE m.next_at <= ?2 AND c.enabled ORDER BY m.next_at, m.connection LIMIT ?3)
           RETURNING ${names}`,
        )
        .bind(plusSeconds(now, CLAIM_SECONDS), now, most),
    ]),
  )
  return parseRows(stateRow, claimed?.results ?? [])
}

/** null: the connection has no metadata URL. */
export async function findState(db: D1Database, id: string): Promise<MetadataState | null> {
  const [, row] = await fromStoreSlowly('D1', 'finding the state of metadata', () =>
    db.batch([
      ensure(db),
      db
        .prepare(
          `SELECT ${names} FROM connection_metadata
           WHERE connection = ?1 AND url = (SELECT metadata_url FROM connections WHERE id = ?1)`,
        )
        .bind(id),
    ]),
  )
  return parseRow(stateRow, row?.results[0])
}

/** @returns false: another write came after `state` was read, and nothing was written. */
export async function saveState(db: D1Database, state: MetadataState): Promise<boolean> {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value))
  const { meta } = await fromStoreSlowly('D1', 'saving the state of metadata', () =>
    db
      .prepare(
        `UPDATE connection_metadata SET edition = edition + 1, next_at = ?4, read_at = ?5,
           good_at = ?6, valid_until = ?7, etag = ?8, pinned = ?9, signer = ?10, listed = ?11,
           leaving = ?12, waiting = ?13, fault = ?14
         WHERE connection = ?1 AND url = ?2 AND edition = ?3`,
      )
      .bind(
        state.connection,
        state.url,
        state.edition,
        state.nextAt,
        state.readAt,
        state.goodAt,
        state.validUntil,
        state.etag,
        state.pinned,
        state.signer,
        json(state.listed),
        json(state.leaving),
        json(state.waiting),
        json(state.fault),
      )
      .run(),
  )
  return meta.changes === 1
}
