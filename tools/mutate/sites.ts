/**
 * Finds every condition in the source that leads to a refusal, and every part of a condition that
 * can be switched off alone. Works on the syntax tree, so new checks are found automatically.
 */
import { parseAst } from 'vitest/node'

export interface Site {
  readonly id: number
  readonly file: string
  readonly line: number
  /** The enclosing function, and the text of the check. */
  readonly check: string
}

export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Text to insert before and after a part of the source. */
export interface Wrap {
  readonly start: number
  readonly end: number
  readonly before: string
  readonly after: string
}

/** The source with a switch at every check. `gatehouseOff(id)` says whether that check is off. */
export function instrument(
  file: string,
  source: string,
  firstId: number,
): { readonly code: string; readonly sites: readonly Site[] } {
  const sites: Site[] = []
  const wraps: Wrap[] = []
  const add = (node: Node, place: Place, off: string, call = false): void => {
    const id = firstId + sites.length
    const text = source.slice(node.start, node.end).replaceAll(/\s+/g, ' ')
    const line = source.slice(0, node.start).split('\n').length
    const check = `${place.name}: ${text.length > 110 ? `${text.slice(0, 107)}...` : text}`
    sites.push({ id, file, line, check: off === 'true' ? `${check} (taken as so)` : check })
    const { start, end } = node
    wraps.push(
      call
        ? { start, end, before: `((...a) => gatehouseOff(${id}) ? ${off} : (`, after: ')(...a))' }
        : { start, end, before: `(gatehouseOff(${id}) ? ${off} : (`, after: '))' },
    )
  }
  visit(
    parseAst(source, { lang: 'ts' }) as unknown as Node,
    { name: 'module', nullPasses: false },
    add,
  )
  return { code: apply(source, wraps), sites }
}

interface Place {
  readonly name: string
  /** Whether the function returns null when it finds nothing wrong. */
  readonly nullPasses: boolean
}

type Add = (node: Node, place: Place, off: string, call?: boolean) => void

function visit(node: Node, outer: Place, add: Add): void {
  const place = placeOf(node, outer)
  if (node.type === 'IfStatement') {
    const [test, then] = [childOf(node, 'test'), childOf(node, 'consequent')]
    if (test && then && refuses(then, place)) weaken(test, false, place, add)
    else if (test && then && passes(then, place)) weaken(test, true, place, add)
  }
  if (node.type === 'ConditionalExpression') {
    const [test, a, b] = ['test', 'consequent', 'alternate'].map((key) => childOf(node, key))
    if (test && a && b) {
      const [refusesA, refusesB] = [isRefusal(a, place), isRefusal(b, place)]
      const [passesA, passesB] = [isPass(a, place), isPass(b, place)]
      if ((refusesA && !refusesB) || (passesB && !passesA)) weaken(test, false, place, add)
      else if ((refusesB && !refusesA) || (passesA && !passesB)) weaken(test, true, place, add)
    }
  }
  if (calleeOf(node)?.startsWith('judge')) add(node, place, 'null')
  if (node.type === 'Property' && keyOf(node) === 'judge') {
    const value = childOf(node, 'value')
    if (value && place.name === 'checks') add(value, place, 'null', true)
  }
  if (node.type === 'CallExpression' && isListener(node)) {
    const [, listener] = listOf(node, 'arguments')
    if (listener && /[rR]efuse/.test(textOf(listener))) add(listener, place, 'undefined', true)
  }
  const judgement = predicateOf(node)
  if (judgement) weaken(judgement, !/^isOver$/.test(place.name), place, add)
  for (const child of childrenOf(node)) visit(child, place, add)
}

/** Adds switches for the whole condition and for each part of it that makes it stricter. */
function weaken(test: Node, want: boolean, place: Place, add: Add): void {
  add(test, place, String(want))
  weakenParts(test, want, place, add)
}

function weakenParts(test: Node, want: boolean, place: Place, add: Add): void {
  if (test.type === 'ParenthesizedExpression') {
    const inner = childOf(test, 'expression')
    if (inner) weakenParts(inner, want, place, add)
  }
  if (test.type === 'UnaryExpression' && test['operator'] === '!') {
    const inner = childOf(test, 'argument')
    if (inner) weakenParts(inner, !want, place, add)
  }
  if (test.type === 'LogicalExpression') {
    const alone = (test['operator'] === '&&' && want) || (test['operator'] === '||' && !want)
    for (const side of operandsOf(test)) {
      if (alone) weaken(side, want, place, add)
      else weakenParts(side, want, place, add)
    }
  }
  const predicate = inlinePredicate(test)
  if (predicate) weakenParts(predicate, want, place, add)
}

/** The operands of a chain: for `a || b || c`, all three. */
const operandsOf = (test: Node): readonly Node[] =>
  ['left', 'right']
    .map((key) => childOf(test, key))
    .filter((side) => side !== null)
    .flatMap((side) =>
      side.type === 'LogicalExpression' && side['operator'] === test['operator']
        ? operandsOf(side)
        : [side],
    )

