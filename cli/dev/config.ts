/** The config of `npm run dev`, bundled by us: wrangler holds requests while a file cannot be read. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { context, formatMessages, type BuildResult } from 'esbuild'
import { inProject } from '../project.ts'

/**
 * Follows each save. What cannot be bundled becomes a module that throws what esbuild says, so
 * that the Worker shows it as any other fault of the config.
 *
 * @param name of the file that is written. Git ignores its folder.
 */
export async function followConfig(config: string, name: string): Promise<string> {
  const folder = inProject('.wrangler', 'gatehouse')
  const file = join(folder, name)
  await mkdir(folder, { recursive: true })
  const save = async (result: BuildResult): Promise<void> => {
    // Renamed: wrangler never reads half of it.
    await writeFile(`${file}.new`, result.outputFiles?.[0]?.text ?? (await throwing(result)))
    await rename(`${file}.new`, file)
  }
  const bundling = await context({
    entryPoints: [config],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['browser', 'module', 'main'],
    logLevel: 'silent',
    plugins: [{ name: 'save', setup: (build) => build.onEnd(save) }],
  })
  // It rejects where the first bundle fails, and has saved what says so.
  await bundling.rebuild().catch(() => undefined)
  await bundling.watch()
  return file
}

async function throwing({ errors }: BuildResult): Promise<string> {
  const lines = await formatMessages(errors, { kind: 'error', color: false })
  return `throw new Error(${JSON.stringify(lines.join('\n').trim())})\n`
}
