/** Whose pages ours are, in gatehouse.config.ts. */
import * as v from 'valibot'
import type { Brand, LightAndDark } from '../lib/brand.ts'
import { contrastOf, nearestWith } from '../lib/contrast.ts'
import { options } from '../lib/options.ts'
import { backgrounds } from '../lib/backgrounds.ts'
import { languages } from '../lib/words/language.ts'
import { ownTextSchema } from './own-text.ts'
import { imageUrl, line } from './shown-config.ts'

/** WCAG 2.2 §1.4.3: links and buttons are text. */
const LEAST_CONTRAST = 4.5
const MOST_LOGO_LENGTH = 16_384

type Theme = keyof LightAndDark
const ends = { light: '#000000', dark: '#ffffff' } as const

/** The least contrast with what the colour stands on. The text on a button contrasts more. */
const worstOf = (colour: string, theme: Theme): number =>
  Math.min(...Object.values(backgrounds[theme]).map((each) => contrastOf(colour, each)))

const nearIn = (colour: string, theme: Theme): string =>
  nearestWith(colour, ends[theme], (each) => worstOf(each, theme) >= LEAST_CONTRAST)

const isColour = (text: string): boolean => /^#[\da-f]{6}$/i.test(text)
const colour = (theme: Theme) =>
  v.pipe(
    v.string('must be a colour such as #1f5f52'),
    v.check(isColour, 'must be a colour such as #1f5f52'),
    v.check(
      (text) => !isColour(text) || worstOf(text, theme) >= LEAST_CONTRAST,
      ({ input }) =>
        `has a contrast of ${(Math.floor(worstOf(input, theme) * 100) / 100).toFixed(2)} with the ${theme} background, and buttons and links need ${LEAST_CONTRAST}: ${nearIn(input, theme)} is near and would do`,
    ),
  )

const logo = imageUrl(MOST_LOGO_LENGTH)
const supportLink = /^(https:\/\/|mailto:[^?]+@)[\x21-\x7e]+$/
const supportProblem = 'must be a link: https://… or mailto:…'
const languageProblem = `must be a list of ${languages.join(', ')}, the one for everybody else first`

export const brandSchema = options({
  name: v.exactOptional(line(60)),
  logo: v.exactOptional(
    v.lazy((input) =>
      typeof input === 'object' ? options({ light: logo, dark: logo }) : logo,
    ) as v.GenericSchema<string | LightAndDark>,
  ),
  colours: v.exactOptional(
    options({ light: colour('light'), dark: v.exactOptional(colour('dark')) }),
  ),
  support: v.exactOptional(
    v.pipe(
      v.string(supportProblem),
      v.check(
        (text) => text.length <= 500 && supportLink.test(text) && URL.canParse(text),
        supportProblem,
      ),
    ),
  ),
  languages: v.exactOptional(
    v.pipe(
      v.tupleWithRest(
        [v.picklist(languages, languageProblem)],
        v.picklist(languages, languageProblem),
        languageProblem,
      ),
      v.check((list) => new Set(list).size === list.length, 'names a language twice'),
    ),
  ),
  words: v.optional(
    options({
      choice: v.exactOptional(ownTextSchema),
      denied: v.exactOptional(ownTextSchema),
      footer: v.exactOptional(ownTextSchema),
    }),
    {},
  ),
})

const OUR_COLOURS = { light: '#1f5f52', dark: '#6fc3ae' }

export function toBrand(brand: v.InferOutput<typeof brandSchema>): Brand {
  const { name, logo: image, colours, support, words } = brand
  return {
    name: name ?? null,
    logo:
      image === undefined
        ? null
        : typeof image === 'string'
          ? { light: image, dark: image }
          : image,
    colours: colours
      ? { light: colours.light, dark: colours.dark ?? nearIn(colours.light, 'dark') }
      : OUR_COLOURS,
    support: support ?? null,
    languages: brand.languages ?? languages,
    words: {
      choice: words.choice ?? null,
      denied: words.denied ?? null,
      footer: words.footer ?? null,
    },
  }
}
