/** Splits a filter or path into words, signs and strings (RFC 7644 figure 1). */
import { err, ok, type Result } from '../lib/result.ts'

export type Token =
  | { readonly kind: 'sign'; readonly text: '(' | ')' | '[' | ']' }
  /** A name, an operator, a number, true, false or null. */
  | { readonly kind: 'word'; readonly text: string }
  /** A JSON string, already decoded. */
  | { readonly kind: 'string'; readonly text: string }

export function lex(text: string): Result<readonly Token[], string> {
  const tokens: Token[] = []
  const pattern = /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|([^\s()[\]"]+))\s*/gsy
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (!match) return err(text.trim() === '' ? 'it is empty' : 'a quote is not closed')
    const [, sign, string, word] = match
    if (isSign(sign)) tokens.push({ kind: 'sign', text: sign })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else {
      const meant = readString(string ?? '')
      if (meant === null) return err('one of its strings is not a JSON string')
      tokens.push({ kind: 'string', text: meant })
    }
  }
  return tokens.length > 0 ? ok(tokens) : err('it is empty')
}

const isSign = (text: string | undefined): text is '(' | ')' | '[' | ']' =>
  text !== undefined && '()[]'.includes(text)

/**
 * RFC 7644: a comparison value is JSON. Lone surrogates and U+0000 are refused: no stored value has
 * them.
 */
function readString(token: string): string | null {
  try {
    const value: unknown = JSON.parse(token)
    return typeof value === 'string' && value.isWellFormed() && !value.includes('\0') ? value : null
  } catch {
    return null
  }
}
