/** Every page of ours in every language. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSources } from '../scripts/imports.ts'
import { languages, type Language } from '../src/lib/words/language.ts'
import { learn, say, sayCount, speechOf, type Speech } from '../src/lib/words/speech.ts'
import type { Texts } from '../src/lib/words/texts.ts'
import { goOnPage } from '../src/login/pages.ts'
import { HOME } from '../src/login/return-to.ts'
import { pagesOf } from './support/pages.ts'

/** No letter is in what operators and visitors say, so each letter of a page is ours. */
const { pages, visitIn } = pagesOf('12')
const rendered = (name: string, speech: Speech): Promise<readonly Response[]> =>
  Promise.all(pages[name]?.(visitIn(speech)) ?? [])

/** What a person sees or hears of a page. */
function textOf(page: string): string {
  const named = [...page.matchAll(/(?:aria-label|alt|placeholder|title)="([^"]*)"/g)]
  const seen = page.replace(/<(style|script)[^]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ')
  return [seen, ...named.map(([, text = '']) => text)]
    .join(' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ')
}
const textsOf = async (name: string, speech: Speech): Promise<readonly string[]> =>
  Promise.all((await rendered(name, speech)).map(async (page) => textOf(await page.text())))

const root = join(import.meta.dirname, '..', 'src')

/** Names of the functions that render a page for visitors. */
const renderers = [...readSources(root)].flatMap(([file, source]) =>
  file.endsWith('lib/page.ts')
    ? []
    : source
        .split(/^(?=(?:export )?(?:async )?(?:function|const) )/m)
        // Operators read English, as in the console.
        .filter((declared) => /renderPage\((?!forOperator\()/.test(declared))
        .map((declared) => /(?:function|const) (\w+)/.exec(declared)?.[1] ?? ''),
)

await Promise.all(languages.map(learn))

/** Every text of a catalogue, with where it stands. */
const flat = (texts: object, at = ''): readonly (readonly [string, string])[] =>
  Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${at}${key}`, value] as const] : flat(value, `${at}${key}.`),
  )
const flatIn = (language: Language) => flat(speechOf(language).texts)
const others = languages.filter((each) => each !== 'en')
const holesIn = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).toSorted()

/** A language without letters: only what is filled in can be read. */
const marked = (value: unknown): unknown =>
  typeof value === 'string'
    ? `(${holesIn(value).join(' ')})`
    : Array.isArray(value)
      ? value.map(marked)
      : Object.fromEntries(
          Object.entries(value as object).map(([key, each]) => [key, marked(each)]),
        )
const wordless = { language: 'en', texts: marked(speechOf('en').texts) as Texts } as const

/** What the runtime says in the visitor's language. */
const ofIntl =
  /Firefox|Linux|Safari|Chrome|Windows|https:|\d+ Nov 2026(?:, 12:00 UTC)?|UTC|Germany|\d+ (?:hours?|days?) ago|\d+ (?:hours|seconds)/g

describe('the catalogue', () => {
  it.each(others)('%s fills in what English does, in each text', (language) => {
    const english = flatIn('en')
    const other = flatIn(language)
    expect(other.map(([key]) => key)).toEqual(english.map(([key]) => key))
    const astray = other.filter(
      ([, text], i) => String(holesIn(text)) !== String(holesIn(english[i]?.[1] ?? '')),
    )
    expect(astray).toEqual([])
  })

  it.each(others)('%s says nothing in English', (language) => {
    const english = new Map(flatIn('en'))
    const same = flatIn(language).filter(([key, text]) => english.get(key) === text)
    // Words that are the same in both.
    const alike = ['{count} byte', '{count} bytes', 'Text', 'session', 'attributes']
    expect(same.filter(([, text]) => !alike.includes(text))).toEqual([])
  })

  it.each(languages)('%s has no text that is empty, cut or marked up', (language) => {
    expect(
      flatIn(language).filter(([, text]) => /^\s|\s$|^$|[<>&]|\.\.\.| {2}/.test(text)),
    ).toEqual([])
  })

  it('fr keeps its punctuation on the line of the word before', () => {
    expect(flatIn('fr').filter(([, text]) => / [:;?!»]|« |[^\s][?!]/.test(text))).toEqual([])
  })

  it('has every text on a page', () => {
    const source = [...readSources(root)]
      .filter(([file]) => !file.startsWith('lib/words/'))
      .map(([, each]) => each)
      .join('\n')
    const dead = Object.keys(speechOf('en').texts).filter(
      (key) => !new RegExp(`\\b${key.replace(/(One|Other)$/, '')}\\b`).test(source),
    )
    expect(dead).toEqual([])
  })
})

describe('a page', () => {
  it('is among these, whichever function makes it', () => {
    expect(renderers.toSorted()).toEqual(Object.keys(pages).toSorted())
  })

  describe.each(Object.keys(pages))('of %s', (name) => {
    it('has no text but those of the catalogue', async () => {
      for (const text of await textsOf(name, wordless)) {
        expect(text.replace(ofIntl, '').match(/\p{L}+/gu)).toBeNull()
      }
    })

    it.each(languages)('says its language: %s', async (language) => {
      for (const page of await rendered(name, speechOf(language))) {
        expect(page.headers.get('Content-Language')).toBe(language)
        expect(page.headers.get('Vary')).toMatch(/(^|, )Accept-Language$/)
        expect(await page.text()).toContain(`<html lang="${language}">`)
      }
    })

    it.each(others)('has no English in %s', async (language) => {
      const sentences = flatIn('en')
        .flatMap(([, text]) => text.split(/\{\w+\}/))
        .map((text) => text.trim())
        .filter((text) => /\S \S/.test(text))
      expect(sentences.length).toBeGreaterThan(100)
      for (const text of await textsOf(name, speechOf(language))) {
        expect(sentences.filter((sentence) => text.includes(sentence))).toEqual([])
      }
    })
  })
})

describe('numbers', () => {
  it.each([
    ['en', 'And 1 more field.', 'And 2 more fields.', 'And 0 more fields.'],
    ['it', 'E 1 altro campo.', 'E altri 2 campi.', 'E altri 0 campi.'],
    ['de', 'Und 1 weiteres Feld.', 'Und 2 weitere Felder.', 'Und 0 weitere Felder.'],
    // In French, 0 is singular.
    ['fr', 'Et 1 autre champ.', 'Et 2 autres champs.', 'Et 0 autre champ.'],
    ['es', 'Y 1 campo más.', 'Y 2 campos más.', 'Y 0 campos más.'],
  ] as const)('have the form that %s has for them', (language, one, two, none) => {
    const says = (count: number) => sayCount(speechOf(language), 'moreFields', count, { count })
    expect([says(1), says(2), says(0)]).toEqual([one, two, none])
  })
})

describe('what is filled in', () => {
  it('cannot write HTML, and no hole of a text', async () => {
    const visit = visitIn(speechOf('en'))
    const person = '<b>{site}</b>'
    const page = await (await goOnPage(visit, { person, site: '{person}', returnTo: HOME })).text()
    expect(page).toContain('You signed out of {person}.')
    expect(page).toContain('<strong>&lt;b&gt;{site}&lt;/b&gt;</strong>')
    expect(page).toContain('Continue as &lt;b&gt;{site}&lt;/b&gt;</button>')
    expect(say(visit.words(), 'continueWith', { provider: '{provider}$&' })).toBe(
      'Continue with {provider}$&',
    )
  })
})
