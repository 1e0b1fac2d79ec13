/**
 * Mutations that try to break something: well-formedness, namespaces, structure, signed content.
 */
import { EXC_C14N } from '../../src/saml/names.ts'
import { changeAttribute, changeTag, placeOf, shuffled, type Mutation } from './quiet.ts'
import type { Dice } from './random.ts'
import { endOf, kindOf, readTag, writeTag } from './tokens.ts'
import { TEXTS } from './texts.ts'
import { DECLARATIONS, NAMES, PREFIXES, URIS, VALUES } from './words.ts'

const putWord: Mutation = (tokens, dice) => {
  const at = dice.roll(tokens.length)
  const token = tokens[at] ?? ''
  const within = dice.roll(token.length + 1)
  tokens[at] = token.slice(0, within) + dice.pick(TEXTS) + token.slice(within)
}

const putToken: Mutation = (tokens, dice) => {
  tokens.splice(dice.roll(tokens.length + 1), 0, dice.pick(TEXTS))
}

const dropToken: Mutation = (tokens, dice) => void tokens.splice(dice.roll(tokens.length), 1)

const doubleToken: Mutation = (tokens, dice) => {
  const at = dice.roll(tokens.length)
  tokens.splice(at, 0, tokens[at] ?? '')
}

const moveToken: Mutation = (tokens, dice) => {
  const moved = tokens.splice(dice.roll(tokens.length), 1)
  tokens.splice(dice.roll(tokens.length + 1), 0, ...moved)
}

const cutText: Mutation = (tokens, dice) => {
  const at = dice.roll(tokens.length)
  const token = tokens[at] ?? ''
  const from = dice.roll(token.length)
  tokens[at] = token.slice(0, from) + token.slice(from + 1 + dice.roll(4))
}

/** A random element: the tokens from its start to its end. */
function pickElement(tokens: readonly string[], dice: Dice): { at: number; all: string[] } | null {
  const at = placeOf(tokens, dice, ['open', 'empty'])
  const end = at === null ? null : endOf(tokens, at)
  return at === null || end === null ? null : { at, all: tokens.slice(at, end) }
}

const doubleElement: Mutation = (tokens, dice) => {
  const element = pickElement(tokens, dice)
  if (element) tokens.splice(dice.roll(tokens.length + 1), 0, ...element.all)
}

const moveElement: Mutation = (tokens, dice) => {
  const element = pickElement(tokens, dice)
  if (!element) return
  tokens.splice(element.at, element.all.length)
  tokens.splice(dice.roll(tokens.length + 1), 0, ...element.all)
}

const dropElement: Mutation = (tokens, dice) => {
  const element = pickElement(tokens, dice)
  if (element) tokens.splice(element.at, element.all.length)
}

const wrapElement: Mutation = (tokens, dice) => {
  const element = pickElement(tokens, dice)
  const name = dice.pick(NAMES)
  if (element) {
    tokens.splice(element.at, element.all.length, `<${name}>`, ...element.all, `</${name}>`)
  }
}

const unwrapElement: Mutation = (tokens, dice) => {
  const element = pickElement(tokens, dice)
  if (element) tokens.splice(element.at, element.all.length, ...element.all.slice(1, -1))
}

const swapElements: Mutation = (tokens, dice) => {
  const [a, b] = [pickElement(tokens, dice), pickElement(tokens, dice)]
  if (!a || !b) return
  const [first, second] = a.at < b.at ? [a, b] : [b, a]
  if (first.at + first.all.length > second.at) return
  tokens.splice(second.at, second.all.length, ...first.all)
  tokens.splice(first.at, first.all.length, ...second.all)
}

const renameElement: Mutation = (tokens, dice) => {
  const element = pickElement(tokens, dice)
  const tag = element && readTag(element.all[0] ?? '')
  if (!element || !tag) return
  const [, local = ''] = tag.name.split(/:(.*)/)
  const name = dice.pick([dice.pick(NAMES), `${dice.pick(PREFIXES)}:${local}`, local || 'a'])
  tokens[element.at] = writeTag({ ...tag, name })
  if (element.all.length > 1 && dice.chance(0.9)) {
    tokens[element.at + element.all.length - 1] = `</${name}>`
  }
}

const renamePrefix: Mutation = (tokens, dice) => {
  const [from, to] = [dice.pick(['saml', 'samlp', 'ds', 'x', 'p']), dice.pick(PREFIXES)]
  const pattern = new RegExp(`(</?|xmlns:|\\s)${from}(?=[:=])`, 'g')
  tokens.forEach((token, at) => {
    if (kindOf(token) !== 'text') {
      tokens[at] = token.replace(pattern, (_, before: string) => before + to)
    }
  })
}

const declaration = (dice: Dice) => {
  const prefix = dice.pick(PREFIXES)
  return {
    name: prefix === '' ? 'xmlns' : `xmlns:${prefix}`,
    value: dice.pick(URIS),
    quote: dice.pick(['"', '"', "'"]),
    space: ' ',
  }
}

const addDeclaration = changeTag((tag, dice) => {
  const added = declaration(dice)
  const others = tag.attributes.filter((each) => each.name !== added.name || dice.chance(0.05))
  return { ...tag, attributes: shuffled([...others, added], dice) }
})

