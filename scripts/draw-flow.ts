/**
 * A flow as a Mermaid sequence diagram. Its words are written by hand; which function calls which, and
 * in what order, is read from the source. A drawing that says otherwise is not made.
 */
import { inside } from './imports.ts'

export interface Part {
  /** Below src. */
  readonly file: string
  /** How the first line of the function begins. */
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

/** @param sources path below src → text. */
export function drawFlow(
  { parties: who, parts }: Flow,
  sources: ReadonlyMap<string, string>,
): string {
  const faults = parts.flatMap((part) => faultsOf(part, sources))
  if (faults.length > 0)
    throw new Error(`scripts/flows.ts is not as the source:\n${faults.join('\n')}`)
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
 * The functions of src that a function calls, each once, in the order of the first call: its own
 * file's, those that it imports from a folder beside lib, and those in its dependencies.
 */
function callsIn(file: string, begins: string, text: string): readonly string[] | null {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.trimStart().startsWith(begins))
  if (from < 0) return null
  const indent = /^ */.exec(lines[from] ?? '')?.[0] ?? ''
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith(`${indent}}`))
  const body = lines
    .slice(from, from + 1 + length)
    .join('\n')
    .slice(indent.length + begins.length)
    .replaceAll(/\/\*[\s\S]*?\*\/|^ *\/\/.*$/gm, '')
  const known = knownIn(file, text)
  const calls = Array.from(
    body.matchAll(/(?<![.\w])(deps\.|keys\.|spKeys\.)?(\w+)\(/g),
    ([, dependency, name = '']) => (dependency !== undefined || known.has(name) ? [name] : []),
  )
  return [...new Set(calls.flat())]
}

function knownIn(file: string, text: string): ReadonlySet<string> {
  const own = text.matchAll(
    /^ *(?:export )?(?:(?:async )?function (\w+)|const (\w+) = (?:async )?\()/gm,
  )
  const imported = [...text.matchAll(/^import \{([^}]*)\} from '(\.[^']+)'/gm)].filter(
    ([, , to = '']) => !inside({ from: file, to, typeOnly: false }).startsWith('lib/'),
  )
  return new Set([
    ...Array.from(own, ([, name, constant]) => name ?? constant ?? ''),
    ...imported.flatMap(([, names = '']) => names.split(',').map((name) => name.trim())),
  ])
}
