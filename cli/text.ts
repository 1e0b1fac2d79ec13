/** How things look on a terminal. */
import type { Instant } from '../src/lib/instant.ts'

/** Columns as wide as their widest cell; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
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

/** `name: value` lines with the values under each other, whole lines of them too. */
export const fields = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  const under = `\n${' '.repeat(width)}`
  return rows
    .map(([name, value]) => `${name}:`.padEnd(width) + value.replaceAll('\n', under))
    .join('\n')
}

/** To the minute, UTC. */
export const minute = (at: Instant): string =>
  new Date(at).toISOString().slice(0, 16).replace('T', ' ') + ' UTC'

export const day = (at: Instant): string => new Date(at).toISOString().slice(0, 10)

export const count = (number: number, one: string): string =>
  `${number} ${one}${number === 1 ? '' : 's'}`

/** What came from outside may hold control characters, which a terminal obeys. */
export const plain = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '�')
