/** The syntax tree of a TypeScript file, as Vite's parser makes it. */
import { parseAst } from 'vitest/node'

export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** Every node of a file, each before the nodes in it. */
export const nodesOf = (file: string, text: string): readonly Node[] =>
  nodesIn(parseAst(text, { lang: file.endsWith('x') ? 'tsx' : 'ts' }))

export function nodesIn(value: unknown): readonly Node[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap(nodesIn)
  return isNode(value) ? [value, ...below] : below
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  'start' in value &&
  'end' in value

/** The name of an identifier, or the text of a literal; null: the value is neither. */
export function nameIn(value: unknown): string | null {
  if (!isNode(value)) return null
  const name = value['name'] ?? value['value']
  return typeof name === 'string' ? name : null
}
