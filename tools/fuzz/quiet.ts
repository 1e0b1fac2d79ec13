/** Mutations that should not change the canonical form, or not the signed content. */
import type { Dice } from './random.ts'
import { kindOf, readTag, writeTag, type Attribute, type Tag } from './tokens.ts'

export type Mutation = (tokens: string[], dice: Dice) => void

const SPACES = [' ', '  ', '\n', '\t', '\r\n', '\r', ' \n\t']

/** A random position of a token of these kinds; null: none was found. */
export function placeOf(
  tokens: readonly string[],
  dice: Dice,
  kinds: readonly string[],
): number | null {
  for (let tries = 0; tries < 20; tries++) {
    const at = dice.roll(tokens.length)
    if (kinds.includes(kindOf(tokens[at] ?? ''))) return at
  }
  return null
}

export const changeTag =
  (change: (tag: Tag, dice: Dice) => Tag | null): Mutation =>
  (tokens, dice) => {
    const at = placeOf(tokens, dice, ['open', 'empty'])
    const tag = at === null ? null : readTag(tokens[at] ?? '')
    const changed = tag && change(tag, dice)
    if (at !== null && changed) tokens[at] = writeTag(changed)
  }

export const changeAttribute = (
  change: (attribute: Attribute, dice: Dice) => Attribute,
): Mutation =>
  changeTag((tag, dice) => {
    if (tag.attributes.length === 0) return null
    const at = dice.roll(tag.attributes.length)
    const attributes = tag.attributes.map((each, i) => (i === at ? change(each, dice) : each))
    return { ...tag, attributes }
  })

const changeText =
  (change: (text: string, at: number, dice: Dice) => string): Mutation =>
  (tokens, dice) => {
    const at = placeOf(tokens, dice, ['text'])
    const text = at === null ? undefined : tokens[at]
    if (at === null || text === undefined) return
    tokens[at] = change(text, dice.roll(text.length + 1), dice)
  }

export function shuffled<T>(list: readonly T[], dice: Dice): T[] {
  const left = [...list]
  return list.map(() => left.splice(dice.roll(left.length), 1)).flat()
}

const shuffleAttributes = changeTag((tag, dice) => ({
  ...tag,
  attributes: shuffled(tag.attributes, dice).map((each) => ({ ...each, space: ' ' })),
}))

const spaceInTag = changeTag((tag, dice) => ({
  ...tag,
  attributes: tag.attributes.map((each) => ({ ...each, space: dice.pick(SPACES) })),
}))

const spaceBeforeEnd: Mutation = (tokens, dice) => {
  const at = placeOf(tokens, dice, ['open', 'close', 'empty'])
  if (at === null) return
  tokens[at] = (tokens[at] ?? '').replace(/(\/?>)$/, (end) => dice.pick(SPACES) + end)
}

const otherQuotes = changeAttribute((attribute) => {
  const quote = attribute.quote === '"' ? "'" : '"'
  return {
    ...attribute,
    quote,
    value: attribute.value.replaceAll(quote, quote === '"' ? '&quot;' : '&apos;'),
  }
})

const emptyForms: Mutation = (tokens, dice) => {
  const at = placeOf(tokens, dice, ['open', 'empty'])
  const tag = at === null ? null : readTag(tokens[at] ?? '')
  if (at === null || !tag) return
  if (tag.end === '/>') {
    tokens.splice(at, 1, writeTag({ ...tag, end: '>' }), `</${tag.name}>`)
  } else if (kindOf(tokens[at + 1] ?? '') === 'close') {
    tokens.splice(at, 2, writeTag({ ...tag, end: '/>' }))
  }
}

function asReference(text: string, at: number, dice: Dice): string {
  const before = text.slice(0, at)
  // Does not split an existing reference.
  if (/&[^;]*$/.test(before)) return text
  const code = text.codePointAt(at)
  if (code === undefined || code === 0x26 || (code >= 0xdc00 && code <= 0xdfff)) return text
  const zeros = '0'.repeat(dice.roll(4))
  const hex = code.toString(16)
  const reference = dice.pick([
    `&#${zeros}${code};`,
    `&#x${zeros}${hex};`,
    `&#x${zeros}${hex.toUpperCase()};`,
  ])
  return before + reference + text.slice(at + (code > 0xffff ? 2 : 1))
}

const referenceInText = changeText(asReference)
const referenceInValue = changeAttribute((attribute, dice) => ({
  ...attribute,
  value: asReference(attribute.value, dice.roll(attribute.value.length + 1), dice),
}))

const cdata = changeText((text, at, dice) => {
  const end = at + dice.roll(12)
  const inner = text.slice(at, end)
  return /[&\]]/.test(inner) ? text : `${text.slice(0, at)}<![CDATA[${inner}]]>${text.slice(end)}`
})

const comment: Mutation = (tokens, dice) => {
  const text = dice.pick(['<!---->', '<!-- x -->', '<!--<a>&-->', '<!--\r\n-->'])
  const at = placeOf(tokens, dice, ['text'])
  if (at === null || dice.chance(0.3)) {
    tokens.splice(1 + dice.roll(tokens.length), 0, text)
    return
  }
  const around = tokens[at] ?? ''
  const within = dice.roll(around.length + 1)
  if (!/&[^;]*$/.test(around.slice(0, within))) {
    tokens[at] = around.slice(0, within) + text + around.slice(within)
  }
}

const lineEnds: Mutation = (tokens, dice) => {
  const end = dice.pick(['\r\n', '\r'])
  tokens.forEach((token, at) => (tokens[at] = token.replaceAll('\n', end)))
}

const unusedNamespace = changeTag((tag, dice) => {
  const name = dice.pick(['xmlns:un', 'xmlns:xs', 'xmlns:aa', 'xmlns:__proto__'])
  if (tag.attributes.some((each) => each.name === name)) return null
  const added = { name, value: dice.pick(['urn:x', 'urn:y', 'u:']), quote: '"', space: ' ' }
  return { ...tag, attributes: [...tag.attributes, added] }
})

const spaceInBase64: Mutation = (tokens, dice) => {
  const found = tokens.findIndex(
    (token, at) => /(SignatureValue|X509Certificate)[\s>]/.test(token) && dice.chance(0.6) && at,
  )
  const text = tokens[found + 1]
  if (found < 0 || text === undefined || kindOf(text) !== 'text') return
  const at = dice.roll(text.length + 1)
  tokens[found + 1] = text.slice(0, at) + dice.pick(['\n', ' ', '\t', '\r\n']) + text.slice(at)
}

const around: Mutation = (tokens, dice) => {
  if (dice.chance(0.5)) tokens.push(dice.pick(['\n', ' ', '<!-- x -->', '<!---->\n']))
  else if (!/^(\ufeff|<\?)/.test(tokens[0] ?? '')) {
    tokens.unshift(dice.pick(['\ufeff', '<?xml version="1.0"?>\n', '<!-- x -->', '\n']))
  }
}

export const quiet: readonly Mutation[] = [
  shuffleAttributes,
  spaceInTag,
  spaceBeforeEnd,
  otherQuotes,
  emptyForms,
  referenceInText,
  referenceInValue,
  cdata,
  comment,
  lineEnds,
  unusedNamespace,
  spaceInBase64,
  around,
]
