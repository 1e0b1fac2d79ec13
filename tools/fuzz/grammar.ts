/**
 * Small documents made from the grammar of XML 1.0, with a mistake now and then: each rule that
 * src/saml/xml/scanner.ts knows is kept in some of them and broken in others.
 */
import type { Dice } from './random.ts'
import { TEXTS } from './texts.ts'
import { DECLARATIONS, URIS } from './words.ts'

/** Deterministic: the same dice give the same document. */
export function smallDocument(dice: Dice): string {
  const parts = [
    dice.chance(0.1) ? dice.pick(['\ufeff', '\ufeff\ufeff', ' ', '\n']) : '',
    dice.chance(0.3) ? declaration(dice) : '',
    several(dice, 3, around),
    dice.chance(0.02) ? deep(dice) : element(dice, 0),
    several(dice, 3, around),
    dice.chance(0.03) ? element(dice, 4) : '',
  ]
  // UTF-8 has no half of a surrogate pair.
  const whole = parts.join('').toWellFormed()
  if (!dice.chance(0.15)) return whole
  const at = dice.roll(whole.length + 1)
  const cut = dice.chance(0.4)
    ? whole.slice(0, at)
    : whole.slice(0, at) + dice.pick(TEXTS) + whole.slice(at + dice.roll(3))
  return cut.toWellFormed()
}

/** Nearly always a right one. */
const usually = (dice: Dice, right: readonly string[], wrong: readonly string[]): string =>
  dice.pick(dice.chance(0.02) ? wrong : right)

const several = (dice: Dice, most: number, write: (dice: Dice) => string): string =>
  Array.from({ length: dice.roll(most) }, () => write(dice)).join('')

const space = (dice: Dice): string =>
  usually(dice, [' ', '\n', '\t', '\r\n', '\r', ' \n\t'], ['', '\u00a0', '\u0085', '\u2028', '\v'])
const noSpace = (dice: Dice): string => (dice.chance(0.1) ? space(dice) : '')

const NAMES_ALIKE = ['a', 'a', 'b', 'ab', 'p:a', 'p:b', 'q:a', 'xml:a']
const ODD_NAMES = [
  '_',
  'a-b.1',
  'é',
  'aé',
  'a·',
  'a\u0300',
  'a\u203f',
  '\u3001',
  '\ud7ff',
  '\uf900',
  '𐀀',
  'a𐀀',
  'a\u{effff}',
  '__proto__',
]
const WRONG_NAMES = [
  '',
  ':a',
  'a:',
  'a:b:c',
  '1',
  '-a',
  '.',
  '·',
  '×',
  'a×',
  'aé×',
  '÷',
  '\u0300',
  '\u203f',
  '\u037e',
  '\u2000',
  '\u3000',
  '\ufdd0',
  '\u{f0000}',
  'xml',
  'xmlns',
  'xmlns:a',
  'p:1',
  'none:a',
]

const name = (dice: Dice): string => usually(dice, [...NAMES_ALIKE, ...ODD_NAMES], WRONG_NAMES)

const REFERENCES = TEXTS.filter((text) => text.startsWith('&'))

const reference = (dice: Dice): string =>
  usually(
    dice,
    ['&lt;', '&gt;', '&amp;', '&quot;', '&apos;', '&#9;', '&#xA;', '&#13;', '&#65;', '&#x1F600;'],
    REFERENCES,
  )

const content = (dice: Dice): string =>
  usually(
    dice,
    ['x', '\u00e9', '😀', ' ', '\t', '\r\n', '\r', '\n', '>', ']', ']]', '-', '"'],
    TEXTS,
  )

const words = (dice: Dice): string =>
  several(dice, 4, () => (dice.chance(0.3) ? reference(dice) : content(dice)))

const comment = (dice: Dice): string =>
  `<!--${several(dice, 4, content).replaceAll('--', '')}${usually(dice, ['-->'], ['--->', '--', '', '-- >'])}`

const section = (dice: Dice): string =>
  `<![CDATA[${several(dice, 4, (each) => dice.pick([content(each), '&', '<', ']]&gt;']))}${usually(dice, [']]>', ']]]>'], [']]', ''])}`

