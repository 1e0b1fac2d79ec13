/** Cloudflare's own command, as far as we need it: the login of the operator, and migrations. */
import { execFile } from 'node:child_process'
import { err, ok, type Result } from '../src/lib/result.ts'
import { project, wranglerCommand } from './project.ts'

// Its greetings and warnings would stand in the middle of our answer.
process.env['WRANGLER_LOG'] ??= 'error'
process.env['WRANGLER_SEND_METRICS'] ??= 'false'

/** Not interactive: whatever wrangler would ask is taken as its default answer. */
export function runWrangler(args: readonly string[]): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [wranglerCommand(), ...args],
      { cwd: project, timeout: 120_000 },
      (error, stdout, stderr) => resolve(error ? err(stderr) : ok(stdout)),
    )
    child.stdin?.end()
  })
}
