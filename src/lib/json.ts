import { err, ok, type Result } from './result.ts'

export type JsonFault = 'not-json' | 'too-deep' | 'duplicate-name' | 'not-unicode'

/**
 * JSON → a value that every reader understands in the same way. So it refuses repeated names, which
 * RFC 8259 §4 leaves undefined, and lone surrogates and U+0000, which are not text for everyone
 * (RFC 7493 §2.1).
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

/** Scans only the structure, so `text` must already be valid JSON. Takes linear time. */
function findFault(text: string, maxDepth: number): JsonFault | null {
  /** The names seen in each open object; null for an open list. */
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

/** The position of the quote that ends the string beginning at `from`. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** A character is escaped after an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text[before - 1] === '\\') before--
  return (at - before) % 2 === 1
}

const readString = (token: string): string =>
  token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)

/** Whether the next character after white space is a colon. */
function isName(text: string, from: number): boolean {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? 'x')) at++
  return text[at] === ':'
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
