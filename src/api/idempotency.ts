/**
 * Requests with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): a request that is
 * sent again gets the first answer again, a new token in it included, and nothing is done twice.
 */
import * as v from 'valibot'
import { decodeUtf8, hashText, utf8 } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Problem } from '../lib/problem.ts'
import type { DailySealer } from '../lib/seal.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { claimKey, releaseKey, saveAnswer, type Attempt } from './idempotency-store.ts'
import { answerLost, malformedKey, otherRequest, tooManyKeys, underWay } from './problems.ts'

export const ANSWERS_PURPOSE = 'idempotent answers'

/** An answer as it is kept. */
export type Told = v.InferOutput<typeof toldShape>
const toldShape = v.object({
  status: v.number(),
  type: v.string(),
  headers: v.record(v.string(), v.string()),
  body: v.string(),
})

export interface Repeatable {
  /** The id of the token: the keys of one token are no keys of another. */
  readonly token: string
  readonly key: string
  /** What is asked for, in full. */
  readonly request: string
}

interface Deps {
  readonly db: D1Database
  readonly sealer: DailySealer
  readonly newId: () => string
  readonly now: Instant
}

/** A string of RFC 8941 §3.3.3 without escapes. Clients also send the bare text. null: neither. */
export function parseKey(header: string): Result<string, Problem> {
  const [, quoted, bare] = /^(?:"([ !#-[\]-~]{1,255})"|([!#-+\--[\]-~]{1,255}))$/.exec(header) ?? []
  const key = quoted ?? bare
  return key === undefined ? malformedKey : ok(key)
}

export async function answerOnce(
  { db, sealer, newId, now }: Deps,
  { token, key, request }: Repeatable,
  work: () => Promise<Result<Told, Problem>>,
): Promise<Result<Told, Problem>> {
  const attempt: Attempt = {
    id: await hashText(`${token} ${key}`),
    token,
    request: await hashText(request),
    claim: newId(),
  }
  const kept = await claimKey(db, attempt, now)
  if (!kept) return tooManyKeys
  if (kept.request !== attempt.request) return otherRequest
  if (kept.claim !== attempt.claim) {
    return kept.answer === null ? underWay : readAgain(sealer, kept.answer, attempt.id, now)
  }
  let told: Result<Told, Problem> | null = null
  try {
    told = await work()
  } finally {
    // Nothing was done, or nobody knows: the next request with this key tries again.
    if (!told?.ok) await releaseKey(db, attempt)
  }
  if (!told.ok) return told
  const text = JSON.stringify(told.value)
  // An answer that is too long is not kept, but the key stays used.
  const sealed = text.length > MOST_KEPT ? '' : await sealer.seal(utf8(text), attempt.id, now)
  try {
    await saveAnswer(db, attempt, sealed)
  } catch (error) {
    // The client has its answer all the same. Until the claim ends, the key counts as under way.
    if (!(error instanceof StoreUnavailable)) throw error
  }
  return told
}

const MOST_KEPT = 48 * 1024

async function readAgain(
  sealer: DailySealer,
  sealed: string,
  id: string,
  now: Instant,
): Promise<Result<Told, Problem>> {
  // Not ours: GATEHOUSE_SECRET was changed since.
  const opened = await sealer.open(sealed, id, now)
  const text = opened.ok ? decodeUtf8(opened.value) : err('not-ours')
  if (!text.ok) return answerLost
  const told = v.parse(toldShape, JSON.parse(text.value))
  return ok({ ...told, headers: { ...told.headers, 'Idempotent-Replayed': 'true' } })
}
