/** How our pages speak to the visitor of one request. The texts load when the first page is shown. */
import type { Brand, Words } from './brand.ts'
import { onDemand } from './part.ts'

export interface Speaking {
  /**
   * Loads the texts in the visitor's language; if that language does not load, the English ones.
   *
   * @throws PartUnavailable if no texts load.
   */
  readonly learn: () => Promise<void>
  /** @throws if nothing was learnt. */
  readonly words: () => Words
}

const findTexts = onDemand('texts', () => import('./brand.ts'))

export function speakingTo(request: Request, brand: Brand): Speaking {
  let words: Words | null = null
  return {
    async learn() {
      const { learnFor, wordsFor } = await findTexts()
      await learnFor(request, brand)
      words = wordsFor(request, brand)
    },
    words() {
      if (!words) throw new Error('a page is shown before its texts are learnt')
      return words
    },
  }
}
