/** Cloudflare's own command, as far as we need it: the login of the operator, and migrations. */
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { err, ok, type Result } from '../src/lib/result.ts'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

// Its greetings and warnings would stand in the middle of our answer.
process.env['WRANGLER_LOG'] ??= 'error'
process.env['WRANGLER_SEND_METRICS'] ??= 'false'

/** Not interactive: whatever wrangler would ask is taken as its default answer. */
export function runWrangler(args: readonly string[]): Promise<Result<string, string>> {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [wrangler, ...args],
      { cwd: root, timeout: 120_000 },
      (error, stdout, stderr) => resolve(error ? err(stderr) : ok(stdout)),
    )
    child.stdin?.end()
  })
}
