/** The Worker of a project in modules, so that a visitor waits for what their request needs alone. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatMessages } from 'esbuild'
import * as v from 'valibot'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { MAIN, writeWorker } from '../bundle.ts'
import { faultOfRead, type ConfigRead } from '../config-read.ts'
import { inProject, project } from '../project.ts'
import { complain } from '../terminal.ts'
import { findDrift } from './start.ts'

/** The maps stay here beside the modules, until the next deploy. */
const folder = inProject('.wrangler', 'gatehouse', 'worker')

/** Options of `wrangler deploy` that say how to bundle. */
const ofBundler =
  /^--(no-)?(bundle|minify|keep-names|tsconfig|define|alias|rules?|jsx-[a-z]+|script|find-additional-modules)(=|$)/i

const failure = v.object({
  errors: v.array(v.looseObject({ text: v.string() })),
})

/**
 * @param entry of the project; null: the project tells wrangler how to bundle it.
 * @param read the project's config.
 * @param others the operator's options for wrangler.
 * @returns the first module. null: wrangler bundles the Worker as one module, which works as well. The
 * error is what the Worker would not take of the config.
 */
export async function buildModules(
  entry: string | null,
  read: ConfigRead,
  others: readonly string[],
): Promise<Result<string | null, string>> {
  const isOwnWay = others.some((word) => ofBundler.test(word) || isFile(word))
  if (entry === null || isOwnWay) return ok(null)
  const fault = faultOfRead(read)
  if (fault !== null) return err(fault)
  await rm(folder, { recursive: true, force: true })
  try {
    await writeWorker({ entry, read, project, outdir: folder })
  } catch (error) {
    const parsed = v.safeParse(failure, error)
    if (!parsed.success) throw error
    const lines = await formatMessages(parsed.output.errors, { kind: 'error', color: false })
    complain(
      `wrangler bundles the Worker as one module, because it could not be split:\n${lines.join('').trim()}`,
    )
    return ok(null)
  }
  const main = join(folder, MAIN)
  const drift = await findDrift(main, read.file)
  return drift === null ? ok(main) : err(drift)
}

/** Another entry, as `wrangler deploy` takes it. */
const isFile = (word: string): boolean => !word.startsWith('-') && existsSync(word)
