/** A Worker of our own, as a deploy uploads it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bundleWorker, toDefine, type Module } from '../../cli/bundle.ts'
import type { ConfigRead } from '../../cli/config-read.ts'
import { toConfigRead } from '../../cli/settings.ts'

export interface StageModule {
  readonly type: 'ESModule'
  readonly path: string
  readonly contents: string
}

type Values = Readonly<Record<string, string | number>>

/**
 * A Worker of this folder.
 *
 * @param values what the file declares, by name.
 */
export async function buildWorker(name: string, values: Values): Promise<StageModule[]> {
  const modules = await buildDeployed(join(import.meta.dirname, `${name}.ts`), values)
  return modules.map((each) => esModule(each.name, each.text))
}

/** @param entry `worker.ts`, which has its config in itself, or beside it in `worker.config.ts`. */
export async function buildDeployed(entry: string, values: Values): Promise<readonly Module[]> {
  const config = entry.replace(/\.ts$/, '.config.ts')
  const read = existsSync(config) ? await readConfig(config, values) : undefined
  return (await bundleWorker(entry, values, read)).modules
}

/** As a deploy reads the config, but with values that the file declares. */
async function readConfig(file: string, values: Values): Promise<ConfigRead> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    define: toDefine(values),
  })
  const { default: exported }: { default: unknown } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')}`
  )
  const read = toConfigRead(file, exported)
  if (!read.ok) throw new Error(read.error.message)
  return read.value
}

export const esModule = (path: string, contents: string): StageModule => ({
  type: 'ESModule',
  path,
  contents,
})
