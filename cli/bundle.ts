/** The Worker as a deploy uploads it: a module that every request needs, and others that load later. */
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type BuildOptions, type Metafile } from 'esbuild'
import { configRead, type ConfigRead } from './config-read.ts'
import { oneGate, partIn } from './one-gate.ts'
import { root } from './project.ts'
import { readConfig } from './settings.ts'

/** As wrangler bundles, and split. The names of functions are in the map. */
export const bundling = {
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2024',
  conditions: ['workerd', 'worker', 'browser'],
  mainFields: ['browser', 'module', 'main'],
  chunkNames: '[name]-[hash]',
  legalComments: 'none',
  sourcemap: 'linked',
  metafile: true,
  logLevel: 'silent',
  define: { 'process.env.NODE_ENV': '"production"' },
} as const satisfies BuildOptions

/** The module that is asked first. */
export const MAIN = 'worker.js'

export interface Module {
  /** The modules of a Worker name each other by it. */
  readonly name: string
  readonly text: string
}

export interface Bundle {
  /** The first is MAIN. */
  readonly modules: readonly Module[]
  readonly metafile: Metafile
}

/** Values that a file declares, by name, for esbuild. */
export const toDefine = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]))

/**
 * @param entry a TypeScript file with the Worker's handlers.
 * @param values what the file declares, by name.
 * @param read the config, as a deploy has read it. Left out: the Worker reads it when it starts.
 */
export async function bundleWorker(
  entry: string,
  values: Readonly<Record<string, unknown>> = {},
  read?: ConfigRead,
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...bundling,
    absWorkingDir: root,
    entryPoints: { worker: entry },
    plugins: [oneGate(root, entry), ...(read ? [configRead(read)] : [])],
    outdir: 'built',
    write: false,
    define: { ...bundling.define, ...toDefine(values) },
  })
  const modules = outputFiles
    .filter(({ path }) => path.endsWith('.js'))
    .map(({ path, text }) => ({ name: basename(path), text }))
  return { modules: modules.toSorted((a) => (a.name === MAIN ? -1 : 1)), metafile }
}

/** The Worker of Gatehouse's repository. */
export async function bundleOwn(): Promise<Bundle> {
  const read = await readConfig(join(root, 'gatehouse.config.ts'))
  if (!read.ok) throw new Error(read.error.message)
  return bundleWorker(join(root, 'worker.ts'), {}, read.value)
}

/** A Worker with the config that it imports. */
interface Written {
  readonly entry: string
  readonly read: ConfigRead
  readonly project: string
  readonly outdir: string
}

/** Builds into a folder, with a map beside each module. */
export async function writeWorker({ entry, read, project, outdir }: Written): Promise<void> {
  await build({
    ...bundling,
    absWorkingDir: project,
    entryPoints: { worker: entry },
    plugins: [oneGate(project, entry), configRead(read)],
    outdir,
  })
}

export interface Weight {
  readonly modules: number
  /** KiB, gzipped. */
  readonly gzipped: number
  readonly minified: number
  readonly sources: ReadonlySet<string>
}
/** The gate's modules, and by the file that `import()` names: what loads with it, and not before. */
export interface Weights {
  readonly gate: Weight
  readonly parts: ReadonlyMap<string, Weight>
}

export function weigh({ modules, metafile: { outputs } }: Bundle): Weights {
  const texts = new Map(modules.map(({ name, text }) => [name, text]))
  const weighAll = (paths: ReadonlySet<string>): Weight => {
    const bytes = [...paths].map((path) => Buffer.from(texts.get(basename(path)) ?? ''))
    const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0) / 1024
    return {
      modules: paths.size,
      minified: sum(bytes.map(({ length }) => length)),
      gzipped: sum(bytes.map((each) => gzipSync(each, { level: 9 }).length)),
      sources: new Set([...paths].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}))),
    }
  }
  const loadedWith = (first: string): ReadonlySet<string> => {
    const reached = new Set([first])
    for (const path of reached) {
      for (const { path: to, kind } of outputs[path]?.imports ?? []) {
        if (kind === 'import-statement') reached.add(to)
      }
    }
    return reached
  }
  const entries = Object.entries(outputs).filter(([path]) => path.endsWith('.js'))
  const main = entries.find(([path]) => basename(path) === MAIN)?.[0] ?? ''
  const gate = loadedWith(main)
  const parts = entries.flatMap(([path, { entryPoint }]) =>
    entryPoint === undefined || path === main
      ? []
      : [
          [
            partIn(entryPoint),
            weighAll(new Set([...loadedWith(path)].filter((each) => !gate.has(each)))),
          ] as const,
        ],
  )
  return { gate: weighAll(gate), parts: new Map(parts) }
}
