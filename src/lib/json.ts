import { err, ok, type Result } from './result.ts'

export type JsonFault = 'not-json' | 'too-deep' | 'duplicate-name' | 'not-unicode'

/**
 * JSON → a value of which every reader makes the same: RFC 8259 §4 leaves open what a name given
 * twice means, and a lone surrogate or U+0000 is no text to everybody (RFC 7493 §2.1).
 */
export function parseJson(text: string, maxDepth: number): Result<unknown, JsonFault> {
  const value = parse(text)
  if (!value.ok) return value
  const fault = findFault(text, maxDepth)
  return fault ? err(fault) : value
}

function parse(text: string): Result<unknown, 'not-json'> {
  try {
    return ok(JSON.parse(text))
  } catch {
    return err('not-json')
  }
}

/** @param text is JSON: only what structures it is looked at. In time that grows with its length. */
function findFault(text: string, maxDepth: number): JsonFault | null {
  /** The names of each open object; null for a list. */
  const open: (Set<string> | null)[] = []
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '{' || sign === '[') {
      if (open.length >= maxDepth) return 'too-deep'
      open.push(sign === '{' ? new Set() : null)
    } else if (sign === '}' || sign === ']') {
      open.pop()
    } else if (sign === '"') {
      const end = endOfString(text, at)
      const string = readString(text.slice(at, end + 1))
      if (!string.isWellFormed() || string.includes('\0')) return 'not-unicode'
      const names = open.at(-1)
      if (names && isName(text, end + 1)) {
        if (names.has(string)) return 'duplicate-name'
        names.add(string)
      }
      at = end
    }
  }
  return null
}

/** Where the quote is that ends the string which begins at `from`. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** Behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text[before - 1] === '\\') before--
  return (at - before) % 2 === 1
}

const readString = (token: string): string =>
  token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)

/** Whether a colon is next. */
function isName(text: string, from: number): boolean {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? 'x')) at++
  return text[at] === ':'
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