const instruction = (dice: Dice): string =>
  `<?${dice.pick(['a', 'xml', 'XmL', 'xml-a', 'é', '', ' '])}${dice.pick(['', ' ', ' b?', '?b', '\r'])}${dice.pick(['?>', '?>', '>', ''])}`

const documentType = (dice: Dice): string =>
  dice.pick(['<!DOCTYPE a>', '<!DOCTYPE', '<!DOCTYPE a [<!ENTITY e "x">]>', '<!doctype a>', '<!D'])

const around = (dice: Dice): string => {
  if (dice.chance(0.04)) return dice.pick([instruction, documentType, section, words])(dice)
  return dice.chance(0.5) ? space(dice) : comment(dice)
}

const quoted = (dice: Dice, value: string): string => {
  const quote = usually(dice, ['"', "'"], ['', '`', '\u201c'])
  return `${quote}${quote === '' ? value : value.replaceAll(quote, '')}${usually(dice, [quote], ['', '"', "'"])}`
}

const attribute = (dice: Dice): string => {
  const key = dice.chance(0.2) ? dice.pick(['xmlns', 'xmlns:p', 'xmlns:q']) : name(dice)
  const isDeclaration = key.startsWith('xmlns')
  const value = isDeclaration ? usually(dice, ['urn:x', 'urn:y', 'u:'], URIS) : words(dice)
  return `${space(dice)}${key}${noSpace(dice)}${usually(dice, ['='], ['', '=='])}${noSpace(dice)}${quoted(dice, isDeclaration ? value : usually(dice, [value], ['<', '&']))}`
}

function element(dice: Dice, depth: number): string {
  const tag = name(dice)
  const many = dice.chance(0.01) ? 62 + dice.roll(4) : 0
  const counted = Array.from({ length: many }, (_, i) => ` c${i}=""`).join('')
  const declared = depth === 0 ? ' xmlns:p="urn:p" xmlns:q="urn:q"' : ''
  const start = `<${tag}${declared}${counted}${several(dice, 4, attribute)}${noSpace(dice)}`
  if (dice.chance(0.2)) return start + usually(dice, ['/>'], ['/', '/ >', '//>'])
  const inside = several(dice, depth > 3 ? 2 : 4, () => inner(dice, depth))
  const end = usually(dice, [tag], ['', 'a', `${tag}b`, ` ${tag}`, tag.slice(0, -1)])
  return `${start}${usually(dice, ['>'], ['', '>>', '?>'])}${inside}</${end}${noSpace(dice)}${usually(dice, ['>'], ['', '/>'])}`
}

function inner(dice: Dice, depth: number): string {
  const kind = dice.roll(100)
  if (kind < 35) return words(dice)
  if (kind < 55) return section(dice)
  if (kind < 70) return comment(dice)
  if (kind < 71) return dice.pick([instruction, documentType, declaration])(dice)
  return depth > 3 ? '<a/>' : element(dice, depth + 1)
}

/** About as deep as the limit of the reader. */
function deep(dice: Dice): string {
  const depth = 46 + dice.roll(4)
  return `${'<a>'.repeat(depth)}${words(dice)}${'</a>'.repeat(depth)}`
}

/** In words.ts are those that are wrong on purpose. */
function declaration(dice: Dice): string {
  if (dice.chance(0.3)) return dice.pick(DECLARATIONS)
  const pair = (key: string, values: readonly string[]) =>
    `${space(dice)}${key}${noSpace(dice)}=${noSpace(dice)}${quoted(dice, dice.pick(values))}`
  const version = pair('version', ['1.0', '1.0', '1.0', '1.0', '1.1', '1.', '2.0'])
  const encoding = pair('encoding', ['utf-8', 'UTF-8', 'Utf-8', 'utf8', 'UTF-16', '8', 'a!'])
  const standalone = pair('standalone', ['yes', 'no', 'yes', 'no', 'YES', ''])
  return `<?xml${version}${dice.chance(0.5) ? encoding : ''}${dice.chance(0.3) ? standalone : ''}${noSpace(dice)}${usually(dice, ['?>'], ['>', '?', '? >'])}`
}
