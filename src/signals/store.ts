/** Streams, in D1. */
import * as v from 'valibot'
import { latestFor, plusSeconds, type Instant } from '../lib/instant.ts'
import { instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'
import type { PublicJwk } from './keys.ts'
import { deliveries, type Stream } from './stream.ts'

export const MOST_STREAMS = 20

const text = v.nullable(v.string())
const jwk: v.GenericSchema<unknown, PublicJwk> = v.object({
  kty: v.string(),
  kid: v.exactOptional(v.string()),
  alg: v.exactOptional(v.string()),
  crv: v.exactOptional(v.string()),
  n: v.exactOptional(v.string()),
  e: v.exactOptional(v.string()),
  x: v.exactOptional(v.string()),
  y: v.exactOptional(v.string()),
})
const streamRow: v.GenericSchema<unknown, Stream> = v.object({
  id: v.string(),
  connection: v.string(),
  issuer: v.string(),
  delivery: v.picklist(deliveries),
  audience: jsonOf(v.array(v.string())),
  authorizationHash: text,
  token: text,
  remote: v.nullable(
    jsonOf(
      v.object({
        streamId: v.string(),
        configuration: v.string(),
        verification: text,
        poll: text,
        critical: v.array(v.string()),
      }),
    ),
  ),
  jwksUrl: text,
  jwks: jsonOf(v.array(jwk)),
  jwksAt: v.nullable(instant),
  expected: text,
  verifiedAt: v.nullable(instant),
  lastEventAt: v.nullable(instant),
  status: v.string(),
  fault: text,
  polledAt: v.nullable(instant),
  createdAt: instant,
})
const select = `SELECT id, connection, issuer, delivery, audience,
  authorization_hash AS authorizationHash, token, remote, jwks_url AS jwksUrl,
  coalesce(jwks, '[]') AS jwks, jwks_at AS jwksAt, expected, verified_at AS verifiedAt,
  last_event_at AS lastEventAt, status, fault, polled_at AS polledAt, created_at AS createdAt
  FROM signal_streams`

/** False: there are as many as there may be. */
export async function insertStream(db: D1Database, stream: Stream): Promise<boolean> {
  const { meta } = await fromStoreSlowly('D1', 'saving a stream of signals', () =>
    db
      .prepare(
        `INSERT INTO signal_streams (id, connection, issuer, delivery, audience,
           authorization_hash, token, remote, jwks_url, jwks, jwks_at, jwks_asked_at, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, coalesce(?11, 0), ?12
         WHERE (SELECT count(*) FROM signal_streams) < ${MOST_STREAMS}`,
      )
      .bind(
        stream.id,
        stream.connection,
        stream.issuer,
        stream.delivery,
        JSON.stringify(stream.audience),
        stream.authorizationHash,
        stream.token,
        stream.remote && JSON.stringify(stream.remote),
        stream.jwksUrl,
        JSON.stringify(stream.jwks),
        stream.jwksAt,
        stream.createdAt,
      )
      .run(),
  )
  return meta.changes > 0
}

export async function findStream(db: D1Database, id: string): Promise<Stream | null> {
  const row = await fromStore('D1', 'finding a stream of signals', () =>
    db.prepare(`${select} WHERE id = ?1`).bind(id).first(),
  )
  return parseRow(streamRow, row)
}

/** @param connection null: of every connection. */
export async function listStreams(
  db: D1Database,
  connection: string | null,
): Promise<readonly Stream[]> {
  const { results } = await fromStore('D1', 'listing streams of signals', () =>
    db
      .prepare(`${select} WHERE ?1 IS NULL OR connection = ?1 ORDER BY connection, created_at, id`)
      .bind(connection)
      .all(),
  )
  return parseRows(streamRow, results)
}

/** False: there is none of this id. */
export async function removeStream(db: D1Database, id: string): Promise<boolean> {
  const gone = await fromStoreSlowly('D1', 'removing a stream of signals', () =>
    db.prepare('DELETE FROM signal_streams WHERE id = ?1 RETURNING id').bind(id).first(),
  )
  return gone !== null
}

/** Keys are asked for once in so long, however many tokens name one that we do not know. */
export const ASK_SECONDS = 300

/** @returns whether this caller may ask for the keys now. */
export async function claimKeys(db: D1Database, id: string, now: Instant): Promise<boolean> {
  const { meta } = await fromStore('D1', 'asking for keys of signals', () =>
    db
      // From the future: a clock was set back. Nobody waits until it has caught up.
      .prepare(
        `UPDATE signal_streams SET jwks_asked_at = ?2
         WHERE id = ?1 AND (jwks_asked_at <= ?3 OR jwks_asked_at > ?4)`,
      )
      .bind(id, now, plusSeconds(now, -ASK_SECONDS), latestFor(now))
      .run(),
  )
  return meta.changes > 0
}

export async function saveKeys(
  db: D1Database,
  id: string,
  keys: readonly PublicJwk[],
  now: Instant,
): Promise<void> {
  await fromStore('D1', 'keeping keys of signals', () =>
    db
      .prepare('UPDATE signal_streams SET jwks = ?2, jwks_at = ?3, fault = NULL WHERE id = ?1')
      .bind(id, JSON.stringify(keys), now)
      .run(),
  )
}

export async function saveFault(db: D1Database, id: string, fault: string): Promise<void> {
  await fromStore('D1', 'keeping a fault of signals', () =>
    db.prepare('UPDATE signal_streams SET fault = ?2 WHERE id = ?1').bind(id, fault).run(),
  )
}

export async function savePolled(
  db: D1Database,
  id: string,
  fault: string | null,
  now: Instant,
): Promise<void> {
  await fromStoreSlowly('D1', 'keeping a poll of signals', () =>
    db
      .prepare('UPDATE signal_streams SET polled_at = ?3, fault = ?2 WHERE id = ?1')
      .bind(id, fault, now)
      .run(),
  )
}

/** @param expected SHA-256 of the state. */
export async function saveExpected(db: D1Database, id: string, expected: string): Promise<void> {
  await fromStoreSlowly('D1', 'asking for a verification', () =>
    db.prepare('UPDATE signal_streams SET expected = ?2 WHERE id = ?1').bind(id, expected).run(),
  )
}

/** Keeps a token under another seal, or another token. */
export async function saveToken(db: D1Database, id: string, token: string): Promise<void> {
  await fromStoreSlowly('D1', 'keeping a token of signals', () =>
    db.prepare('UPDATE signal_streams SET token = ?2 WHERE id = ?1').bind(id, token).run(),
  )
}

/** For the cron. */
export async function removeTakenSignals(db: D1Database, now: Instant): Promise<void> {
  await fromStoreSlowly('D1', 'removing used signals', () =>
    db.prepare('DELETE FROM signals_taken WHERE expires_at <= ?1').bind(now).run(),
  )
}
