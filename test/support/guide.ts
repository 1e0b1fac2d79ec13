/** Reads docs/guides, so that tests can compare them with the code. */

/** The rows of the first table after a heading, cell by cell, without the header row. */
export function rowsBehind(markdown: string, heading: string): readonly (readonly string[])[] {
  const from = markdown.indexOf(`\n${heading}\n`)
  const table = /(?:^\|.*\n)+/m.exec(from < 0 ? '' : markdown.slice(from))?.[0] ?? ''
  const [, , ...rows] = table.trimEnd().split('\n').map(cellsOf)
  return rows
}

const cellsOf = (line: string): readonly string[] =>
  line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim())

export const codesOf = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)

/** The quotations outside of code blocks, which are messages of Gatehouse. */
export const quotesOf = (markdown: string): readonly string[] =>
  [
    ...withoutBlocks(markdown)
      .replace(/`[^`]*`/g, '`')
      .matchAll(/"([^"]+)"/g),
  ].map(([, words = '']) => words)

export const withoutBlocks = (markdown: string): string =>
  markdown.replace(/^ *```[\s\S]*?^ *```$/gm, '')

export interface Block {
  readonly language: string
  readonly text: string
}

export const blocksOf = (markdown: string): readonly Block[] =>
  [...markdown.matchAll(/^( *)```(\w+)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = '', language = '', text = '']) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd(),
    }),
  )

/** A pattern of the words, in which `…` matches anything. */
export const patternOf = (words: string): RegExp =>
  new RegExp(
    words
      .split('…')
      .map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.{0,200}?'),
  )

/**
 * The arguments of a line's command, split as a shell does; null: it is a command of another
 * program.
 */
export function wordsOf(line: string): readonly string[] | null {
  const [, typed] = /^(?:\S+ -o \| )?npx gatehouse (.*)$/.exec(line.trim()) ?? []
  if (typed === undefined) return null
  const words = typed.replace(/\s(>|#).*$/, '').match(/"[^"]*"|\S+/g) ?? []
  return words.map((word) => word.replace(/^"(.*)"$/, '$1'))
}
