/** The place in a list that the address of a page asks for. */
import type { Fields, Given } from '../admin/field.ts'
import { cursorField } from '../admin/page.ts'
import { linkTo } from './ui.tsx'

/** null: not given, or empty. */
export const textIn = (query: URLSearchParams, name: string): string | null =>
  query.get(name)?.trim() || null

/** null: the first page, also where the cursor is none of this list. */
export function placeIn(query: URLSearchParams, parts: number): readonly string[] | null {
  const cursor = textIn(query, 'cursor')
  const read = cursorField(parts).parse(cursor === null ? [] : [cursor])
  return read.ok ? read.value : null
}

/** The address of the next page, with the same filters; null: this is the last. */
export function nextOf(path: string, query: URLSearchParams, next: string | null): string | null {
  if (next === null) return null
  const onward = new URLSearchParams(query)
  onward.set('cursor', next)
  return `${linkTo(path)}?${onward.toString()}`
}

/** So many have room in a page of 50 KB. */
const MOST_SHOWN = 25

/** A page of a list that is read whole. The cursor says how many items are before it. */
export function partOf<T>(
  items: readonly T[],
  path: string,
  query: URLSearchParams,
): { readonly shown: readonly T[]; readonly next: string | null } {
  const from = Number(/^\d{1,4}$/.exec(textIn(query, 'cursor') ?? '')?.[0] ?? 0)
  const to = from + MOST_SHOWN
  const next = to < items.length ? nextOf(path, query, String(to)) : null
  return { shown: items.slice(from, to), next }
}

/** What the address of a page says of the fields of an operation. An empty value is none. */
export const givenIn = (query: URLSearchParams, fields: Fields): Given =>
  new Map(
    Object.keys(fields).flatMap((name) => {
      const values = query.getAll(name).filter((value) => value.trim() !== '')
      return values.length > 0 ? [[name, values] as const] : []
    }),
  )
