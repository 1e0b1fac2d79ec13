/** Our keys towards the identity providers, in D1. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { instant, jsonOf, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import { requestSignatures, type RequestSignature } from '../saml/outgoing/sign.ts'

export const spKeyKinds = ['encryption', 'rsa-sha256', 'ecdsa-sha256'] as const
export type SpKeyKind = (typeof spKeyKinds)[number]

/**
 * Keys that are rotated together. `next` will be used, `current` is used, `last` was used before.
 */
export interface Generation {
  readonly generation: number
  readonly state: 'next' | 'current' | 'last'
  readonly since: Instant
  readonly keys: readonly StoredSpKey[]
}

export interface StoredSpKey {
  readonly kind: SpKeyKind
  /** Base64 DER. */
  readonly certificate: string
  readonly sealedPrivateKey: string
}

const generationRow = v.object({
  generation: v.number(),
  state: v.picklist(['next', 'current', 'last']),
  since: instant,
  keys: jsonOf(
    v.array(
      v.object({
        kind: v.picklist(spKeyKinds),
        certificate: v.string(),
        sealedPrivateKey: v.string(),
      }),
    ),
  ),
})

const generations = `SELECT generation, state, since,
   (SELECT json_group_array(json_object('kind', kind, 'certificate', certificate,
      'sealedPrivateKey', sealed_private_key) ORDER BY kind)
    FROM sp_keys WHERE generation = sp_generations.generation) AS keys
  FROM sp_generations ORDER BY generation DESC`

/** Newest first. */
export async function findGenerations(db: D1Database): Promise<readonly Generation[]> {
  const { results } = await fromStore('D1', 'finding our keys', () => db.prepare(generations).all())
  return parseRows(generationRow, results)
}

const algorithmRow = v.object({ algorithm: v.picklist(requestSignatures) })

/**
 * The generations, and the algorithms by which connections sign.
 *
 * @param usual the algorithm of a connection that names none.
 */
export async function findNeeds(
  db: D1Database,
  usual: RequestSignature,
): Promise<{
  readonly generations: readonly Generation[]
  readonly algorithms: readonly RequestSignature[]
}> {
  const [found, needed] = await fromStore('D1', 'finding our keys', () =>
    db.batch([
      db.prepare(generations),
      db
        .prepare(
          `SELECT DISTINCT coalesce(settings ->> '$.signRequests', ?1) AS algorithm FROM connections`,
        )
        .bind(usual),
    ]),
  )
  return {
    generations: parseRows(generationRow, found?.results ?? []),
    algorithms: parseRows(algorithmRow, needed?.results ?? []).map(({ algorithm }) => algorithm),
  }
}

/** Adds generation 1 as the current one, unless there is a generation already. */
export async function addFirstGeneration(db: D1Database, now: Instant): Promise<void> {
  await fromStore('D1', 'making our first keys', () =>
    db
      .prepare(
        `INSERT INTO sp_generations (generation, state, since)
         SELECT 1, 'current', ?1 WHERE NOT EXISTS (SELECT 1 FROM sp_generations)`,
      )
      .bind(now)
      .run(),
  )
}

/** If several isolates add the same kind of key at the same time, the first one stays. */
export async function addSpKey(
  db: D1Database,
  generation: number,
  { kind, certificate, sealedPrivateKey }: StoredSpKey,
  now: Instant,
): Promise<void> {
  await fromStore('D1', 'adding a key of ours', () =>
    db
      .prepare(
        `INSERT INTO sp_keys (generation, kind, certificate, sealed_private_key, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM sp_generations WHERE generation = ?1)
         ON CONFLICT DO NOTHING`,
      )
      .bind(generation, kind, certificate, sealedPrivateKey, now)
      .run(),
  )
}

/** Replaces the sealed form of a key; the key itself stays the same. */
export async function resealSpKey(
  db: D1Database,
  before: string,
  sealedPrivateKey: string,
): Promise<void> {
  await fromStore('D1', 'sealing a key of ours anew', () =>
    db
      .prepare('UPDATE sp_keys SET sealed_private_key = ?2 WHERE sealed_private_key = ?1')
      .bind(before, sealedPrivateKey)
      .run(),
  )
}

/** Begins a rotation: adds the next generation. @returns false: there is one already. */
export async function addNextGeneration(db: D1Database, now: Instant): Promise<boolean> {
  const { meta } = await fromStore('D1', 'beginning a rotation', () =>
    db
      .prepare(
        `INSERT INTO sp_generations (generation, state, since)
         SELECT COALESCE(MAX(generation), 0) + 1, 'next', ?1 FROM sp_generations
         WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(now)
      .run(),
  )
  return meta.changes > 0
}

/**
 * The next generation becomes the current one, and the current one becomes the last. @returns
 * whether there was a next one.
 */
export const useNextGeneration = (db: D1Database, now: Instant): Promise<boolean> =>
  changeOver(db, 'next', 'last', now)

/**
 * Undoes that: the last generation becomes the current one again, and the current one becomes the
 * next. @returns whether there was a last one.
 */
export const useLastGeneration = (db: D1Database, now: Instant): Promise<boolean> =>
  changeOver(db, 'last', 'next', now)

/** In one transaction. If there is no `coming` generation, the current one stays. */
async function changeOver(
  db: D1Database,
  coming: 'next' | 'last',
  goingTo: 'next' | 'last',
  now: Instant,
): Promise<boolean> {
  const results = await fromStore('D1', 'changing over to other keys of ours', () =>
    db.batch([
      db
        .prepare(
          `UPDATE sp_generations SET state = ?1, since = ?3 WHERE state = 'current'
             AND EXISTS (SELECT 1 FROM sp_generations WHERE state = ?2)`,
        )
        .bind(goingTo, coming, now),
      db
        .prepare(`UPDATE sp_generations SET state = 'current', since = ?2 WHERE state = ?1`)
        .bind(coming, now),
    ]),
  )
  return (results[1]?.meta.changes ?? 0) > 0
}

/**
 * Removes a generation with its keys. Messages encrypted for them can no longer be decrypted.
 * @returns whether there was one.
 */
export async function removeGeneration(db: D1Database, state: 'next' | 'last'): Promise<boolean> {
  const results = await fromStore('D1', 'removing keys of ours', () =>
    db.batch([
      db
        .prepare(
          `DELETE FROM sp_keys WHERE generation IN
             (SELECT generation FROM sp_generations WHERE state = ?1)`,
        )
        .bind(state),
      db.prepare('DELETE FROM sp_generations WHERE state = ?1').bind(state),
    ]),
  )
  return (results[1]?.meta.changes ?? 0) > 0
}