const dropDeclaration = changeTag((tag, dice) => {
  const kept = tag.attributes.filter((each) => !each.name.startsWith('xmlns') || dice.chance(0.5))
  return { ...tag, attributes: kept }
})

const changeDeclaration = changeTag((tag, dice) => ({
  ...tag,
  attributes: tag.attributes.map((each) =>
    each.name.startsWith('xmlns') && dice.chance(0.5) ? { ...each, value: dice.pick(URIS) } : each,
  ),
}))

const addAttribute = changeTag((tag, dice) => {
  const name = dice.pick(dice.chance(0.5) ? NAMES : PREFIXES.map((prefix) => `${prefix}:b`))
  const added = {
    name,
    value: dice.pick(VALUES),
    quote: '"',
    space: dice.pick([' ', ' ', '\n', '']),
  }
  return { ...tag, attributes: shuffled([...tag.attributes, added], dice) }
})

/**
 * Names whose order differs between UTF-16 and code points, or where one name is the beginning of
 * another.
 */
const ODD = ['a', 'aa', 'a\u{10000}', '\ufdf0', '\ufdf0a', '\u{10000}', '\u{10001}', '\u{20000}']

const oddAttributes = changeTag((tag, dice) => {
  const names = shuffled(ODD, dice).slice(0, 3)
  const uris = shuffled(['urn:x', 'urn:y', 'urn:xx'], dice)
  const added = names.flatMap((name, i) =>
    dice.chance(0.5)
      ? [`${name}=""`]
      : [`xmlns:${name}="${uris[i] ?? ''}"`, `${name}:${dice.pick(ODD)}="${i}"`],
  )
  const written = added.map((text) => {
    const [name = '', value = ''] = text.split('=')
    return { name, value: value.slice(1, -1), quote: '"', space: ' ' }
  })
  return { ...tag, attributes: shuffled([...tag.attributes, ...written], dice) }
})

const dropAttribute = changeTag((tag, dice) => {
  const at = dice.roll(tag.attributes.length + 1)
  return { ...tag, attributes: tag.attributes.filter((_, i) => i !== at) }
})

const changeValue = changeAttribute((attribute, dice) => ({
  ...attribute,
  value: dice.pick(dice.chance(0.6) ? VALUES : TEXTS).replaceAll(attribute.quote, ''),
}))

const insertInValue = changeAttribute((attribute, dice) => {
  const at = dice.roll(attribute.value.length + 1)
  const word = dice.pick(TEXTS).replaceAll(attribute.quote, '')
  return { ...attribute, value: attribute.value.slice(0, at) + word + attribute.value.slice(at) }
})

const renameAttribute = changeAttribute((attribute, dice) => ({
  ...attribute,
  name: dice.pick(NAMES),
}))

const swapValues: Mutation = (tokens, dice) => {
  const values = tokens.join('').match(/="[^"]*"/g) ?? []
  if (values.length === 0) return
  const value = dice.pick(values).slice(2, -1)
  changeAttribute((attribute) => ({ ...attribute, quote: '"', value }))(tokens, dice)
}

const prefixList: Mutation = (tokens, dice) => {
  const places = tokens.flatMap((token, at) =>
    /^<(\w+:)?(Transform|CanonicalizationMethod)\s/.test(token) ? [at] : [],
  )
  if (places.length === 0) return
  const at = dice.pick(places)
  const tag = readTag(tokens[at] ?? '')
  if (!tag) return
  const list = Array.from({ length: 1 + dice.roll(3) }, () => dice.pick(VALUES))
  const inner = `<InclusiveNamespaces xmlns="${EXC_C14N}" PrefixList="${list.join(dice.pick([' ', '\n', '  ']))}"/>`
  tokens[at] = writeTag({ ...tag, end: '>' }) + inner + (tag.end === '/>' ? `</${tag.name}>` : '')
}

const declare: Mutation = (tokens, dice) => {
  if (tokens[0]?.startsWith('<?xml') && dice.chance(0.7)) tokens[0] = dice.pick(DECLARATIONS)
  else tokens.unshift(dice.pick(DECLARATIONS))
}

const entities: Mutation = (tokens, dice) => {
  const doctype = dice.pick([
    '<!DOCTYPE a [<!ENTITY e "x">]>',
    '<!DOCTYPE a [<!ENTITY lt "x"><!ENTITY e "<b/>">]>',
    '<!DOCTYPE a [<!ATTLIST a b CDATA "c" xmlns:p CDATA "urn:x">]>',
  ])
  tokens.unshift(doctype)
  const at = placeOf(tokens, dice, ['text'])
  if (at !== null) tokens[at] += '&e;'
}

export const loud: readonly Mutation[] = [
  putWord,
  putToken,
  dropToken,
  doubleToken,
  moveToken,
  cutText,
  doubleElement,
  moveElement,
  dropElement,
  wrapElement,
  unwrapElement,
  swapElements,
  renameElement,
  renamePrefix,
  addDeclaration,
  addDeclaration,
  dropDeclaration,
  changeDeclaration,
  addAttribute,
  addAttribute,
  oddAttributes,
  dropAttribute,
  changeValue,
  insertInValue,
  renameAttribute,
  swapValues,
  prefixList,
  declare,
  entities,
]
