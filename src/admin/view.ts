/** How a result looks, for every face: sentences, named values and tables. Each face has its own shape for times. */
import type { Instant } from '../lib/instant.ts'

/** null: there is no value. */
export type Cell = string | number | null | Time

export interface Time {
  /** null: never. */
  readonly at: Instant | null
}

export type Block =
  | { readonly kind: 'sentence'; readonly text: string }
  | { readonly kind: 'values'; readonly rows: readonly (readonly [string, Cell])[] }
  | {
      readonly kind: 'table'
      readonly head: readonly string[]
      readonly rows: readonly (readonly Cell[])[]
    }

export const sentence = (text: string): Block => ({ kind: 'sentence', text })

/** One row for each item. */
export const tableOf = <T>(
  items: readonly T[],
  columns: Readonly<Record<string, (item: T) => Cell>>,
): Block => ({
  kind: 'table',
  head: Object.keys(columns),
  rows: items.map((item) => Object.values(columns).map((cellOf) => cellOf(item))),
})

export const count = (number: number, one: string): string =>
  `${number} ${one}${number === 1 ? '' : 's'}`
