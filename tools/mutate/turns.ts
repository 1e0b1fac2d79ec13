/**
 * Finds every condition in the source, and every part of one, and turns it both ways: as if it
 * always held, and as if it never did. For code that decides rather than refuses.
 */
import { parseAst } from 'vitest/node'
import { apply, childOf, childrenOf, type Node, type Site, type Wrap } from './sites.ts'

export function turnConditions(
  file: string,
  source: string,
  firstId: number,
): { readonly code: string; readonly sites: readonly Site[] } {
  const sites: Site[] = []
  const wraps: Wrap[] = []
  const turn = ({ start, end }: Node, place: string): void => {
    const text = source.slice(start, end).replaceAll(/\s+/g, ' ')
    const line = source.slice(0, start).split('\n').length
    for (const way of ['true', 'false']) {
      const id = firstId + sites.length
      sites.push({ id, file, line, check: `${place}: ${text} (always ${way})` })
      wraps.push({ start, end, before: `(gatehouseOff(${id}) ? ${way} : (`, after: '))' })
    }
  }
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node, 'module', turn)
  return { code: apply(source, wraps), sites }
}

function visit(node: Node, outer: string, turn: (node: Node, place: string) => void): void {
  const name = childOf(node, 'id')?.['name']
  const isPlace = node.type === 'FunctionDeclaration' || outer === 'module'
  const place = isPlace && typeof name === 'string' ? name : outer
  for (const condition of conditionsOf(node)) turn(condition, place)
  for (const child of childrenOf(node)) visit(child, place, turn)
}

/** The conditions that a node itself has; those inside them are found when they are visited. */
function conditionsOf(node: Node): readonly Node[] {
  const keys =
    node.type === 'IfStatement' || node.type === 'ConditionalExpression'
      ? ['test']
      : node.type === 'LogicalExpression' && node['operator'] !== '??'
        ? ['left', 'right']
        : []
  return keys.flatMap((key) => childOf(node, key) ?? [])
}
