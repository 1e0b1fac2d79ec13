/**
 * Runs in the process of wrangler, before wrangler itself. wrangler prints a table with a row for
 * each module: some 250 lines, which push a warning out of sight. It has no setting for this. The
 * message that is this table, and nothing else, becomes its last row. All others pass as they are.
 */
import { stripVTControlCharacters } from 'node:util'

const print = console.log
console.log = (...said: readonly unknown[]): void => print(...said.map(shorten))

function shorten(message: unknown): unknown {
  if (typeof message !== 'string') return message
  const lines = stripVTControlCharacters(message).trim().split('\n')
  const isTable =
    lines.every((line) => /^[┌├│└]/.test(line)) && /^│ Name .*│ Type .*│ Size /.test(lines[1] ?? '')
  const [, modules, size] =
    /^│ Total \((\d+ modules?)\) *│ *│ ([\d.]+ KiB) /.exec(lines.at(-2) ?? '') ?? []
  return isTable && modules !== undefined ? `${modules}, ${size}` : message
}
