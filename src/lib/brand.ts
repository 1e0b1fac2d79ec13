/** Whose pages they are. */
import { chooseLanguage, type Language } from './words/language.ts'
import { learn, speechOf, type Speech } from './words/speech.ts'

/** A text of the operator: the same for all, or one for each language. */
export type OwnText = string | Readonly<Partial<Record<Language, string>>>

export interface Brand {
  /** null: none. */
  readonly name: string | null
  /** Images as data: URLs; null: none. */
  readonly logo: LightAndDark | null
  /** The colour of buttons and links, as `#rrggbb`. */
  readonly colours: LightAndDark
  /** Where a visitor finds help: https: or mailto:; null: nowhere. */
  readonly support: string | null
  /** The languages of our pages. The first is for a browser that asks for none of them. */
  readonly languages: readonly [Language, ...Language[]]
  readonly words: {
    /** Above the ways to sign in. */
    readonly choice: OwnText | null
    /** What to do next, for a person without access, where their site does not say it. */
    readonly denied: OwnText | null
    /** In place of "Protected by Gatehouse". */
    readonly footer: OwnText | null
  }
}

export interface LightAndDark {
  readonly light: string
  readonly dark: string
}

/** How our pages speak to one visitor. */
export interface Words extends Speech {
  readonly brand: Brand
}

export const wordsFor = (request: Request, brand: Brand): Words => ({
  ...speechOf(languageFor(request, brand)),
  brand,
})

/** Loads the texts that `wordsFor` gives. Until then they are in English. */
export const learnFor = (request: Request, brand: Brand): Promise<void> =>
  learn(languageFor(request, brand))

const languageFor = ({ headers }: Request, { languages }: Brand): Language =>
  chooseLanguage(headers.get('Accept-Language'), languages)

/** null: the operator says nothing in this language. */
export const ownText = (text: OwnText | null, { language }: Speech): string | null =>
  typeof text === 'string' ? text : (text?.[language] ?? null)
