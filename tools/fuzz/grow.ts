/** Mutations that make a document large, to find inputs that are expensive per byte. */
import { EXC_C14N } from '../../src/saml/names.ts'
import { placeOf, type Mutation } from './quiet.ts'
import type { Dice } from './random.ts'
import { endOf, readTag, writeTag } from './tokens.ts'

const many = (count: number, write: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => write(i)).join('')

/** A number from 400 to 8,000, distributed evenly on a logarithmic scale. */
const times = (dice: Dice): number => Math.floor(400 * 20 ** (dice.roll(1000) / 1000))

const inText =
  (write: (dice: Dice) => string): Mutation =>
  (tokens, dice) => {
    const at = placeOf(tokens, dice, ['text', 'open'])
    if (at !== null) tokens.splice(at + 1, 0, write(dice))
  }

const unit = (dice: Dice): string =>
  dice.pick([
    '<a/>',
    '<a></a>',
    'x',
    '&amp;',
    '&#65;',
    '<![CDATA[x]]>',
    '<!---->',
    '\r\n',
    ']',
    '>',
    '<a b="c"/>',
    '<a xmlns:b="c:"/>',
    '<a xmlns="c:"/>',
    '<b:a xmlns:b="c:" b:c=""/>',
    '<a ID="x"/>',
    'x<a/>',
    '😀',
    ' ',
  ])

/** As many attributes as an element may have, or fewer; with other names at each depth. */
const attributes = (dice: Dice): ((depth: number) => string) => {
  const write = dice.pick([
    (name: string) => ` a${name}=""`,
    (name: string) => ` xmlns:n${name}="n:${name}"`,
    (name: string) => ` xmlns:n${name}="n:" n${name}:a=""`,
    (name: string) => ` a${name}="&lt;"`,
  ])
  const count = dice.pick([5, 30, 60])
  return (depth) => many(count, (i) => write(`${depth}-${i}`))
}

const repeatedElement: Mutation = (tokens, dice) => {
  const at = placeOf(tokens, dice, ['open', 'empty'])
  const end = at === null ? null : endOf(tokens, at)
  if (at === null || end === null) return
  const element = tokens.slice(at, end).join('')
  const most = Math.ceil(300_000 / element.length)
  tokens.splice(at, 0, element.repeat(Math.min(times(dice), most)))
}

const nested = inText((dice) => {
  const depth = dice.pick([10, 20, 36, 200])
  const inside = dice.pick(['', unit(dice), '<a xmlns:b="c:"/>', '<b:a xmlns:b="c:" b:c=""/>'])
  const written = attributes(dice)
  const start = many(depth, (i) => `<a${written(i)}>`)
  return start + inside.repeat(times(dice)) + '</a>'.repeat(depth)
})

const longValue: Mutation = (tokens, dice) => {
  const at = placeOf(tokens, dice, ['open', 'empty'])
  const tag = at === null ? null : readTag(tokens[at] ?? '')
  if (at === null || !tag) return
  const value = dice.pick(['x', '&lt;', '&#10;', '\n', '"', 'x ']).repeat(times(dice))
  const added = { name: 'long', value, quote: "'", space: ' ' }
  tokens[at] = writeTag({ ...tag, attributes: [...tag.attributes, added] })
}

const longPrefixList: Mutation = (tokens, dice) => {
  const places = tokens.flatMap((token, at) =>
    /^<(\w+:)?(Transform|CanonicalizationMethod)\s.*exc-c14n/.test(token) ? [at] : [],
  )
  const at = places.length > 0 ? dice.pick(places) : -1
  const tag = readTag(tokens[at] ?? '')
  if (!tag) return
  const list = many(times(dice) * 4, dice.pick([() => 'xs ', (i: number) => `p${i} `]))
  const inner = `<InclusiveNamespaces xmlns="${EXC_C14N}" PrefixList="${list}"/>`
  tokens[at] = writeTag({ ...tag, end: '>' }) + inner + (tag.end === '/>' ? `</${tag.name}>` : '')
}

const manyAttributes: Mutation = (tokens, dice) => {
  const at = placeOf(tokens, dice, ['open', 'empty'])
  if (at !== null)
    tokens[at] = (tokens[at] ?? '').replace(/\/?>$/, (end) => attributes(dice)(0) + end)
}

const ways: readonly Mutation[] = [
  inText((dice) => unit(dice).repeat(times(dice))),
  inText((dice) => `<!--${'x'.repeat(times(dice) * 10)}-->`),
  repeatedElement,
  nested,
  longValue,
  longPrefixList,
  longPrefixList,
  manyAttributes,
]

export const grow: Mutation = (tokens, dice) => dice.pick(ways)(tokens, dice)
