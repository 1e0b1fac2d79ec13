/** Runs wrangler, Cloudflare's own command: for the operator's login, and for migrations. */
import { execFile, type ExecFileException } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
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
      { cwd: project, timeout: MOST_SECONDS * 1000 },
      (error, stdout, stderr) => resolve(error ? err(whatItSaid(error, stderr)) : ok(stdout)),
    )
    child.stdin?.end()
  })
}

const MOST_SECONDS = 120

/** Without wrangler's colours, which would be shown as the characters that they are. */
function whatItSaid({ message, killed }: ExecFileException, stderr: string): string {
  if (killed) return `wrangler took longer than ${MOST_SECONDS} seconds.`
  const said = stripVTControlCharacters(stderr).replace(/^✘ \[ERROR\] /gm, '')
  return said.trim() || message
}
