/** A plugin of esbuild: the gate is one module. It would be dozens, and each takes time to load. */
import { relative, resolve, sep } from 'node:path'
import type { Plugin } from 'esbuild'
import { root } from './project.ts'

const PART = 'part'

/**
 * esbuild makes a module of the files that the same entries reach. Each `import()` is an entry, so it
 * would cut the gate by which parts share what. Here each part of ours imports the Worker: then all of
 * them reach all of the gate.
 *
 * @param entry of the Worker, in `folder`.
 */
export const oneGate = (folder: string, entry: string): Plugin => ({
  name: 'one-gate',
  setup(build) {
    build.onResolve({ filter: /^\./ }, async ({ kind, path, importer, resolveDir, pluginData }) => {
      const isPart = kind === 'dynamic-import' && importer.startsWith(root + sep)
      if (!isPart || pluginData === PART) return null
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: PART })
      return { ...found, path: relative(folder, found.path), namespace: PART }
    })
    build.onLoad({ filter: /./, namespace: PART }, ({ path }) => ({
      contents: [`import ${quoted(entry)}`, `export * from ${quoted(path)}`].join('\n'),
      resolveDir: folder,
    }))
    // Else esbuild leaves out what is imported and not used.
    build.onResolve({ filter: /./, namespace: PART }, ({ path }) => ({
      path: resolve(folder, path),
      sideEffects: true,
    }))
  },
})

const quoted = (path: string): string => JSON.stringify(path)

/** @returns the file that `import()` names, as the metafile has the others. */
export const partIn = (entryPoint: string): string => entryPoint.replace(`${PART}:`, '')
