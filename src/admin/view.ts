/** How a result looks, for every face: sentences, named values and tables. Each face has its own shape for times. */
import type { Instant } from '../lib/instant.ts'
import type { Typed } from './field.ts'

/** null: there is no value. */
export type Cell = string | number | null | Time

export interface Time {
  /** null: never. */
  readonly at: Instant | null
}

export type Block =
  /** With the operation that comes next, if there is one. */
  | { readonly kind: 'sentence'; readonly text: string; readonly see?: See }
  /** To be shown as they are, in letters of one width. */
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'values'; readonly rows: readonly (readonly [string, Cell])[] }
  | {
      readonly kind: 'table'
      readonly head: readonly string[]
      readonly rows: readonly (readonly Cell[])[]
    }

/** An operation that helps, and the field that it asks for. */
export interface See {
  readonly operation: string
  readonly asks: string | null
  /** What is known already. */
  readonly input?: Typed
}

export const sentence = (text: string, see: See | null = null): Block => ({
  kind: 'sentence',
  text,
  ...(see === null ? {} : { see }),
})

/** One row for each item. */
export const tableOf = <T>(
  items: readonly T[],
  columns: Readonly<Record<string, (item: T) => Cell>>,
): Block => ({
  kind: 'table',
  head: Object.keys(columns),
  rows: items.map((item) => Object.values(columns).map((cellOf) => cellOf(item))),
})

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`
