/** Pages of a list. A cursor is the place of the last item of a page, in the order of the list. */
import * as v from 'valibot'
import { decodeBase64Url, decodeUtf8, encodeBase64Url, utf8 } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { oneValue, type Field } from './field.ts'

const MOST_CURSOR = 4000

/** @param parts how many texts name a place in the list. */
export const cursorField = (parts: number): Field<readonly string[] | null> =>
  oneValue(
    {
      meaning: 'where the page begins, as the page before it said',
      placeholder: 'cursor',
      isRequired: false,
      schema: { type: 'string', maxLength: MOST_CURSOR },
    },
    (given) => {
      if (given === null) return ok(null)
      const place = given.length > MOST_CURSOR ? null : readPlace(given, parts)
      return place?.ok ? place : err('is not a cursor of this list: take the one that a page gave')
    },
  )

function readPlace(cursor: string, parts: number): Result<readonly string[], 'not-a-place'> {
  const bytes = decodeBase64Url(cursor)
  const text = bytes.ok ? decodeUtf8(bytes.value) : bytes
  const schema = v.pipe(v.string(), v.parseJson(), v.array(v.string()), v.length(parts))
  const place = v.safeParse(schema, text.ok ? text.value : '')
  return place.success ? ok(place.output) : err('not-a-place')
}

export interface Page<T> {
  readonly items: readonly T[]
  /** null: it is the last page. */
  readonly next: string | null
}

/** @param read reads so many items, if there are. One more than the limit tells whether a page follows. */
export async function readPage<T>(
  limit: number,
  placeOf: (item: T) => readonly string[],
  read: (limit: number) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const found = await read(limit + 1)
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const next =
    found.length > limit && last !== undefined
      ? encodeBase64Url(utf8(JSON.stringify(placeOf(last))))
      : null
  return { items, next }
}
