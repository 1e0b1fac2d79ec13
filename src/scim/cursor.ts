/** Cursors (RFC 9865): where the next page of this very query begins. */
import { encodeBase64Url, sha256, utf8 } from '../lib/bytes.ts'
import { ok, type Result } from '../lib/result.ts'
import { refuse, type ScimError } from './error.ts'
import type { ListQuery } from './query.ts'

export interface Cursor {
  /**
   * `after`: begin after the resource with this place in the list. `offset`: skip this many
   * resources.
   */
  readonly kind: 'after' | 'offset'
  readonly at: number
}

/** null: the client pages by index. */
export async function readCursor(
  kind: string,
  query: ListQuery,
): Promise<Result<Cursor | null, ScimError>> {
  if (query.cursor === null) return ok(null)
  if (query.cursor === '') return ok({ kind: query.sortBy === null ? 'after' : 'offset', at: 0 })
  const [, letter, digits, mark] = /^([ao])(\d{1,15})-([A-Za-z0-9_-]{11})$/.exec(query.cursor) ?? []
  if (mark === undefined || mark !== (await markOf(kind, query))) {
    return refuse('invalidCursor', 'The cursor belongs to another query, or is invalid.')
  }
  return ok({ kind: letter === 'a' ? 'after' : 'offset', at: Number(digits) })
}

export async function toCursor(kind: string, query: ListQuery, cursor: Cursor): Promise<string> {
  return `${cursor.kind === 'after' ? 'a' : 'o'}${cursor.at}-${await markOf(kind, query)}`
}

/**
 * Binds a cursor to its query. It is no secret: a client that forges a cursor reads only what its
 * token allows anyway.
 */
async function markOf(kind: string, { filter, sortBy, isDescending }: ListQuery): Promise<string> {
  const question = JSON.stringify([kind, filter, sortBy, isDescending])
  return encodeBase64Url((await sha256(utf8(question))).subarray(0, 8))
}
