/**
 * Characters that control a terminal, reorder the text around them or are invisible: control
 * characters, line and paragraph separators, and Unicode's default ignorable characters.
 */
export const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Line ends stay: \n, and \r\n in CSV (RFC 4180). */
const hiddenInLines = new RegExp(`(?!\\r?\\n)${hidden.source}`, 'gu')

/** Text for a terminal: every hidden character except line ends becomes U+FFFD. */
export const toPlainLines = (text: string): string => text.replace(hiddenInLines, '\ufffd')

const hiddenInJson = new RegExp(`(?!\\n)${hidden.source}`, 'gu')

/** JSON with each hidden character escaped as `\uXXXX`; it parses to the same value. */
export const toPlainJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).replace(hiddenInJson, escapeUnits)

/**
 * Quoted text in which look-alike characters can be told apart: everything except printable ASCII
 * is escaped.
 */
export const toAsciiJson = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/g, escapeUnits)

const escapeUnits = (character: string): string =>
  character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
