/** A text of the operator on our pages, in gatehouse.config.ts. */
import * as v from 'valibot'
import type { Brand, OwnText } from '../lib/brand.ts'
import { options } from '../lib/options.ts'
import type { Language } from '../lib/words/language.ts'

const problem = 'must be text of at most 300 characters, such as ask #it-help'
export const sentence = v.pipe(
  v.string(problem),
  v.check((text) => text.trim() !== '' && text.length <= 300, problem),
)

const one = v.exactOptional(sentence)
const eachLanguage = options({ en: one, it: one, de: one, fr: one, es: one })

/** One text for everybody, or `{ en: '…', de: '…' }`. */
export const ownTextSchema = v.lazy((input) =>
  typeof input === 'object' ? eachLanguage : sentence,
) as v.GenericSchema<OwnText>

/** The languages of our pages that the text does not have. */
export const missingIn = (text: OwnText | null, { languages }: Brand): readonly Language[] =>
  typeof text === 'object' && text !== null
    ? languages.filter((each) => text[each] === undefined)
    : []
