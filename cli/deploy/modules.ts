/** The Worker of a project in modules, so that a visitor waits for what their request needs alone. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatMessages } from 'esbuild'
import * as v from 'valibot'
import { MAIN, writeWorker } from '../bundle.ts'
import type { ConfigRead } from '../config-read.ts'
import { inProject, project } from '../project.ts'
import { complain } from '../terminal.ts'

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
 * @returns the first module. null: wrangler bundles the Worker as one module, which works as well.
 */
export async function buildModules(
  entry: string | null,
  read: ConfigRead,
  others: readonly string[],
): Promise<string | null> {
  const isOwnWay = others.some((word) => ofBundler.test(word) || isFile(word))
  if (entry === null || isOwnWay) return null
  await rm(folder, { recursive: true, force: true })
  try {
    await writeWorker({ entry, read, project, outdir: folder })
    return join(folder, MAIN)
  } catch (error) {
    const parsed = v.safeParse(failure, error)
    if (!parsed.success) throw error
    const lines = await formatMessages(parsed.output.errors, { kind: 'error', color: false })
    complain(
      `wrangler bundles the Worker as one module, because it could not be split:\n${lines.join('').trim()}`,
    )
    return null
  }
}

/** Another entry, as `wrangler deploy` takes it. */
const isFile = (word: string): boolean => !word.startsWith('-') && existsSync(word)
