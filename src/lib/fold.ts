/**
 * Text as it is compared where case does not count. Character by character, so that the fold of a
 * part is a part of the fold: hence no final sigma. SQLite's `lower()` knows ASCII only.
 */
export const fold = (text: string): string => text.replaceAll('Σ', 'σ').toLowerCase()

/**
 * ASCII only: what decides who somebody is must not take the Kelvin sign for a K, as `fold` does.
 */
export const lowerAscii = (text: string): string =>
  text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** In the order of code points, which is that of UTF-8 and so of SQLite, not that of UTF-16. */
export function comparePoints(a: string, b: string): number {
  let at = 0
  for (;;) {
    const [x, y] = [a.codePointAt(at) ?? -1, b.codePointAt(at) ?? -1]
    if (x !== y || x < 0) return x - y
    at += x > 0xffff ? 2 : 1
  }
}
