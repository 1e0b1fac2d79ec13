import { patternOf } from './pattern.ts'

/**
 * Characters that control a terminal, reorder the text around them or are invisible: control
 * characters, line and paragraph separators, and Unicode's default ignorable characters.
 */
const HIDDEN = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`
const hidden = patternOf(HIDDEN, 'gu')
/** Line ends stay: \n, and \r\n in CSV (RFC 4180). */
const hiddenInLines = patternOf(String.raw`(?!\r?\n)${HIDDEN}`, 'gu')
const hiddenInJson = patternOf(String.raw`(?!\n)${HIDDEN}`, 'gu')

/** Printable ASCII, as most texts are: nothing in it is hidden. */
const isAscii = (text: string): boolean => /^[ -~]*$/.test(text)
/** The same, in lines. */
const areAscii = (lines: string): boolean => /^[\n -~]*$/.test(lines)

/** Whether the text has a hidden character; a line end is one. */
export const hasHidden = (text: string): boolean => !isAscii(text) && text.search(hidden()) >= 0

/** Text for one line: every hidden character, line ends too, becomes U+FFFD. */
export const toPlainLine = (text: string): string =>
  isAscii(text) ? text : text.replace(hidden(), '\ufffd')

/** Text for a terminal: every hidden character except line ends becomes U+FFFD. */
export const toPlainLines = (text: string): string =>
  areAscii(text) ? text : text.replace(hiddenInLines(), '\ufffd')

/** JSON with each hidden character escaped as `\uXXXX`; it parses to the same value. */
export function toPlainJson(value: unknown, indent = 0): string {
  const json = JSON.stringify(value, null, indent)
  return areAscii(json) ? json : json.replace(hiddenInJson(), escapeUnits)
}

/**
 * Quoted text in which look-alike characters can be told apart: everything except printable ASCII
 * is escaped.
 */
export const toAsciiJson = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/g, escapeUnits)

const escapeUnits = (character: string): string =>
  character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
