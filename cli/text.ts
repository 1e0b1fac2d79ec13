/** How things look on a terminal. */
import type { Instant } from '../src/lib/instant.ts'
import { toPlainLine } from '../src/lib/plain.ts'

/** Columns as wide as their widest cell; the first row is the head. A cell is one line. */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(plain))
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** `name: value` lines with aligned values. A value is one line, or a list of lines. */
export const fields = (
  rows: readonly (readonly [string, string | readonly string[]])[],
): string => {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  const under = `\n${' '.repeat(width)}`
  return rows
    .map(([name, value]) => `${name}:`.padEnd(width) + [value].flat().map(plain).join(under))
    .join('\n')
}

/** To the minute, UTC. */
export const minute = (at: Instant): string =>
  new Date(at).toISOString().slice(0, 16).replace('T', ' ') + ' UTC'

export const day = (at: Instant): string => new Date(at).toISOString().slice(0, 10)

/** Text from outside, made safe as a part of one line. */
export const plain = toPlainLine
