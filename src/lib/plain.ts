/**
 * Characters that a terminal obeys, that reorder what stands beside them, or that nobody sees:
 * controls, line and paragraph separators, and what Unicode calls default ignorable.
 */
export const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** A line ends in \n, or in CSV in \r\n (RFC 4180). */
const hiddenInLines = new RegExp(`(?!\\r?\\n)${hidden.source}`, 'gu')

/** Lines for a terminal: of what is hidden, only their ends are left. */
export const toPlainLines = (text: string): string => text.replace(hiddenInLines, '\ufffd')

const hiddenInJson = new RegExp(`(?!\\n)${hidden.source}`, 'gu')

/** JSON of the same value, with each hidden character as `\uXXXX`. */
export const toPlainJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).replace(hiddenInJson, escapeUnits)

/** Text in quotes, in which two that look alike are told apart: all but printable ASCII is escaped. */
export const toAsciiJson = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/g, escapeUnits)

const escapeUnits = (character: string): string =>
  character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
