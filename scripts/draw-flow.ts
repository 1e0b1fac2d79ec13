/**
 * A flow as a Mermaid sequence diagram. Its words are written by hand; which function calls which, and
 * in what order, is read from the source. A drawing that says otherwise is not made.
 */
import { inside } from './imports.ts'
import { isNode, nameIn, nodesIn, nodesOf, type Node } from './syntax.ts'

export interface Part {
  /** Below src. */
  readonly file: string
  /** How the function begins. */
  readonly begins: string
  readonly steps: readonly Step[]
  /** What the function calls besides, and a drawing is clearer without; null: that is not kept. */
  readonly leftOut: readonly string[] | null
}

export interface Step {
  readonly calls: readonly string[]
  /** Lines of Mermaid. */
  readonly draws: readonly string[]
  /** Whether the flow ends there. Where such calls stand in a function says little about their order. */
  readonly isEnd: boolean
}

export interface Flow {
  readonly parties: readonly string[]
  readonly parts: readonly Part[]
}

export const step = (calls: readonly string[], ...draws: readonly string[]): Step => ({
  calls,
  draws,
  isEnd: false,
})

export const end = (calls: readonly string[], when: string, ...draws: readonly string[]): Step => ({
  calls,
  draws: [`break ${when}`, ...draws.map((line) => `  ${line}`), 'end'],
  isEnd: true,
})

/** @param sources path below src → text. */
export function drawFlow(
  { parties: who, parts }: Flow,
  sources: ReadonlyMap<string, string>,
): string {
  const faults = parts.flatMap((part) => faultsOf(part, sources))
  if (faults.length > 0)
    throw new Error(
      `the words of a flow (scripts/flow*.ts) are not as the source:\n${faults.join('\n')}`,
    )
  const lines = parts.flatMap(({ steps }) => steps.flatMap(({ draws }) => draws))
  return ['sequenceDiagram', ...[...who, ...lines].map((line) => `  ${line}`)].join('\n')
}

function faultsOf(part: Part, sources: ReadonlyMap<string, string>): string[] {
  const { file, begins, steps, leftOut } = part
  const called = callsIn(file, begins, sources.get(file) ?? '')
  if (!called) return [`${file} has no "${begins}".`]
  const named = [...steps.flatMap(({ calls }) => calls), ...(leftOut ?? [])]
  const gone = named.filter((name) => !called.includes(name))
  const missing = leftOut ? called.filter((name) => !named.includes(name)) : []
  const order = steps.filter(({ isEnd }) => !isEnd).flatMap(({ calls }) => calls)
  const inSource = called.filter((name) => order.includes(name))
  const late = order.find((name, at) => gone.length === 0 && name !== inSource[at])
  const where = `${file}, "${begins}"`
  return [
    ...gone.map((name) => `${where} no longer calls ${name}: take it out.`),
    ...missing.map((name) => `${where} calls ${name}: give it a step, or leave it out by name.`),
    ...(late ? [`${where} calls ${inSource.join(', ')} in this order: ${late} is elsewhere.`] : []),
  ]
}

/**
 * The functions of src that a function calls, each once, in the order of the first call: functions
 * of its own file, functions that the file imports from a folder beside lib or loads on demand, and
 * functions in its dependencies. null: nothing in the file begins so.
 */
function callsIn(file: string, begins: string, text: string): readonly string[] | null {
  const nodes = nodesOf(file, text)
  const found = nodes.find(({ start }) => text.startsWith(begins, start))
  if (!found) return null
  const known = knownIn(file, nodes)
  const calls = nodesIn(found)
    .flatMap(({ type, callee }) => (type === 'CallExpression' && isNode(callee) ? [callee] : []))
    .filter(({ start }) => start >= found.start + begins.length)
    .toSorted((a, b) => a.end - b.end)
    .flatMap((callee) => calledBy(callee, known) ?? [])
  return [...new Set(calls)]
}

/** The name of the function; null: it is a function of something else. */
function calledBy(callee: Node, known: ReadonlySet<string>): string | null {
  const { type, object, property } = callee
  const name = nameIn(type === 'MemberExpression' ? property : callee)
  if (name === null) return null
  const isDependency =
    type === 'MemberExpression' && /^(deps|keys|spKeys)$/.test(nameIn(object) ?? '')
  return isDependency || (type === 'Identifier' && known.has(name)) ? name : null
}

function knownIn(file: string, nodes: readonly Node[]): ReadonlySet<string> {
  const names = nodes.flatMap((node) => {
    switch (node.type) {
      case 'FunctionDeclaration':
        return [nameIn(node['id'])]
      case 'VariableDeclarator':
        return declaredBy(node)
      case 'ImportDeclaration': {
        const to = nameIn(node['source']) ?? ''
        const isOfOthers =
          to.startsWith('.') && !inside({ from: file, to, typeOnly: false }).startsWith('lib/')
        return isOfOthers ? nodesIn(node['specifiers']).map(({ local }) => nameIn(local)) : []
      }
      default:
        return []
    }
  })
  return new Set(names.filter((name) => name !== null))
}

/** An arrow function, or the functions of a module that loads on demand: `const { a } = await find()`. */
function declaredBy({ id, init }: Node): readonly (string | null)[] {
  if (!isNode(id) || !isNode(init)) return []
  if (init.type === 'ArrowFunctionExpression') return [nameIn(id)]
  return id.type === 'ObjectPattern' && init.type === 'AwaitExpression'
    ? nodesIn(id['properties']).map(({ value }) => nameIn(value))
    : []
}
