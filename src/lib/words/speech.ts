/** The texts of our pages in the visitor's language. */
import { html } from 'hono/html'
import type { Html } from '../html.ts'
import { toPlainJson } from '../plain.ts'
import { en } from './en.ts'
import type { Language } from './language.ts'
import type { Texts } from './texts.ts'

export interface Speech {
  readonly language: Language
  readonly texts: Texts
}

/** For programs, the audit and the command line. */
export const english: Speech = { language: 'en', texts: en }

const load: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Texts>>> = {
  it: async () => (await import('./it.ts')).it,
  de: async () => (await import('./de.ts')).de,
  fr: async () => (await import('./fr.ts')).fr,
  es: async () => (await import('./es.ts')).es,
}
/** What this isolate has learnt. */
const catalogue: Partial<Record<Language, Texts>> = { en }

/** Loads the texts of a language. If that fails, pages are in English. */
export async function learn(language: Language): Promise<void> {
  if (language === 'en' || catalogue[language]) return
  try {
    catalogue[language] = await load[language]()
  } catch {
    console.error(toPlainJson({ fault: `the texts of the language ${language} do not load` }))
  }
}

/** The language must have been learnt. */
export function speechOf(language: Language): Speech {
  const texts = catalogue[language]
  return texts ? { language, texts } : english
}

type TextKey = {
  [K in keyof typeof en]: (typeof en)[K] extends string ? K : never
}[keyof typeof en]
/** The names in braces. */
type NamesIn<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never
type PartsOf<K extends TextKey, Part> = Readonly<Record<NamesIn<(typeof en)[K]>, Part>>

/** A text of the catalogue with its parts filled in. */
export const say = <K extends TextKey>(
  { texts }: Speech,
  key: K,
  parts: PartsOf<K, string | number>,
): string => pieces(texts[key], parts).join('')

/** The same, with parts that are HTML. */
export const sayHtml = <K extends TextKey>(
  { texts }: Speech,
  key: K,
  parts: PartsOf<K, string | Html>,
): Html => html`${pieces(texts[key], parts)}`

const pieces = <Part>(
  text: string,
  parts: Readonly<Record<string, Part>>,
): readonly (string | Part)[] =>
  text.split(/\{(\w+)\}/).map((piece, i) => (i % 2 === 0 ? piece : (parts[piece] ?? '')))

/** Texts with a form for one thing (`…One`) and a form for other numbers (`…Other`). */
type Counted = 'bytes' | 'found' | 'moreFields'

export function sayCount<B extends Counted>(
  { language, texts }: Speech,
  base: B,
  count: number,
  parts: PartsOf<`${B}Other`, string | number>,
): string {
  const isOne = new Intl.PluralRules(language).select(count) === 'one'
  const key: `${Counted}One` | `${Counted}Other` = isOne ? `${base}One` : `${base}Other`
  return pieces(texts[key], parts).join('')
}
