/**
 * A plugin of esbuild: a deploy reads the config and checks it, so the Worker that it uploads need not.
 * The parser is a quarter of what each isolate would load before its first request.
 */
import { basename, dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'
import type { Config } from '../src/config.ts'
import { root } from './project.ts'

export interface ConfigRead {
  /** The file, which the Worker's entry imports. */
  readonly file: string
  /** Its default export. */
  readonly exported: unknown
  readonly config: Config
}

/** In the repository, and in the package. */
const readers = ['src/read-config.ts', 'dist/src/read-config.js'].map((file) => join(root, file))

export const configRead = (read: ConfigRead): Plugin => ({
  name: 'config-read',
  setup(build) {
    build.onLoad({ filter: /[\\/]read-config\.[jt]s$/ }, ({ path }) =>
      readers.includes(path) ? { contents: readerOf(read), resolveDir: dirname(read.file) } : null,
    )
  },
})

/** What of the config the Worker cannot be given; null: nothing. */
export function faultOfRead({ file, exported, config }: ConfigRead): string | null {
  const sources = placesIn(exported)
  const lost = functionsIn(config).find(({ value }) => !sources.has(value))
  if (!lost) return null
  const place = lost.at.replaceAll(/\["(\w+)"\]/g, (_, key: string) =>
    /^\d/.test(key) ? `[${key}]` : `.${key}`,
  )
  return `${file}: ${place.slice(1)} is a function that the file makes anew each time it is read, or that it inherits. Write it as a plain property: origin: (label) => …`
}

const placesIn = (exported: unknown): ReadonlyMap<unknown, string> =>
  new Map(functionsIn(exported).map(({ value, at }) => [value, at]))

const whyOther = (name: string): string =>
  `createGatehouse was given another config than the one that was checked. Export it from ${name}, and give it on as it is.`
const whyDrifted = (name: string): string =>
  `${name} exports another config in the Worker than where it was deployed. It must not depend on where it runs: on the environment, the machine, the time or chance.`

/** Why the Worker did not take the config of the file, in what its runtime printed; null: it did. */
export const driftIn = (printed: string, file: string): string | null =>
  [whyOther, whyDrifted].map((why) => why(basename(file))).find((why) => printed.includes(why)) ??
  null

/**
 * The module in place of `src/read-config.ts`. A config is data, but for the functions that find an
 * origin by a label: these are taken from the file.
 */
function readerOf(read: ConfigRead): string {
  const fault = faultOfRead(read)
  if (fault !== null) throw new Error(fault)
  const { file, exported, config } = read
  const sources = placesIn(exported)
  const functions = functionsIn(config).map(
    ({ value, at }) => `config${at} = exported${sources.get(value) ?? ''}`,
  )
  const name = basename(file)
  const said = JSON.stringify(exported, marked)
  return [
    `import exported from ${quoted(`./${name}`)}`,
    `const config = JSON.parse(${quoted(JSON.stringify(config))})`,
    // The same as `marked`.
    `const marked = (_, value) => (typeof value === 'function' ? ${quoted(MARK)} : value)`,
    'export function readConfig(input) {',
    `  if (input !== exported) throw new Error(${quoted(whyOther(name))})`,
    `  if (JSON.stringify(exported, marked) !== ${quoted(said)}) throw new Error(${quoted(whyDrifted(name))})`,
    ...functions,
    '  return config',
    '}',
  ].join('\n')
}

const MARK = 'a function'

/**
 * The file is run twice: here, and in the Worker. Functions are found by their place. So both runs
 * must export the same, or a site could get the origin of another.
 */
const marked = (_: string, value: unknown): unknown => (typeof value === 'function' ? MARK : value)

interface FunctionAt {
  readonly value: unknown
  /** `["sites"][0]["origin"]` */
  readonly at: string
}

function functionsIn(value: unknown, at = ''): readonly FunctionAt[] {
  if (typeof value === 'function') return [{ value, at }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => functionsIn(each, `${at}[${quoted(key)}]`))
}

const quoted = (text: string): string => JSON.stringify(text)
