/**
 * `npm run audit`: asks the registry for known vulnerabilities of what is installed, for the package
 * and for tools. It fails where one is not waived, and where the registry gives no answer.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../cli/project.ts'
import { complain, say } from '../cli/terminal.ts'
import { readAudit } from './advisories.ts'

const waivers = JSON.parse(readFileSync(join(root, '.github', 'audit-waivers.json'), 'utf8'))

const report = await new Promise<unknown>((resolve) => {
  // npm ends with 1 where it found something, and prints the report all the same.
  execFile(
    'npm',
    ['audit', '--json', '--package-lock-only'],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
    (_, stdout) => {
      try {
        resolve(JSON.parse(stdout))
      } catch {
        resolve(null)
      }
    },
  )
})
const verdict = readAudit(report, waivers, new Date().toISOString().slice(0, 10))
if (verdict.kind === 'unknown') {
  complain(`Nothing is known: ${verdict.reason}`)
  complain('Ask again where the registry answers npm audit; not every mirror does.')
  process.exit(2)
}
for (const fault of verdict.faults) complain(fault)
if (verdict.faults.length > 0) {
  complain('Update the package, or waive it for a while in .github/audit-waivers.json.')
  process.exit(1)
}
say(`No known vulnerability that is not waived; ${waivers.length} are.`)
