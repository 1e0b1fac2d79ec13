/** Runs wrangler, Cloudflare's own command: for the operator's login, and for migrations. */
import { execFile } from 'node:child_process'
import { err, ok, type Result } from '../src/lib/result.ts'
import { project, wranglerCommand } from './project.ts'

// wrangler's greetings and warnings would mix with our output.
process.env['WRANGLER_LOG'] ??= 'error'
process.env['WRANGLER_SEND_METRICS'] ??= 'false'

/** Not interactive: wrangler takes the default answer to each of its questions. */
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
