/** The control characters, which are `\p{Cc}`: U+0000 to U+001F, and U+007F to U+009F. Written as what they are not. */
export const control = /[^ -~\xa0-\uffff]/

/**
 * A pattern that V8 reads when a text first needs it. One with `\p{…}` takes it up to half a
 * millisecond, also in code that never runs, so no such pattern stands in what a visitor waits for.
 */
export function patternOf(source: string, flags: string): () => RegExp {
  let made: RegExp | null = null
  return () => (made ??= new RegExp(source, flags))
}
