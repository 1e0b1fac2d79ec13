/** The config of `npm run dev`, which we bundle: wrangler holds every request while a file has a fault. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { context, formatMessages, type BuildResult } from 'esbuild'
import { inProject } from '../project.ts'

/**
 * Bundles the config at each save. If that fails, the bundle is a module that throws esbuild's
 * message, so that the Worker shows it like any other fault of the config.
 *
 * @param name of the file that is written. Git ignores its folder.
 */
export async function followConfig(config: string, name: string): Promise<string> {
  const folder = inProject('.wrangler', 'gatehouse')
  const file = join(folder, name)
  await mkdir(folder, { recursive: true })
  const save = async (result: BuildResult): Promise<void> => {
    // Written aside and renamed, so that wrangler never reads half a file.
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
  // It rejects if the first bundle fails. The module that says so is saved by then.
  await bundling.rebuild().catch(() => undefined)
  await bundling.watch()
  return file
}

async function throwing({ errors }: BuildResult): Promise<string> {
  const lines = await formatMessages(errors, { kind: 'error', color: false })
  return `throw new Error(${JSON.stringify(lines.join('\n').trim())})\n`
}
