/** XML as a list of tokens. Reads leniently, because mutants may be malformed. */

/**
 * Splits into tags, comments, CDATA sections, processing instructions, and the text between them.
 */
export const tokenize = (xml: string): string[] => xml.match(TOKEN) ?? []

const TOKEN =
  /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>|<(?:[^>"']|"[^"]*"|'[^']*')*>|[^<]+|</g

export type TokenKind = 'open' | 'close' | 'empty' | 'text' | 'other'

export function kindOf(token: string): TokenKind {
  if (!token.startsWith('<')) return 'text'
  if (token.startsWith('</')) return 'close'
  if (token.startsWith('<!') || token.startsWith('<?')) return 'other'
  return token.endsWith('/>') ? 'empty' : 'open'
}

export interface Tag {
  readonly name: string
  readonly attributes: readonly Attribute[]
  readonly end: '>' | '/>'
}

export interface Attribute {
  readonly name: string
  /** As written, without quotes. */
  readonly value: string
  readonly quote: string
  /** The white space before the attribute. */
  readonly space: string
}

export function readTag(token: string): Tag | null {
  const [, name, rest, end] = /^<([^\s/>]+)([^]*?)(\/?>)$/.exec(token) ?? []
  if (name === undefined || rest === undefined || (end !== '>' && end !== '/>')) return null
  const attributes = Array.from(
    rest.matchAll(/(\s*)([^\s=]+)\s*=\s*("[^"]*"|'[^']*')/g),
    ([, space = '', attribute = '', quoted = '']) => ({
      name: attribute,
      value: quoted.slice(1, -1),
      quote: quoted.slice(0, 1),
      space,
    }),
  )
  return { name, attributes, end }
}

export const writeTag = ({ name, attributes, end }: Tag): string =>
  `<${name}${attributes
    .map((each) => `${each.space}${each.name}=${each.quote}${each.value}${each.quote}`)
    .join('')}${end}`

/**
 * The position after the end of the element that begins at `from`; null: no element begins there,
 * or it has no end.
 */
export function endOf(tokens: readonly string[], from: number): number | null {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const kind = kindOf(tokens[at] ?? '')
    if (kind === 'open') depth++
    if (kind === 'close') depth--
    if (at === from && kind !== 'open' && kind !== 'empty') return null
    if (depth <= 0) return at + 1
  }
  return null
}