/** The condition inside `list.every((each) => condition)` or `some`. */
function inlinePredicate(node: Node): Node | null {
  const callee = node.type === 'CallExpression' ? childOf(node, 'callee') : null
  const property = callee && childOf(callee, 'property')
  if (!property || !['every', 'some'].includes(String(property['name']))) return null
  const [predicate] = listOf(node, 'arguments')
  const body = predicate && childOf(predicate, 'body')
  return body && body.type !== 'BlockStatement' ? body : null
}

function placeOf(node: Node, outer: Place): Place {
  const name =
    node.type === 'FunctionDeclaration' || node.type === 'VariableDeclarator'
      ? childOf(node, 'id')?.['name']
      : node.type === 'MethodDefinition'
        ? keyOf(node)
        : undefined
  if (typeof name !== 'string') return outer
  // A variable inside a function does not name a new place.
  if (node.type === 'VariableDeclarator' && outer.name !== 'module') return outer
  return { name, nullPasses: name.startsWith('judge') || name === 'checks' }
}

/** The returned condition, if the name shows a function that returns a boolean (`isX`). */
function predicateOf(node: Node): Node | null {
  const isNamed = (id: unknown) => /^is[A-Z]/.test(String((id as Node | null)?.['name']))
  if (node.type === 'VariableDeclarator' && isNamed(node['id'])) {
    const init = childOf(node, 'init')
    const body = init?.type === 'ArrowFunctionExpression' ? childOf(init, 'body') : null
    return body && body.type !== 'BlockStatement' ? body : null
  }
  if (node.type !== 'FunctionDeclaration' || !isNamed(node['id'])) return null
  const body = childOf(node, 'body')
  const last = body ? listOf(body, 'body').at(-1) : undefined
  return last?.type === 'ReturnStatement' ? childOf(last, 'argument') : null
}

function refuses(statement: Node, place: Place): boolean {
  if (statement.type === 'BlockStatement') {
    const last = listOf(statement, 'body').at(-1)
    return last ? refuses(last, place) : false
  }
  if (statement.type === 'ThrowStatement' || statement.type === 'ContinueStatement') return true
  const value = statement.type === 'ReturnStatement' ? childOf(statement, 'argument') : null
  return value ? isRefusal(value, place) || value.type === 'Identifier' : false
}

function passes(statement: Node, place: Place): boolean {
  const value = statement.type === 'ReturnStatement' ? childOf(statement, 'argument') : null
  return value ? isPass(value, place) : false
}

const isNull = (node: Node): boolean => node.type === 'Literal' && node['raw'] === 'null'

function isRefusal(value: Node, place: Place): boolean {
  if (value.type === 'ObjectExpression') {
    return listOf(value, 'properties').some((property) => keyOf(property) === 'reason')
  }
  if (value.type === 'ArrayExpression') return listOf(value, 'elements').length === 0
  if (isNull(value)) return !place.nullPasses
  return /^(err|malformed|notAllowed)$/.test(calleeOf(value) ?? '')
}

const isPass = (value: Node, place: Place): boolean =>
  (isNull(value) && place.nullPasses) || calleeOf(value) === 'ok'

function isListener(node: Node): boolean {
  const callee = childOf(node, 'callee')
  return callee?.type === 'MemberExpression' && childOf(callee, 'property')?.['name'] === 'on'
}

const calleeOf = (node: Node): string | null => {
  const name = node.type === 'CallExpression' ? childOf(node, 'callee')?.['name'] : null
  return typeof name === 'string' ? name : null
}

const keyOf = (node: Node): unknown => childOf(node, 'key')?.['name']

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value

export const childOf = (node: Node, key: string): Node | null => {
  const child = node[key]
  return isNode(child) ? child : null
}

const listOf = (node: Node, key: string): readonly Node[] => {
  const list = node[key]
  return Array.isArray(list) ? list.filter(isNode) : []
}

export const childrenOf = (node: Node): readonly Node[] =>
  Object.values(node).flatMap((value) =>
    isNode(value) ? [value] : Array.isArray(value) ? value.filter(isNode) : [],
  )

/** All identifiers inside the node, to find the functions that it calls. */
const textOf = (node: Node): string =>
  [typeof node['name'] === 'string' ? node['name'] : '', ...childrenOf(node).map(textOf)].join(' ')

export function apply(source: string, wraps: readonly Wrap[]): string {
  const marks = wraps.flatMap(({ start, end, before, after }, order) => [
    // An outer wrap opens before an inner one and closes after it.
    { at: start, opens: true, size: end - start, order, text: before },
    { at: end, opens: false, size: end - start, order, text: after },
  ])
  const sorted = marks.toSorted((a, b) => {
    if (a.at !== b.at) return a.at - b.at
    if (a.opens !== b.opens) return a.opens ? 1 : -1
    return a.opens ? b.size - a.size || a.order - b.order : a.size - b.size || b.order - a.order
  })
  let code = ''
  let at = 0
  for (const mark of sorted) {
    code += source.slice(at, mark.at) + mark.text
    at = mark.at
  }
  return code + source.slice(at)
}
