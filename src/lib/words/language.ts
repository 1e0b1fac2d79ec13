/** The languages of our pages, and the one that a browser asks for. */
export const languages = ['en', 'it', 'de', 'fr', 'es'] as const
export type Language = (typeof languages)[number]

/** In characters. A longer header counts as none. */
const MOST_OF_A_HEADER = 1000
/** RFC 9110 §12.5.4, with the language ranges of RFC 4647 §2.1 and the weights of §12.4.2. */
const range =
  /^[ \t]*([a-z]{1,8}|\*)(?:-[a-z\d]{1,8})*[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i

/**
 * The offered language that the browser likes best. A region does not matter: `de-CH` asks for
 * German. Of two with the same weight, the one that is named first.
 *
 * @param offered the first is for a browser that asks for no offered language.
 */
export function chooseLanguage(
  header: string | null,
  offered: readonly [Language, ...Language[]],
): Language {
  if (header === null || header.length > MOST_OF_A_HEADER) return offered[0]
  const asked = header
    .split(',')
    .map((each) => range.exec(each))
    .filter((each) => each !== null)
    .map(([, tag = '', weight = '1']) => ({ tag: tag.toLowerCase(), weight: Number(weight) }))
  const named = new Set(asked.map(({ tag }) => tag))
  const liked = asked.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight)
  for (const { tag } of liked) {
    // `*` stands for every language that is not named (RFC 4647 §3.3.1).
    const found = offered.find((each) => (tag === '*' ? !named.has(each) : each === tag))
    if (found) return found
  }
  return offered[0]
}
