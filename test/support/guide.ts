/** What docs/guides say, in parts that a test can hold to the code. */

/** Rows of the first table behind a heading, cell by cell, without its head. */
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

/** Outside of code: what Gatehouse says. */
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

/** `…` stands for whatever it is. */
export const patternOf = (words: string): RegExp =>
  new RegExp(
    words
      .split('…')
      .map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.{0,200}?'),
  )

/** The command of a line, as the shell makes words of it; null: it is of another program. */
export function wordsOf(line: string): readonly string[] | null {
  const [, typed] = /^(?:\S+ -o \| )?npx gatehouse (.*)$/.exec(line.trim()) ?? []
  if (typed === undefined) return null
  const words = typed.replace(/\s(>|#).*$/, '').match(/"[^"]*"|\S+/g) ?? []
  return words.map((word) => word.replace(/^"(.*)"$/, '$1'))
}
