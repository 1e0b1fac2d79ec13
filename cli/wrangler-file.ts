/** The file of wrangler, as wrangler reads it for the environment of this command. */
import { existsSync } from 'node:fs'
import * as v from 'valibot'
import type { Unstable_Config } from 'wrangler'
import { err, ok, type Result } from '../src/lib/result.ts'
import { withStop } from '../src/lib/sentence.ts'
import { wranglerFile, wranglerFileName } from './project.ts'

export async function readWranglerFile(): Promise<Result<Unstable_Config, string>> {
  const { unstable_readConfig: read } = await import('wrangler')
  return tryWranglerFile(() => read({ config: wranglerFile }, { hideWarnings: true }))
}

const placed = v.object({ location: v.object({ line: v.number() }) })

/** @param read throws where wrangler does not take the file. */
export function tryWranglerFile<T>(read: () => T): Result<T, string> {
  if (!existsSync(wranglerFile)) {
    return err(
      `There is no ${wranglerFile}. Run the command in your project; npm create gatehouse makes a new one.`,
    )
  }
  try {
    return ok(read())
  } catch (error) {
    const line = v.is(placed, error) ? ` (line ${error.location.line})` : ''
    const said = error instanceof Error ? error.message.trim() : String(error)
    return err(withStop(`${wranglerFileName} cannot be read: ${said}${line}`))
  }
}
