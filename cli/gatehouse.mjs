#!/usr/bin/env node
// `npx gatehouse …` begins here, on whichever Node is installed (20 or newer) and perhaps in a
// fresh clone. What is missing is installed; then the pinned Node runs cli/main.ts.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node')

if (!existsSync(pinnedNode)) {
  console.error('gatehouse: installing what is missing (npm ci), once …')
  // npm's own output goes to stderr: stdout belongs to the command, which may be asked for JSON.
  const install = ['ci', '--prefix', root, '--no-fund', '--no-audit']
  const { status } = spawnSync('npm', install, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    console.error(`gatehouse: npm ci failed. Run it in ${root} and see what it says.`)
    process.exit(1)
  }
}

const command = spawn(
  pinnedNode,
  ['--disable-warning=ExperimentalWarning', join(root, 'cli', 'main.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
command.on('error', () => {
  console.error(`gatehouse: ${pinnedNode} does not start. Run npm ci in ${root}.`)
  process.exit(1)
})
// The terminal sends Ctrl-C to both; the command decides, and this process ends with it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => command.kill('SIGTERM'))
command.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
