/**
 * Folds case for comparisons. The fold of a substring is a substring of the fold, so that
 * `contains` works on folded text: final sigma is therefore mapped to plain sigma. (SQLite's
 * `lower()` folds ASCII only.)
 */
export const fold = (text: string): string => text.replaceAll('Σ', 'σ').toLowerCase()

/**
 * Lower-cases ASCII only. Use it to compare user identifiers: `fold` would make the Kelvin sign
 * equal to K.
 */
export const lowerAscii = (text: string): string =>
  text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/**
 * Compares by code point. That is the order of UTF-8, and so of SQLite; it is not the order of
 * UTF-16.
 */
export function comparePoints(a: string, b: string): number {
  let at = 0
  for (;;) {
    const [x, y] = [a.codePointAt(at) ?? -1, b.codePointAt(at) ?? -1]
    if (x !== y || x < 0) return x - y
    at += x > 0xffff ? 2 : 1
  }
}
